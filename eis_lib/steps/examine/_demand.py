"""Whether policies name the barriers that firms name, and how far that hangs on the survey."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import (
    _barrier,
    _barriers,
    _coverage,
    _gaps,
    _standing_note,
    _table,
    _titles,
    _years,
)
from eis_lib.steps.shared.needs import _own_areas, _survey_name, _survey_sure
from eis_lib.steps.shared.words import words_of

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
    coverage, survey, weighed_by = _coverage(review, weights, at)
    surveys = _near_surveys(review)
    dependence, spread, taus = _ranks(review, coverage, surveys)
    frame = _weight_table(review, coverage, survey)
    top = frame.loc[frame["rank"].le(3).fillna(False).astype(bool), "barrier"]
    words = words_of(__file__, review, least=policy.LEAST_BARRIERS)
    return Section(
        answer=sentences(
            words.most_named(_barriers(review, top)) if survey is not None else "",
            _spread_words(spread, words),
            weighed_by,
        ),
        charts={
            "survey_ranks": _survey_chart(review, dependence, spread, surveys, list(frame["barrier"]), words)
        },
        tables={
            "demand": _table(frame, words.demand_caption(), words.demand_note()),
            "rank_spread": _table(
                spread.assign(label=[_barrier(review, c) for c in spread["barrier"]])[
                    ["barrier", "label", "surveys", "rank_low", "rank_high", "moves"]
                ],
                words.spread_caption(),
                words.spread_note(),
            ),
            "survey_agreement": _table(taus, words.agreement_caption(), words.agreement_note()),
        },
        how_sure=words.demand_sure(_survey_sure(review, survey, at)),
        to_check=words.demand_to_check(plain(review.pack.region.name)),
    )


def _ranks(
    review: Review, coverage: pd.DataFrame, surveys: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the ranks of barriers in each survey, how far those of the uncovered move, and how surveys agree."""
    codes = review.vocabulary.codes("barrier")
    schemes = {key: policy.weigh_barriers(review.common.barriers, codes, key) for key in surveys["survey_id"]}
    dependence = policy.rank_dependence(coverage, schemes)
    usable = dependence[dependence["scheme"].isin(set(surveys.loc[surveys["usable"], "survey_id"]))]
    spread = policy.rank_spread(usable)
    if spread.empty:
        bare_codes = coverage.loc[coverage["in_force"] + coverage["undated"] == 0, "barrier"]
        spread = pd.DataFrame(
            {"barrier": bare_codes, "surveys": 0, "rank_low": pd.NA, "rank_high": pd.NA, "moves": pd.NA}
        )
    return dependence, spread, policy.rank_agreement(usable)


def _weight_table(review: Review, coverage: pd.DataFrame, survey: pd.Series | None) -> pd.DataFrame:
    """Return the weight of each barrier, heaviest first, and the survey it is from."""
    frame = coverage[["barrier", "asked", "share_percent", "weight", "rank"]].copy()
    frame.insert(1, "label", [_barrier(review, code) for code in frame["barrier"]])
    frame["survey_id"] = str(survey.name) if survey is not None else "equal"
    for column in ("year", "population", "source_title"):
        frame[column] = survey[column] if survey is not None else pd.NA
    return frame.sort_values("weight", ascending=False, na_position="last", kind="stable")


def _near_surveys(review: Review) -> pd.DataFrame:
    """Return the surveys of the region, its country and the EU, nearest first; those too short to rank are kept."""
    surveys = policy.list_surveys(review.common.barriers)
    home = [*_own_areas(review), review.pack.region.country]
    near = surveys[surveys["ref_area"].isin(home) | surveys["ref_area"].str.startswith("EU")]
    rank = [home.index(area) if area in home else len(home) for area in near["ref_area"]]
    return near.assign(rank=rank).sort_values(["rank", "year", "survey_id"], ignore_index=True)


def _spread_words(spread: pd.DataFrame, words: Words) -> str:
    """Return in words how far the order of the uncovered barriers hangs on the survey."""
    if spread.empty:
        return words.nothing_uncovered()
    several = spread[spread["surveys"] > 1]
    return words.ranks_of_uncovered(
        {
            "barriers": len(spread),
            "several": len(several),
            "moved": int((several["moves"] > 0).sum()),
            "once": int((spread["surveys"] == 1).sum()),
            "never": int((spread["surveys"] == 0).sum()),
        }
    )


