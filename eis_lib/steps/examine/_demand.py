"""Whether policies name the barriers that firms name, and how far that hangs on the survey."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._headline import _range
from eis_lib.steps.examine._view import (
    OWN_CODING,
    STANDING_NOTE,
    _barrier,
    _barriers,
    _coverage,
    _gaps,
    _source_of,
    _table,
    _titles,
    _years,
)
from eis_lib.steps.shared.needs import _own_areas, _survey_name, _survey_sure
from eis_lib.steps.shared.words import _cap, _was

WEIGHT_CHOICES = {
    "One published survey": "published",
    "The region's own survey": "own",
    "All barriers alike": "equal",
}
"""What the control of the weights offers: words → parameter."""


# --- need ------------------------------------------------------------------------------------------------------


def demand(review: Review, *, weights: str | None = None, year: int | None = None) -> Section:
    """Return how strongly firms name each barrier, and how far the ranking of uncovered ones hangs on the survey."""
    at = _years(review, year)
    coverage, survey, words = _coverage(review, weights, at)
    codes = review.vocabulary.codes("barrier")
    surveys = _near_surveys(review)
    schemes = {key: policy.weigh_barriers(review.common.barriers, codes, key) for key in surveys["survey_id"]}
    dependence = policy.rank_dependence(coverage, schemes)
    usable = set(surveys.loc[surveys["usable"], "survey_id"])
    spread = policy.rank_spread(dependence[dependence["scheme"].isin(usable)])
    if spread.empty:
        bare_codes = coverage.loc[coverage["in_force"] + coverage["undated"] == 0, "barrier"]
        spread = pd.DataFrame(
            {"barrier": bare_codes, "surveys": 0, "rank_low": pd.NA, "rank_high": pd.NA, "moves": pd.NA}
        )
    taus = policy.rank_agreement(dependence[dependence["scheme"].isin(usable)])
    frame = coverage[["barrier", "asked", "share_percent", "weight", "rank"]].copy()
    frame.insert(1, "label", [_barrier(review, code) for code in frame["barrier"]])
    known = (
        survey
        if survey is not None
        else pd.Series({"year": pd.NA, "population": pd.NA, "source_title": pd.NA})
    )
    frame["survey_id"] = str(survey.name) if survey is not None else "equal"
    for column in ("year", "population", "source_title"):
        frame[column] = known[column]
    frame = frame.sort_values("weight", ascending=False, na_position="last", kind="stable")
    top = frame.loc[frame["rank"].le(3).fillna(False).astype(bool), "barrier"]
    first = f"Firms most often name {_barriers(review, top, 4)}. " if survey is not None else ""
    return Section(
        answer=f"{first}{_spread_words(spread)}{words}",
        charts={"survey_ranks": _survey_chart(review, dependence, spread, surveys, list(frame["barrier"]))},
        tables={
            "demand": _table(
                frame,
                "Demand weight of each barrier",
                "Weights sum to 1 over the barriers the survey asked about; a barrier it did not ask about has none, which is not zero.",
            ),
            "rank_spread": _table(
                spread.assign(label=[_barrier(review, c) for c in spread["barrier"]])[
                    ["barrier", "label", "surveys", "rank_low", "rank_high", "moves"]
                ],
                "How far the rank of each uncovered barrier moves between surveys",
                "Ranks are among the uncovered barriers, within each survey of at least "
                f"{policy.LEAST_BARRIERS} barriers; equal weights rank nothing.",
            ),
            "survey_agreement": _table(
                taus,
                "Agreement of surveys on the order of barriers (Kendall's tau-b)",
                "Blank under three barriers in common.",
            ),
        },
        how_sure=f"Low to medium: {_survey_sure(review, survey, at)}.",
        to_check=f"Whether firms of {plain(review.pack.region.name)} would name the same barriers: a short survey of its own would replace these weights.",
    )


def _near_surveys(review: Review) -> pd.DataFrame:
    """Return the surveys of the region, its country and the EU, nearest first; those too short to rank are kept."""
    surveys = policy.list_surveys(review.common.barriers)
    home = [*_own_areas(review), review.pack.region.country]
    near = surveys[surveys["ref_area"].isin(home) | surveys["ref_area"].str.startswith("EU")]
    rank = [home.index(area) if area in home else len(home) for area in near["ref_area"]]
    return near.assign(rank=rank).sort_values(["rank", "year", "survey_id"], ignore_index=True)


def _spread_words(spread: pd.DataFrame) -> str:
    """Return in words how far the order of the uncovered barriers hangs on the survey."""
    if spread.empty:
        return "Every barrier is named by a standing policy, so weights cannot reorder what is uncovered. "
    several = spread[spread["surveys"] > 1]
    once, never = int((spread["surveys"] == 1).sum()), int((spread["surveys"] == 0).sum())
    moved = int((several["moves"] > 0).sum())
    if several.empty:
        words = f"How the {count(len(spread), 'barrier')} without a standing policy rank cannot be cross-checked: "
    else:
        words = (
            f"Of {count(len(spread), 'barrier')} without a standing policy, {len(several)} {_was(len(several), 'was', 'were')} "
            f"ranked by several surveys and {moved or 'none'} of these {_was(moved, 'changes', 'change')} place; "
        )
    return words + f"{once} {_was(once, 'rests', 'rest')} on one survey that can rank, {never} on none. "


def _survey_chart(
    review: Review, dependence: pd.DataFrame, spread: pd.DataFrame, surveys: pd.DataFrame, order: list[str]
) -> Any:
    bare = set(spread["barrier"])
    names = {code: f"{_barrier(review, code)}{' ○' if code in bare else ''}" for code in order}
    heads = {
        str(row.survey_id): f"{row.ref_area.replace('_2020', '')} {row.year}{'' if row.usable else '*'}"
        for row in _each_row(surveys)
    }
    seen = pd.Series(list(heads.values())).value_counts()
    heads = {key: head if seen[head] == 1 else key for key, head in heads.items()}
    place = {code: i for i, code in enumerate(order)}
    shown = dependence.assign(place=dependence["barrier"].map(place)).sort_values("place", kind="stable")
    asked = dependence[dependence["asked"] & dependence["barrier"].isin(bare)]["barrier"].nunique()
    title = (
        f"{asked} of {len(bare)} barriers without a standing policy were asked about in at least one survey"
        if bare
        else "Every barrier is named by a standing policy, whatever the survey"
    )
    return charts.chart_surveys(
        shown.assign(barrier=shown["barrier"].map(names), survey=shown["scheme"].map(heads))[
            ["barrier", "survey", "rank", "place_share"]
        ],
        title=title,
        subtitle="Rank within each survey, 1 = most named; · not asked; ○ no standing policy names it; "
        f"* fewer than {policy.LEAST_BARRIERS} barriers, too few to weigh by",
        source="surveys listed under data and sources; never mixed with one another",
        description=f"{title}. {count(len(heads), 'survey')} side by side, the nearest area first.",
    )


def barrier_coverage(review: Review, *, weights: str | None = None, year: int | None = None) -> Section:
    """Return which barriers standing policies name, weighed by how many firms name them."""
    at = _years(review, year)
    coverage, survey, words = _coverage(review, weights, at)
    coverage.insert(1, "label", [_barrier(review, code) for code in coverage["barrier"]])
    coverage = coverage.sort_values("weight", ascending=False, na_position="last", kind="stable")
    unasked = coverage[coverage["weight"].isna()]
    silent = unasked[unasked["in_force"] + unasked["undated"] == 0]
    matrix, links = _matrix(review, list(coverage["barrier"]), at)
    check = "Whether the policies' full texts name a barrier our coding missed."
    if len(silent):
        check = f"Whether a policy says something on {_barriers(review, silent['barrier'], 8)}: no standing policy names it, and the survey did not ask."
    return Section(
        answer=_coverage_words(review, coverage, at, weighed=survey is not None) + words,
        charts={
            "need_and_policy": _coverage_chart(review, coverage, survey, at),
            "policy_barriers": matrix,
        },
        tables={
            "barrier_coverage": _table(
                coverage,
                f"Policies that name each barrier in {at}, beside its demand weight",
                f"{STANDING_NOTE} {OWN_CODING} Services are those standing that answer the barrier; blank: it "
                "can not be told, as only a service that names its barriers could show.",
            ),
            "policy_barriers": _table(links, "Which policy names which barrier"),
        },
        how_sure=f"Medium for what policies name (our coding of their text); need rests on {_survey_sure(review, survey, at)}.",
        to_check=check,
    )


def _coverage_words(review: Review, coverage: pd.DataFrame, year: int, *, weighed: bool) -> str:
    gaps = _gaps(coverage)
    served = gaps[gaps["services"].fillna(0) > 0]
    named = int((coverage["in_force"] + coverage["undated"] > 0).sum())
    words = f"{named} of {len(coverage)} barriers are named by a policy standing in {year}"
    if weighed:
        words += f"; by the weight firms give them, that is {_range(*policy.coverage_share(coverage))} of what was asked about"
    words += ". " + (
        f"None names {_barriers(review, gaps['barrier'], 6)}" if len(gaps) else "Nothing weighed is left out"
    )
    if len(served):
        words += f", though services answer {_barriers(review, served['barrier'], 4)} all the same"
    return f"{words}. "


def _coverage_chart(review: Review, coverage: pd.DataFrame, survey: pd.Series | None, year: int) -> Any:
    gaps, unasked = _gaps(coverage), coverage[coverage["weight"].isna()]
    asked = len(coverage) - len(unasked)
    title = f"Standing policies name {asked - len(gaps)} of {asked} barriers"
    if survey is not None:
        named = int((unasked["in_force"] + unasked["undated"] != 0).sum())
        title += f" that firms were asked about, and {named} of {len(unasked)} others"
    return charts.chart_need_and_policy(
        coverage.assign(barrier=coverage["label"])[["barrier", "share_percent", "in_force", "undated"]],
        title=title,
        subtitle=f"Left: {_survey_name(survey)}. Right: policies standing in {year}"
        if survey is not None
        else f"Policies standing in {year} that name each barrier; equal weights",
        source=_source_of(survey, year),
        description=f"{title}. Not named: {listing([_barrier(review, c) for c in gaps['barrier']], 8)}.",
        weighted=survey is not None,
    )


def _matrix(review: Review, order: list[str], year: int) -> tuple[Any, pd.DataFrame]:
    """Return the picture of policies by barriers, and the links behind it."""
    links = policy.policy_barriers(review.pack.policies, year)
    titles = _titles(review.pack.policies)
    ranked = review.pack.policies.sort_values(["start_year", "policy_id"], na_position="first", kind="stable")
    active = set(links.loc[links["standing"].isin(["in-force", "undated"]), "barrier"])
    gone, never = len(set(links["barrier"]) - active), len(set(order) - set(links["barrier"]))
    title = f"{count(gone, 'barrier')} {_was(gone, 'is', 'are')} named only by policies that have ended or not begun, {never or 'none'} by no policy at all"
    chart = charts.chart_policy_barriers(
        links.assign(
            policy=links["policy_id"].map(titles),
            barrier=[_barrier(review, code) for code in links["barrier"]],
            standing=links["standing"].map(charts.STANDING_LABELS),
        )[["policy", "barrier", "standing"]],
        [_barrier(review, code) for code in order],
        [titles[key] for key in ranked["policy_id"]],
        title=_cap(title),
        subtitle=f"Policies by start year, barriers by demand; the mark tells how the policy stands in {year}",
        source="policies of the region pack; our coding of the barriers they speak to",
        description=f"{_cap(title)}. Empty columns are barriers no policy names.",
    )
    return chart, links