def _survey_chart(
    review: Review,
    dependence: pd.DataFrame,
    spread: pd.DataFrame,
    surveys: pd.DataFrame,
    order: list[str],
    words: Words,
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
    title = words.surveys_title(len(bare), asked)
    return charts.chart_surveys(
        shown.assign(barrier=shown["barrier"].map(names), survey=shown["scheme"].map(heads))[
            ["barrier", "survey", "rank", "place_share"]
        ],
        title=title,
        subtitle=words.surveys_subtitle(),
        source=words.surveys_source(),
        description=words.surveys_description(title, len(heads)),
    )


def barrier_coverage(review: Review, *, weights: str | None = None, year: int | None = None) -> Section:
    """Return which barriers standing policies name, weighed by how many firms name them."""
    at = _years(review, year)
    coverage, survey, weighed_by = _coverage(review, weights, at)
    coverage.insert(1, "label", [_barrier(review, code) for code in coverage["barrier"]])
    coverage = coverage.sort_values("weight", ascending=False, na_position="last", kind="stable")
    silent = coverage[coverage["weight"].isna() & (coverage["in_force"] + coverage["undated"] == 0)]
    words = words_of(__file__, review, year=at)
    matrix, links = _matrix(review, list(coverage["barrier"]), at, words)
    return Section(
        answer=sentences(
            *_coverage_words(review, coverage, words, weighed=survey is not None),
            weighed_by,
        ),
        charts={
            "need_and_policy": _coverage_chart(review, coverage, survey, words),
            "policy_barriers": matrix,
        },
        tables={
            "barrier_coverage": _table(
                coverage, words.coverage_caption(), sentences(_standing_note(review), words.coverage_note())
            ),
            "policy_barriers": _table(links, words.matrix_caption()),
        },
        how_sure=words.coverage_sure(_survey_sure(review, survey, at)),
        to_check=words.coverage_to_check(_barriers(review, silent["barrier"])),
    )


def _coverage_words(
    review: Review, coverage: pd.DataFrame, words: Words, *, weighed: bool
) -> tuple[str, str]:
    """Return how many barriers standing policies name, and which they leave out."""
    gaps = _gaps(coverage)
    served = gaps[gaps["services"].fillna(0) > 0]
    counted = int((coverage["in_force"] + coverage["undated"] > 0).sum()), len(coverage)
    return (
        words.named_and_weighed(*counted, *policy.coverage_share(coverage))
        if weighed
        else words.named(*counted),
        words.left_out(_barriers(review, gaps["barrier"]), _barriers(review, served["barrier"])),
    )


def _coverage_chart(review: Review, coverage: pd.DataFrame, survey: pd.Series | None, words: Words) -> Any:
    gaps, unasked = _gaps(coverage), coverage[coverage["weight"].isna()]
    asked, weighed = len(coverage) - len(unasked), survey is not None
    title = words.coverage_title(
        {
            "weighed": weighed,
            "asked_named": asked - len(gaps),
            "asked": asked,
            "others_named": int((unasked["in_force"] + unasked["undated"] != 0).sum()),
            "others": len(unasked),
        }
    )
    return charts.chart_need_and_policy(
        coverage.assign(barrier=coverage["label"])[["barrier", "share_percent", "in_force", "undated"]],
        title=title,
        subtitle=words.coverage_subtitle(_survey_name(survey) if survey is not None else ""),
        source=words.coverage_source(survey["source_title"], int(survey["year"]))
        if survey is not None
        else words.coverage_source("", None),
        description=words.coverage_description(title, [_barrier(review, c) for c in gaps["barrier"]]),
        weighted=weighed,
    )


def _matrix(review: Review, order: list[str], year: int, words: Words) -> tuple[Any, pd.DataFrame]:
    """Return the picture of policies by barriers, and the links behind it."""
    links = policy.policy_barriers(review.pack.policies, year)
    titles = _titles(review.pack.policies)
    ranked = review.pack.policies.sort_values(["start_year", "policy_id"], na_position="first", kind="stable")
    active = set(links.loc[links["standing"].isin(["in-force", "undated"]), "barrier"])
    title = words.matrix_title(
        len(set(links["barrier"]) - active), never=len(set(order) - set(links["barrier"]))
    )
    chart = charts.chart_policy_barriers(
        links.assign(
            policy=links["policy_id"].map(titles),
            barrier=[_barrier(review, code) for code in links["barrier"]],
            standing=links["standing"].map(charts.STANDING_LABELS),
        )[["policy", "barrier", "standing"]],
        [_barrier(review, code) for code in order],
        [titles[key] for key in ranked["policy_id"]],
        title=title,
        subtitle=words.matrix_subtitle(),
        source=words.matrix_source(),
        description=words.matrix_description(title),
    )
    return chart, links
