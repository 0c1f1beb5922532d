"""Step 2, examine: whether policies and strategies address the need, and whether anything delivers them.

Each function is one section of the workbook: a review in, a section out. What is computed is in `eis_lib.policy`;
here it is asked, worded and drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eis_lib import landscape, policy
from eis_lib.charts import examine as charts
from eis_lib.section import (
    Review,
    Section,
    SectionFunction,
    Table,
    count,
    findings_frame,
    listing,
    once_per_review,
    plain,
)

__all__ = [
    "LEAVES",
    "agreement",
    "barrier_coverage",
    "coherence",
    "criteria",
    "delivery",
    "demand",
    "governance",
    "headline",
    "limits",
    "logic",
    "meaning",
    "money",
    "objectives",
    "services_backed",
    "sources",
]

STANDING_NOTE = (
    "“In force” needs a start and an end year around the year looked at; a policy without an end year counts as "
    "standing, but nobody has said that it still runs."
)
LEAST_UNITS = 5
"""Agreement on fewer units than this is shown and not read (project convention)."""
NEAR_YEARS = 10
"""A survey further away in years than this, or of another country, makes a gap a candidate (project convention)."""
CRITERION_CHOICES = {"All five": "all"} | {
    code.replace("-", " ").capitalize(): code for code in policy.CRITERIA
}
"""What the control of the criteria offers: words → code."""
WEIGHT_CHOICES = {
    "One published survey": "published",
    "The region's own survey": "own",
    "All barriers alike": "equal",
}
"""What the control of the weights offers: words → parameter."""
OWN_CODING = (
    "Which barrier a policy or service addresses is coded by the editors of the tables, not by its owner."
)


# --- what several sections share -------------------------------------------------------------------------------


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, a column being an attribute."""
    return iter(frame.itertuples(index=False))


def _years(review: Review, year: int | None) -> int:
    return review.year if year is None else int(year)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def _barrier(review: Review, code: str) -> str:
    return review.vocabulary.label("barrier", code)


def _barriers(review: Review, codes: Iterable[str], most: int = 5) -> str:
    return listing([f"*{_barrier(review, code)}*" for code in codes], most)


def _cap(text: str) -> str:
    """Return text with a capital at its beginning, for the start of a sentence."""
    return text[:1].upper() + text[1:]


def _was(number: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with a number."""
    return one if number == 1 else many


def _short(text: str, most: int = 44) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1].rstrip(" ,;:-–(") + "…"


def _titles(policies: pd.DataFrame, most: int = 40) -> dict[str, str]:
    """Return a short label per policy, unique: titles cut to the same text keep their last word, else their id."""
    whole = {str(row.policy_id): str(row.title) for row in _rows(policies)}
    found: dict[str, str] = {}
    for key, title in whole.items():
        alike = [other for other in whole.values() if _short(other, most) == _short(title, most)]
        last = title.split()[-1]
        tail = last if sum(other.split()[-1] == last for other in alike) == 1 else key
        found[key] = (
            _short(title, most) if len(alike) == 1 else f"{_short(title, most - len(tail) - 1)} {tail}"
        )
    return found


def _bodies(review: Review) -> dict[str, str]:
    """Return the English name of each provider."""
    return dict(zip(review.pack.providers["provider_id"], review.pack.providers["name_en"], strict=True))


def _titled(review: Review, ids: Iterable[str], most: int = 4) -> str:
    titles = dict(zip(review.pack.policies["policy_id"], review.pack.policies["title"], strict=True))
    return listing([f"“{plain(_short(titles.get(key, key), 60))}”" for key in ids], most)


@once_per_review
def _reaching(review: Review) -> pd.DataFrame:
    """Return the services that reach resident firms, a scheme whose parts are listed left out."""
    services = landscape.reaches_smes(review.pack.services)
    above = landscape.umbrellas(review.pack.services)
    over = {scheme for key in services["service_id"] for scheme in above[key]}
    return services[~services["service_id"].isin(over)].reset_index(drop=True)


def _standing_rows(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[policy.standing(frame, year).isin(["in-force", "undated"])]


@once_per_review
def _service_barriers(review: Review) -> pd.DataFrame:
    return policy.derive_service_barriers(review.pack.services, review.common.support_type_barriers)


def _untold(review: Review, running: pd.DataFrame) -> frozenset[str]:
    """Return the barriers that our coding can not reach: that none of these services answers one of them says nothing."""
    coding = review.common.support_type_barriers
    faceted = landscape.add_facets(running, review.pack.providers, coding)
    return landscape.untold_needs(faceted, review.vocabulary.codes("barrier"), coding)


def _own_areas(review: Review) -> list[str]:
    """Return the codes that stand for the region itself or a part of its country, nearest first."""
    region = review.pack.region
    codes = [region.nuts_code, *(area.code for area in region.indicator_areas)]
    return [code for code in dict.fromkeys(codes) if code != region.country and not code.startswith("EU")]


@once_per_review
def _weights(review: Review, kind: str | None, year: int) -> tuple[pd.DataFrame, pd.Series | None, str]:
    """Return the demand weights asked for, the survey behind them, and one sentence that says which it is."""
    wanted = kind or review.parameters.weights
    codes = review.vocabulary.codes("barrier")
    surveys = policy.list_surveys(review.common.barriers)
    own = policy.choose_survey(surveys, _own_areas(review), year)
    nearest = policy.choose_survey(surveys, [review.pack.region.country, "EU"], year)
    note = ""
    if wanted == "own" and own is None:
        note = (
            f"The region has no survey of its own; add its rows to _common/barriers.csv with ref_area "
            f"{review.pack.region.nuts_code}. Until then the nearest published survey stands in. "
        )
    chosen = own if wanted == "own" and own is not None else None if wanted == "equal" else nearest
    weights = policy.weigh_barriers(review.common.barriers, codes, chosen)
    if chosen is None:
        words = (
            "All barriers weigh the same, so need ranks nothing."
            if wanted == "equal"
            else f"No survey of the country or the EU names at least {policy.LEAST_BARRIERS} barriers and is at most "
            f"{policy.SURVEY_YEARS} years away (project convention), so all barriers weigh the same."
        )
        return weights, None, note + words
    survey: pd.Series = surveys.set_index("survey_id").T[chosen]
    words = (
        f"Weights come from one survey alone: {plain(survey['source_title'])}, {survey['year']}, "
        f"{survey['ref_area']}; asked were {plain(survey['population'])}. It covers {survey['barrier_count']} of {len(codes)} barriers."
    )
    return weights, survey, note + words


def _survey_sure(review: Review, survey: pd.Series | None, year: int) -> str:
    if survey is None:
        return "equal weights, which no firm gave"
    gap = abs(int(survey["year"]) - year)
    where = (
        "the region's own country" if survey["ref_area"] == review.pack.region.country else survey["ref_area"]
    )
    distance = "of the same year" if gap == 0 else f"{count(gap, 'year')} away"
    return f"one survey of {where}, {distance}, its wording matched to our barriers by hand"


def _is_near(review: Review, survey: pd.Series, year: int) -> bool:
    """Return whether a survey is near enough, in place and time, for a gap to be called a finding."""
    at_home = survey["ref_area"] in {review.pack.region.country, *_own_areas(review)}
    return bool(at_home and abs(int(survey["year"]) - year) <= NEAR_YEARS)


def _far(review: Review, survey: pd.Series, year: int) -> str:
    """Return the warning that goes with a survey of another place or time."""
    return (
        "" if _is_near(review, survey, year) else "; the survey is too far off, in place or time, to rest on"
    )


def _survey_name(survey: pd.Series) -> str:
    """Return a survey in few words: area, year and whom it asked."""
    return f"{survey['ref_area']} {survey['year']}, {_short(str(survey['population']).split(',')[0], 60)}"


def _source_of(survey: pd.Series | None, year: int) -> str:
    pack = f"policies and services of the region pack, looked at in {year}"
    return pack if survey is None else f"{survey['source_title']} ({int(survey['year'])}); {pack}"


def _table(frame: pd.DataFrame, caption: str, note: str = "") -> Table:
    return Table(frame.reset_index(drop=True), caption, note)


@once_per_review
def _coverage(review: Review, weights: str | None, year: int) -> tuple[pd.DataFrame, pd.Series | None, str]:
    frame, survey, words = _weights(review, weights, year)
    running = _standing_rows(_reaching(review), year)
    links = _service_barriers(review)
    links = links[links["service_id"].isin(running["service_id"])]
    found = policy.cover_barriers(review.pack.policies, frame, year, links)
    blind = found["barrier"].isin(_untold(review, running)) & found["services"].eq(0)
    return found.assign(services=found["services"].mask(blind)), survey, words


def _promises(review: Review, year: int) -> pd.DataFrame:
    pack = review.pack
    untold = _untold(review, _standing_rows(pack.services, year))
    return policy.align_promises(pack.policies, pack.services, year, _service_barriers(review), untold=untold)


def _gaps(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the barriers that firms name and no standing policy does, most named first."""
    bare = coverage[
        coverage["weight"].notna()
        & coverage["coverage"].isin(["no policy", "lapsed or not begun", "unknown"])
    ]
    return bare.sort_values("weight", ascending=False, kind="stable")


def _measurements(review: Review) -> pd.DataFrame | None:
    return review.pack.measurements if review.pack.has("measurements") else None


@once_per_review
def _faults(review: Review, year: int) -> pd.DataFrame:
    coverage, _, _ = _coverage(review, None, year)
    asked = coverage[coverage["weight"].notna()].sort_values("weight", ascending=False, kind="stable")
    return policy.logic_faults(
        review.pack.policies, _reaching(review), list(asked["barrier"]), year, _measurements(review)
    )


@once_per_review
def _roles(review: Review, year: int) -> pd.DataFrame:
    recorded = review.pack.governance if review.pack.has("governance") else None
    return policy.governance_roles(
        review.pack.policies, review.pack.services, year, recorded, review.pack.providers
    )


# --- first screen ----------------------------------------------------------------------------------------------


def _left_behind(review: Review, stands: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return those of the standing policies that belong to a body that had closed before the year."""
    policies = review.pack.policies
    closed = policy.owner_closed(policies, review.pack.providers, year)
    return stands[stands["policy_id"].isin(policies.loc[closed, "policy_id"])]


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, on one screen."""
    year, name = review.year, plain(review.pack.region.name)
    policies = review.pack.policies
    aligned = policy.align_policies(policies, review.pack.services, year)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    undelivered = stands[stands["delivery"] != "delivered"]
    coverage, survey, _ = _coverage(review, None, year)
    named = coverage[coverage["in_force"] + coverage["undated"] > 0]
    lapsed = coverage[coverage["coverage"] == "lapsed or not begun"]
    low, high = policy.coverage_share(coverage)
    backed = policy.align_services(_reaching(review), policies, year, _service_barriers(review))
    alone = backed[backed["backing"] != charts.BACKING[0]]
    areas = policy.area_roles(_roles(review, year), review.vocabulary.codes("barrier"))
    ended, undated = int((aligned["standing"] == "ended").sum()), int((stands["standing"] == "undated").sum())
    fullest = _fullest_year(policies, year)
    left = len(_left_behind(review, stands, year))
    standing_words = (
        f"**{len(stands)} of the {count(len(aligned), 'policy', 'policies')} on record for {name} stand in {year}**"
        + (f", {undated} of them without an end year" if undated else "")
        + (f", {left} of a body that has closed since" if left else "")
        + f"; {count(ended, 'policy', 'policies')} had ended"
        + (
            f". The record is fullest for {fullest[0]}, with {fullest[1]} standing: before a gap is read into {year}, "
            "ask whether those that ended were renewed"
            if ended > len(stands)
            else ""
        )
        + "."
    )
    need_words = (
        f"{len(named)} of {len(coverage)} barriers are named by a standing policy"
        + (f", {len(lapsed)} more only by policies that have ended or not begun" if len(lapsed) else "")
        + (
            f". Weighed by the one survey that can rank them ({plain(_survey_name(survey))}), that is {_range(low, high)} of the need{_far(review, survey, year)}."
            if survey is not None
            else ". Need is not weighed."
        )
    )
    delivery_words = (
        f"{int(stands['delivery'].eq('delivered').sum())} of {len(stands)} standing policies can point to a service"
        + (f" (not {_titled(review, undelivered['policy_id'], 2)})" if len(undelivered) else "")
        + f"; the other way round, {len(alone)} of {count(len(backed), 'service')} ({_share(len(alone), len(backed))}) are named by no standing policy."
    )
    hidden = int((~stands["budget_published"]).sum())
    bullets = [
        standing_words,
        need_words,
        delivery_words,
        f"{hidden} of {len(stands)} standing policies {_was(hidden, 'publishes', 'publish')} no budget that we found.",
        _governance_words(review, areas),
    ]
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"policies_in_time": _timeline(review, aligned, year)},
        how_sure="Medium: years, owners and titles are published; which barrier and which service belong to a policy is mostly our coding.",
        to_check=(
            f"Whether the {count(ended, 'policy', 'policies')} that ended before {year} have successors this record lacks."
            if ended > len(stands)
            else f"Whether the policies without an end year still applied in {year}."
        ),
    )


def _fullest_year(policies: pd.DataFrame, year: int) -> tuple[int, int]:
    """Return the latest year, up to the one looked at, in which most dated policies were in force, and how many stood."""
    table = policy.standing_by_year(policies, range(year - 15, year + 1))
    best = table[table["in_force"] == table["in_force"].max()].iloc[-1]
    return int(best["year"]), int(best["in_force"] + best["undated"])


def _range(low: float, high: float) -> str:
    if np.isnan(low):
        return "an unknown share"
    return (
        f"{high:.0%}"
        if round(low, 2) == round(high, 2)
        else f"{low:.0%} (dated policies alone) to {high:.0%}"
    )


def _governance_words(review: Review, areas: pd.DataFrame) -> str:
    """Return in one sentence where several bodies decide and where somebody coordinates."""
    governed = areas[areas["state"] != "no policy"]
    total = governed["need_area"].nunique()
    several = governed[(governed["role"] == "decides") & (governed["bodies"] > 1)]
    several = several.sort_values("bodies", ascending=False, kind="stable")
    held = int((governed["role"].eq("coordinates") & governed["bodies"].gt(0)).sum())
    words = f"More than one body decides in {len(several)} of the {count(total, 'need area')} that standing policies name"
    if len(several):
        words += f" (most: {_barriers(review, several['need_area'].head(1))}, {several['bodies'].iloc[0]})"
    if not held:
        return f"{words}; no coordinator is recorded in any, which is unknown rather than absent."
    return f"{words}; a coordinator is recorded in {held}."


def _timeline(review: Review, aligned: pd.DataFrame, year: int) -> Any:
    """Return the chart of the policies' lives, with what delivers those standing."""
    titles = _titles(review.pack.policies)
    frame = aligned.sort_values(["start_year", "end_year", "policy_id"], na_position="first", kind="stable")
    stands = frame["standing"].isin(["in-force", "undated"])
    frame = frame.assign(
        policy=frame["policy_id"].map(titles), delivery=frame["delivery"].where(stands, "not standing")
    )
    without = int((stands & (frame["delivery"] != "delivered")).sum())
    title = f"{int(stands.sum())} of {len(frame)} policies stand in {year}; " + (
        f"{without} {_was(without, 'has', 'have')} no standing service on record"
        if without
        else "each has a service on record"
    )
    return charts.chart_timeline(
        frame[["policy", "start_year", "end_year", "delivery"]],
        year,
        title=title,
        subtitle="Life of each policy on record; an arrow: no end year known, so nobody says that it still runs",
        source="policies and services of the region pack",
        description=f"{title}. {int((~stands).sum())} others had ended or not begun.",
    )


# --- sources ---------------------------------------------------------------------------------------------------


def sources(review: Review) -> Section:
    """Return what the step reads: tables, rows, how well they are backed, and which surveys there are."""
    pack = review.pack
    uses = {
        "policies": "what is promised, by whom, from when to when",
        "services": "what delivers it",
        "actions": "who answers for what is planned",
        "governance": "who decides, funds, coordinates, delivers, advises",
        "assessments": "levels on the five criteria",
        "coherence": "how policies act on one another",
        "measurements": "baselines and targets of indicators",
    }
    rows = []
    for name, use in uses.items():
        frame = pack.tables[name]
        held = pack.has(name)
        rows.append(
            {
                "table_name": name,
                "rows": len(frame) if held else pd.NA,
                "published_share": float(frame["evidence"].eq("published").mean()) if held else np.nan,
                "own_judgement_rows": int(frame["evidence"].eq("own-judgement").sum()) if held else pd.NA,
                "used_for": use,
                "state": "present" if held else "absent: the section says so",
            }
        )
    tables = pd.DataFrame(rows)
    for column in ("rows", "own_judgement_rows"):
        tables[column] = tables[column].astype("Int64")
    surveys = policy.list_surveys(review.common.barriers)
    near = {review.pack.region.country, *_own_areas(review)}
    surveys = surveys.assign(
        use=[
            "own or national"
            if area in near
            else "European"
            if str(area).startswith("EU")
            else "another country"
            for area in surveys["ref_area"]
        ]
    )
    surveys["use"] = surveys["use"].where(surveys["usable"], surveys["use"] + ", too few barriers to rank")
    shown = surveys[~surveys["use"].str.startswith("another")]
    absent = [name for name in uses if not pack.has(name)]
    published = pack.policies["evidence"].eq("published").mean()
    answer = (
        f"{count(len(pack.policies), 'policy', 'policies')} ({published:.0%} from a published source), "
        f"{count(len(pack.services), 'service')} and {count(len(pack.actions), 'action')} are read"
        + (
            f"; there is no table of {listing(absent)}, and what rests on it is said to be unknown."
            if absent
            else "."
        )
        + f" {count(int(shown['usable'].sum()), 'survey')} of firms can weigh the need here."
    )
    if pack.region.invented:
        answer = f"**Everything here is invented for demonstration.** {answer}"
    return Section(
        answer=answer,
        tables={
            "examine_sources": _table(
                tables, "Tables this step reads", "A blank number means that the region has no such table."
            ),
            "surveys": _table(
                shown[
                    ["survey_id", "ref_area", "year", "population", "barrier_count", "use", "source_title"]
                ],
                "Surveys of barriers that could weigh the need",
                "A survey is one title, year and population; shares of two surveys are never mixed. "
                f"Fewer than {policy.LEAST_BARRIERS} barriers cannot rank (project convention).",
            ),
        },
        how_sure="High for what is listed; what was never published cannot be listed.",
    )


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
        for row in _rows(surveys)
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
    low, high = policy.coverage_share(coverage)
    coverage.insert(1, "label", [_barrier(review, code) for code in coverage["barrier"]])
    coverage = coverage.sort_values("weight", ascending=False, na_position="last", kind="stable")
    gaps = _gaps(coverage)
    served = gaps[gaps["services"].fillna(0) > 0]
    unasked = coverage[coverage["weight"].isna()]
    silent = unasked[unasked["in_force"] + unasked["undated"] == 0]
    named = int((coverage["in_force"] + coverage["undated"] > 0).sum())
    asked = len(coverage) - len(unasked)
    title = f"Standing policies name {asked - len(gaps)} of {asked} barriers" + (
        f" that firms were asked about, and {len(unasked) - len(silent)} of {len(unasked)} others"
        if survey is not None
        else ""
    )
    need = charts.chart_need_and_policy(
        coverage.assign(barrier=coverage["label"])[["barrier", "share_percent", "in_force", "undated"]],
        title=title,
        subtitle=f"Left: {_survey_name(survey)}. Right: policies standing in {at}"
        if survey is not None
        else f"Policies standing in {at} that name each barrier; equal weights",
        source=_source_of(survey, at),
        description=f"{title}. Not named: {listing([_barrier(review, c) for c in gaps['barrier']], 8)}.",
        weighted=survey is not None,
    )
    matrix, links = _matrix(review, list(coverage["barrier"]), at)
    answer = f"{named} of {len(coverage)} barriers are named by a policy standing in {at}"
    answer += (
        f"; by the weight firms give them, that is {_range(low, high)} of what was asked about. "
        if survey is not None
        else ". "
    )
    answer += (
        f"None names {_barriers(review, gaps['barrier'], 6)}" if len(gaps) else "Nothing weighed is left out"
    )
    answer += (
        f", though services answer {_barriers(review, served['barrier'], 4)} all the same. "
        if len(served)
        else ". "
    )
    check = "Whether the policies' full texts name a barrier our coding missed."
    if len(silent):
        check = f"Whether a policy says something on {_barriers(review, silent['barrier'], 8)}: no standing policy names it, and the survey did not ask."
    return Section(
        answer=answer + words,
        charts={"need_and_policy": need, "policy_barriers": matrix},
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


# --- alignment -------------------------------------------------------------------------------------------------


def delivery(review: Review, *, year: int | None = None) -> Section:
    """Return which policies a standing service delivers, and which promises nothing stands behind."""
    at, pack = _years(review, year), review.pack
    aligned = policy.align_policies(pack.policies, pack.services, at)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    promises = _promises(review, at)
    bare = stands[stands["services_named"] == 0]
    lapsed = stands[stands["delivery"] == "no named service stands"]
    empty = int((promises["support"] == "no service").sum())
    untold = int((promises["support"] == "cannot be told").sum())
    without = int((promises["support"] != "own service").sum())
    by_year = policy.standing_by_year(pack.policies, range(at - 15, at + 1))
    nodes, edges = _chain(review, at)
    orphans, idle = int((nodes["broken"] & nodes["layer"].eq(0)).sum()), len(bare) + len(lapsed)
    title = _cap(
        f"{count(orphans, 'barrier')} {_was(orphans, 'has', 'have')} no standing policy; "
        + (
            f"{count(idle, 'policy', 'policies')} {_was(idle, 'has', 'have')} no standing service on record"
            if idle or stands.empty
            else "every policy has a standing service on record"
        )
    )
    chain = charts.chart_logic_chain(
        nodes,
        edges,
        title=title,
        subtitle=f"Policies standing in {at}, the barriers they name and the bodies whose services deliver them",
        source="policies and services of the region pack; barriers are our coding",
        description=f"{title}. A diamond marks what has no link on one side.",
    )
    sentences = [
        f"{len(stands) - idle} of {len(stands)} policies standing in {at} can point to a standing service; "
        f"{count(int((aligned['standing'] == 'ended').sum()), 'other')} had ended by then."
    ]
    if len(bare):
        sentences.append(
            f"The tables name no service for {_titled(review, bare['policy_id'])}: either nothing delivers it, or the link was never recorded."
        )
    if len(lapsed):
        sentences.append(
            f"Every service named for {_titled(review, lapsed['policy_id'])} has ended or not begun."
        )
    if without:
        sentences.append(
            f"Of {count(len(promises), 'promise')} (a policy and a barrier it names), {without} {_was(without, 'has', 'have')} no service of that policy behind {_was(without, 'it', 'them')}"
            + (f", {empty} no service of anybody" if empty else "")
            + (f"; of {untold} it can not be told whether anybody has one." if untold else ".")
        )
    titles = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    first = {"no service named": 0, "no named service stands": 1, "delivered": 2}
    order = {"no service": 0, "cannot be told": 1, "other service": 2, "own service": 3}
    return Section(
        answer=" ".join(sentences),
        charts={"logic_chain": chain},
        tables={
            "alignment": _table(
                aligned.iloc[aligned["delivery"].map(first).argsort(kind="stable")],
                f"Each policy, how it stands in {at} and what delivers it",
                f"{STANDING_NOTE} A policy without a service is one for which none is recorded.",
            ),
            "promises": _table(
                promises.assign(title=promises["policy_id"].map(titles)).iloc[
                    promises["support"].map(order).argsort(kind="stable")
                ],
                "Each barrier a standing policy names, and the services that answer it",
                "own: standing services the policy names that answer the barrier; others: standing services it does not name. Cannot "
                "be told: no kind of support is taken to answer the barrier, so only a service that names it could show.",
            ),
            "policies_by_year": _table(
                by_year,
                "Policies standing in each year",
                "Few policies late may mean a record nobody has kept up.",
            ),
        },
        how_sure="Medium: links to services follow the sources where they give them; objectives are not linked one by one, so delivery is judged per policy.",
        to_check="For each policy without a service: ask its owner who carries it out.",
    )


def _chain(review: Review, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges of barrier → policy → delivering body, placed so that links cross little."""
    policies = _standing_rows(review.pack.policies, year)
    running = _standing_rows(review.pack.services, year)
    provider = dict(zip(running["service_id"], running["provider_id"], strict=True))
    needs = {row.policy_id: set(policy.list_items(row.barriers_addressed)) for row in _rows(policies)}
    doers = {
        row.policy_id: {provider[key] for key in policy.list_items(row.delivered_by) if key in provider}
        for row in _rows(policies)
    }
    codes = list(review.vocabulary.codes("barrier"))

    def centre(found: list[int]) -> float:
        return float(np.mean(found)) if found else float("inf")

    ranked = sorted(needs, key=lambda key: (centre([codes.index(code) for code in needs[key]]), key))
    codes.sort(key=lambda code: centre([i for i, key in enumerate(ranked) if code in needs[key]]))
    bodies = sorted(
        set().union(*doers.values()),
        key=lambda b: (centre([i for i, key in enumerate(ranked) if b in doers[key]]), b),
    )
    titles, names = _titles(policies), _bodies(review)
    linked = set().union(*needs.values())
    columns = (
        [(code, _barrier(review, code), code not in linked) for code in codes],
        [(key, titles[key], not (doers[key] and needs[key])) for key in ranked],
        [(body, _short(names.get(body, body), 26), False) for body in bodies],
    )
    nodes = pd.DataFrame(
        [
            {
                "node": f"{layer}:{key}",
                "layer": layer,
                "label": label,
                "place": (i + 0.5) / len(column),
                "broken": broken,
            }
            for layer, column in enumerate(columns)
            for i, (key, label, broken) in enumerate(column)
        ]
    )
    place = dict(zip(nodes["node"], nodes["place"], strict=True))
    lines = [(0, place[f"0:{code}"], 1, place[f"1:{key}"]) for key in ranked for code in sorted(needs[key])]
    lines += [(1, place[f"1:{key}"], 2, place[f"2:{body}"]) for key in ranked for body in sorted(doers[key])]
    return nodes, pd.DataFrame(lines, columns=["x", "y", "x2", "y2"])


def services_backed(review: Review, *, year: int | None = None) -> Section:
    """Return how closely each standing service is tied to a policy, from a recorded link to none."""
    at = _years(review, year)
    backed = policy.align_services(_reaching(review), review.pack.policies, at, _service_barriers(review))
    counts = backed["backing"].value_counts().reindex(list(charts.BACKING), fill_value=0)
    total, undated = len(backed), int((backed["standing"] == "undated").sum())
    unnamed = total - int(counts[charts.BACKING[0]])
    frame = (
        backed.groupby(["support_type", "backing"], as_index=False)
        .size()
        .rename(columns={"size": "services"})
    )
    frame["support_type"] = [review.vocabulary.label("support_type", code) for code in frame["support_type"]]
    most = backed.loc[backed["backing"] != charts.BACKING[0], "provider_id"].value_counts()
    title = f"{unnamed} of {count(total, 'service')} are named by no standing policy"
    chart = charts.chart_backing(
        frame,
        title=title,
        subtitle=f"Services standing in {at} by the closest tie to a policy; {undated} of them have no end year",
        source="services and policies of the region pack; ties by barrier are our coding",
        description=f"{title}; {counts[charts.BACKING[1]]} only by one that has ended, {counts[charts.BACKING[4]]} without any tie.",
    )
    ties = [
        f"{counts[name]} {words}"
        for name, words in zip(
            charts.BACKING[1:],
            (
                "only by one that has ended or not begun",
                "with a provider whose own policies do not name them",
                "sharing no more than a barrier with a policy",
                "with no tie at all",
            ),
            strict=True,
        )
        if counts[name]
    ]
    answer = f"{unnamed} of {count(total, 'service')} ({_share(unnamed, total)}) standing in {at} are named by no standing policy"
    answer += f": {listing(ties)}." if ties else "."
    answer += _then_words(review, at)
    if len(most):
        first = str(most.index[0])
        answer += f" Most of them are with {plain(_bodies(review).get(first, first))} ({most.iloc[0]})."
    rank = {name: i for i, name in enumerate(reversed(charts.BACKING))}
    return Section(
        answer=answer,
        charts={"services_backed": chart},
        tables={
            "services_backed": _table(
                backed.iloc[backed["backing"].map(rank).argsort(kind="stable")],
                f"Each service standing in {at} and its closest tie to a policy",
                "The first two ties are recorded (delivered_by); the others are read from the owner and from shared barriers.",
            )
        },
        how_sure="Low to medium: a policy outside the tables may back a service; that no policy here names it is certain.",
        to_check="For the services without a named policy: under which mandate and budget line they run.",
    )


def _then_words(review: Review, year: int) -> str:
    """Return how services were backed in the year for which the record is fullest, if that is another year."""
    fullest, _ = _fullest_year(review.pack.policies, year)
    if fullest == year:
        return ""
    then = policy.align_services(_reaching(review), review.pack.policies, fullest, _service_barriers(review))
    unnamed = int((then["backing"] != charts.BACKING[0]).sum())
    return f" In {fullest}, for which the record is fullest, it was {unnamed} of {len(then)} ({_share(unnamed, len(then))})."


def money(review: Review, *, year: int | None = None) -> Section:
    """Return which policies publish what they cost; a budget nobody published is a finding, not a zero."""
    at = _years(review, year)
    aligned = policy.align_policies(review.pack.policies, review.pack.services, at)
    order = {code: i for i, code in enumerate(review.vocabulary.codes("level"))}
    label = {code: review.vocabulary.label("level", code) for code in order}
    standing = aligned["standing"].isin(["in-force", "undated"])
    stands = aligned[standing]
    hidden = stands[~stands["budget_published"]]
    by_level = stands.groupby("level").agg(
        standing=("policy_id", "size"), published=("budget_published", "sum")
    )
    by_level = by_level.reset_index().sort_values("level", key=lambda column: column.map(order))
    closed = [
        label[code].replace("European", "EU").lower().replace("eu", "EU")
        for code in by_level.loc[by_level["published"] == 0, "level"]
    ]
    titles = _titles(review.pack.policies, 38)
    frame = aligned[aligned["standing"] != "not-started"].sort_values(
        "budget_eur", ascending=False, na_position="last", kind="stable"
    )
    title = f"{len(hidden)} of {count(len(stands), 'standing policy', 'standing policies')} {_was(len(hidden), 'publishes', 'publish')} no budget that we found"
    drawn = {}
    if frame["budget_eur"].notna().any():
        drawn["money"] = charts.chart_money(
            pd.DataFrame(
                {
                    "policy": [
                        ("" if on else "† ") + titles[key]
                        for key, on in zip(frame["policy_id"], standing[frame.index], strict=True)
                    ],
                    "budget_eur": frame["budget_eur"].to_numpy(),
                    "level": frame["level"].map(label).to_numpy(),
                    "level_rank": frame["level"].map(order).to_numpy(),
                }
            ),
            title=title,
            subtitle=f"Whole published budget of each policy: all its years, all its territory; † ended by {at}",
            source="policies of the region pack",
            description=f"{title}. Budgets are not added: they cover different territories and years and may contain one another.",
        )
    highest = stands[stands["budget_published"]].sort_values("budget_eur", ascending=False).head(1)
    answer = f"{len(hidden)} of {count(len(stands), 'policy', 'policies')} standing in {at} {_was(len(hidden), 'publishes', 'publish')} no budget that we found"
    answer += f", among them every {listing(closed)} one. " if closed and len(hidden) < len(stands) else ". "
    if len(highest):
        answer += f"The largest published is EUR {highest['budget_eur'].iloc[0] / 1e6:,.1f} million, for {_titled(review, highest['policy_id'])}. "
    answer += "Budgets are not added up: they cover different territories and years, and one may sit inside another."
    columns = [
        "policy_id",
        "title",
        "level",
        "standing",
        "start_year",
        "end_year",
        "budget_eur",
        "budget_published",
    ]
    return Section(
        answer=answer,
        charts=drawn,
        tables={
            "money": _table(
                frame[columns],
                "Published budget of each policy, in euros",
                "Blank: not published, or not found; never zero.",
            ),
            "money_by_level": _table(
                by_level, f"Policies standing in {at}, and those of them with a published budget, by level"
            ),
        },
        how_sure="High that the figures were published; medium that no other was, since only the openings of many sources could be read.",
        to_check="The budgets of the policies shown as “not published”, above all those the region decides itself.",
    )


# --- intervention logic ----------------------------------------------------------------------------------------


def logic(review: Review, *, year: int | None = None) -> Section:
    """Return where the chain need → objective → activity → result → indicator breaks, and where it cannot be judged."""
    at = _years(review, year)
    faults = _faults(review, at)
    summary = policy.logic_summary(faults)
    reach = policy.logic_reach(
        policy.logic_graph(_standing_rows(review.pack.policies, at), review.pack.services)
    )
    judged, blind = summary[summary["judged"] > 0], summary[summary["judged"] == 0]
    broken = judged[judged["faults"] > 0]
    broken = broken.iloc[(-broken["faults"] / broken["judged"]).argsort(kind="stable")]
    worst = (
        f"Most often broken on record: {broken['label'].iloc[0].lower()} ({broken['faults'].iloc[0]} of {broken['judged'].iloc[0]})"
        if len(broken)
        else "No break found"
    )
    title = worst + (f"; {len(blind)} of {len(summary)} links cannot be judged" if len(blind) else "")
    chart = charts.chart_logic_faults(
        summary,
        title=title,
        subtitle=f"Intervention logic of the policies standing in {at}: how many of those judged are broken",
        source="policies, services and measurements of the region pack; needs from the survey in use",
        description=f"{title}. "
        + " ".join(f"{row.label}: {row.faults} of {row.judged}." for row in _rows(judged)),
    )
    sentences = [
        f"The chain breaks at {listing([f'{row.label.lower()} ({row.faults} of {row.judged})' for row in _rows(broken)], 6)}."
        if len(broken)
        else "No break was found in what can be judged."
    ]
    far = int(reach["reaches"].isin(["result", "indicator"]).sum())
    sentences.append(
        f"Of {count(len(reach), 'need')} that standing policies name, {far or 'none'} can be followed as far as a result on record, "
        f"{int(reach['activity'].gt(0).sum())} to an activity."
    )
    if len(blind):
        sentences.append(
            f"{_cap(listing([text.lower() for text in blind['label']]))} cannot be judged, because {listing(sorted(set(blind['basis'])))}."
        )
    return Section(
        answer=" ".join(sentences),
        charts={"logic_faults": chart},
        tables={
            "logic_faults": _table(
                faults[faults["verdict"] != "sound"],
                f"Breaks in the intervention logic in {at}",
                "The tables link objectives and activities through their policy, so a policy is judged whole.",
            ),
            "logic_summary": _table(summary, "Kinds of break: judged, found, not to be judged"),
            "logic_reach": _table(
                reach,
                "How far each need can be followed along the chain",
                "Counts of nodes that follow from the need.",
            ),
        },
        how_sure="Medium where judged; a column nobody has filled is “cannot be judged”, not sound.",
        to_check="Fill the columns results and indicators of policies.csv for the policies the region owns."
        if len(blind)
        else "Read the breaks listed against the policies' own texts.",
    )


def objectives(review: Review, *, year: int | None = None) -> Section:
    """Return how far objectives are SMART and indicators RACER, as far as tables can tell."""
    at = _years(review, year)
    smart = policy.check_objectives(review.pack.policies, at)
    racer = policy.check_indicators(review.pack.policies, review.pack.actions, _measurements(review))
    figures = int((smart["measurable"] == "yes").sum())
    timed = int((smart["time_bound"] == "yes").sum())
    actions = review.pack.actions
    carried = int(actions["indicator"].notna().sum())
    answer = (
        f"{figures} of {count(len(smart), 'objective')} standing in {at} can be measured (a figure in the wording, or an indicator), "
        f"{timed} {'has' if timed == 1 else 'have'} an end year. "
        f"{carried} of {count(len(actions), 'action')} {'carries' if carried == 1 else 'carry'} an indicator"
        + (
            f"; of {count(len(racer), 'indicator')} named anywhere, {int((racer['robust'] == 'yes').sum())} {'has' if int((racer['robust'] == 'yes').sum()) == 1 else 'have'} unit, direction, baseline and target."
            if _measurements(review) is not None
            else ". There is no table of measurements, so whether indicators are credible, easy and robust cannot be judged."
        )
    )
    return Section(
        answer=answer,
        tables={
            "objectives": _table(
                smart,
                "SMART marks of objectives",
                "Specific and achievable need a reader who knows the matter; the tables cannot tell. Marks are a project convention after Doran (1981).",
            ),
            "indicators": _table(
                racer,
                "RACER marks of indicators",
                "Accepted needs the people concerned. None of the common ERDF output and result indicators (RCO, RCR) measures exports: a programme-specific indicator is needed.",
            ),
        },
        how_sure="Medium: the marks are read from wording and filled cells, not from the quality of the measurement.",
        to_check="Objectives without a figure: whether the full text of the policy holds one.",
    )


# --- coherence -------------------------------------------------------------------------------------------------


def coherence(review: Review, *, year: int | None = None) -> Section:
    """Return how policies act on one another where judged, and which pairs somebody should judge."""
    at = _years(review, year)
    pack = review.pack
    stands = _standing_rows(pack.policies, at)
    ids = list(
        pack.policies.sort_values(["start_year", "policy_id"], na_position="first", kind="stable")[
            "policy_id"
        ]
    )
    judged = pack.coherence if pack.has("coherence") else None
    candidates = policy.coherence_candidates(stands, judged)
    titles = _titles(pack.policies, 46)
    number = {
        key: f"{i}  {titles[key]}"
        for i, key in enumerate([k for k in ids if k in set(stands["policy_id"])], start=1)
    }
    tables: dict[str, Table] = {}
    drawn: dict[str, Any] = {}
    tables["coherence_candidates"] = _table(
        candidates,
        f"Candidates: pairs of policies standing in {at} that share a barrier and overlap in time, not judged both ways",
        "Shared barriers are our coding. A candidate says that two policies meet, not whether they help or hinder one another.",
    )
    meeting = (
        pd.concat([candidates["policy_a"], candidates["policy_b"]]).value_counts()
        if len(candidates)
        else pd.Series(dtype=int)
    )
    across = int((candidates["relation"] == "across levels").sum())
    apart = int((~candidates["same_owner"]).sum()) if len(candidates) else 0
    if len(candidates):
        title = f"{len(candidates)} pairs of policies meet on a barrier, unjudged"
        drawn["coherence_candidates"] = charts.chart_candidates(
            candidates.assign(
                policy_a=candidates["policy_a"].map(number), policy_b=candidates["policy_b"].map(number)
            )[["policy_a", "policy_b", "shared", "same_owner"]],
            list(number.values()),
            title=title,
            subtitle=f"Candidates, not findings: number of barriers shared by two policies standing in {at}",
            source="policies of the region pack; barriers are our coding",
            description=f"{title}; {across} of them across levels of government.",
        )
    if judged is None:
        answer = (
            "Nobody has judged how these policies act on one another: the region has no table coherence.csv, so the "
            f"matrix is blank, not neutral. {_cap(count(len(candidates), 'pair'))} of standing policies share a barrier and overlap in time "
            f"({across} across levels, {apart} with different owners); they are candidates to judge"
            + (
                f", starting with {_titled(review, meeting.index[:1])}, which meets {meeting.iloc[0]} others."
                if len(meeting)
                else "."
            )
        )
        sure = "Unknown: there is no judgement; candidates rest on our coding of barriers."
        check = "Let two people score the candidate pairs in both directions, from −3 (cancelling) to +3 (indivisible), in coherence.csv."
    else:
        matrix = policy.coherence_matrix(judged, ids)
        sums = policy.coherence_sums(matrix)
        pairs = policy.coherence_pairs(judged)
        cells = len(ids) * (len(ids) - 1)
        filled = int(matrix.notna().to_numpy().sum())
        worst = pairs[pairs["score"] < 0]
        split = pairs[pairs["spread"] >= 2]
        tables["coherence_sums"] = _table(
            sums.assign(title=sums["policy_id"].map(titles)),
            "Influence (row sum) and dependence (column sum)",
            "Sums over the scored cells only; a policy nobody scored has none.",
        )
        tables["coherence_pairs"] = _table(
            pairs,
            "Every direction that was scored, worst first",
            "Median of the raters; scale of Nilsson et al. (2016).",
        )
        used = [k for k in ids if k in set(pairs["policy_from"]) | set(pairs["policy_to"])]
        labels = {key: f"{i}  {titles[key]}" for i, key in enumerate(used, start=1)}
        title = (
            f"{len(worst)} of {filled} scored directions hinder; {cells - filled} of {cells} are not scored"
        )
        drawn = {
            "coherence_matrix": charts.chart_coherence(
                pairs.assign(
                    policy_from=pairs["policy_from"].map(labels), policy_to=pairs["policy_to"].map(labels)
                )[["policy_from", "policy_to", "score"]],
                list(labels.values()),
                title=title,
                subtitle="Row acts on column; median of the raters; blank = nobody scored it",
                source="coherence table of the region pack; scale after Nilsson, Griggs and Visbeck (2016)",
                description=f"{title}.",
            ),
            **drawn,
        }
        leader = (
            sums.dropna(subset=["influence"]).sort_values("influence", ascending=False, kind="stable").head(1)
        )
        answer = (
            f"{filled} of {cells} directions between policies have been scored ({_share(filled, cells)}). "
            + (
                f"The worst is {_titled(review, [worst.iloc[0]['policy_from']])} on {_titled(review, [worst.iloc[0]['policy_to']])} ({worst.iloc[0]['score']:+.3g}, {worst.iloc[0]['label']}). "
                if len(worst)
                else "None of them hinders. "
            )
            + (
                f"{_titled(review, leader['policy_id'])} helps the others most (row sum {leader['influence'].iloc[0]:+.3g}). "
                if len(leader)
                else ""
            )
            + (
                f"The raters differ by two levels or more on {count(len(split), 'direction')}. "
                if len(split)
                else ""
            )
            + f"{_cap(count(len(candidates), 'further pair'))} of standing policies share a barrier and {_was(len(candidates), 'is', 'are')} still to be judged."
        )
        sure = f"Medium where {count(int(judged['rater'].nunique()), 'rater')} scored; blank cells are unknown, not neutral."
        check = "Have the candidate pairs scored, and the directions on which raters differ talked over."
    return Section(answer=answer, charts=drawn, tables=tables, how_sure=sure, to_check=check)


# --- criteria --------------------------------------------------------------------------------------------------


def criteria(review: Review, *, criterion: str = "all") -> Section:
    """Return the levels of policies on the five Better Regulation criteria, with what nobody assessed left blank."""
    pack = review.pack
    rubric = policy.rubric()
    anchors = _table(
        rubric if criterion == "all" else rubric[rubric["criterion"] == criterion],
        "Anchored levels of the criteria",
        "Criteria of the EU Better Regulation guidelines; the wording of the levels is a project convention.",
    )
    rows = pack.assessments if pack.has("assessments") else pack.assessments.iloc[0:0]
    scores = policy.score_criteria(rows, pack.policies)
    chosen = list(policy.CRITERIA) if criterion == "all" else [criterion]
    scores = scores[scores["criterion"].isin(chosen)].reset_index(drop=True)
    table = _table(
        scores,
        "Level of each policy on each criterion",
        "level: lower median of the raters; not assessable is a rater's answer, not assessed is no answer; neither is zero.",
    )
    if not pack.has("assessments"):
        return Section(
            answer=(
                f"Nobody has assessed the {count(len(pack.policies), 'policy', 'policies')} of {plain(pack.region.name)} yet: there is no table "
                f"assessments.csv, so all {len(scores)} pairs of policy and criterion are *not assessed*, which says nothing "
                "about the policies. The levels below say what a rater would have to find."
            ),
            tables={"criteria": table, "rubric": anchors},
            how_sure="Unknown: no rating exists.",
            to_check="Two raters, one from inside and one from outside, rate each policy the region owns against the anchors, with the rows they rest on.",
        )
    assessed = scores[scores["status"] != "not assessed"]
    scored = scores[scores["status"] == "scored"]
    label = {code: review.vocabulary.label("criterion", code) for code in policy.CRITERIA}
    titles = _titles(pack.policies)
    means = scored.groupby("criterion")["level"].median().reindex(chosen).dropna()
    weakest = listing([label[str(code)] for code in means.index[means == means.min()]])
    strongest = listing([label[str(code)] for code in means.index[means == means.max()]])
    several = int((means == means.min()).sum())
    blocked = int(scores["not_assessable"].sum())
    rated = [k for k in pack.policies["policy_id"] if k in set(assessed["policy_id"])]
    words = {
        "scored": lambda r: (
            f"{r.level:.0f}"
            + (f" ({r.level_low:.0f}–{r.level_high:.0f})" if r.level_low != r.level_high else "")
        ),
        "not assessable": lambda _: "not assessable",
    }
    cells = assessed.assign(
        policy=assessed["policy_id"].map(titles),
        criterion=assessed["criterion"].map(label),
        text=[words[r.status](r) for r in _rows(assessed)],
    )[["policy", "criterion", "level", "status", "text"]]
    title = (
        f"{weakest} {_was(several, 'is', 'are')} rated lowest: {means.min():.3g} of 5 in the middle of the policies"
        if len(means) > 1
        else f"{label[chosen[0]]}: {means.iloc[0]:.3g} of 5 in the middle of {len(scored)} policies"
        if len(means)
        else "No policy could be given a level"
    )
    chart = charts.chart_criteria(
        cells,
        [titles[k] for k in rated],
        [label[c] for c in chosen],
        title=title,
        subtitle="Lower median of the raters (lowest–highest), 1 to 5; grey: raters could not tell; blank: nobody assessed it",
        source="assessments of the region pack, against the anchored levels below",
        description=f"{title}. {blocked} ratings were not assessable.",
    )
    answer = (
        f"{len(rated)} of {count(len(pack.policies), 'policy', 'policies')} {'has' if len(rated) == 1 else 'have'} been assessed by {count(int(rows['rater'].nunique()), 'rater')}. "
        + (
            f"Lowest in the middle of the policies: {weakest} ({means.min():.3g} of 5); highest: {strongest} ({means.max():.3g}). "
            if len(means) > 1
            else f"The middle level is {means.iloc[0]:.3g} of 5. "
            if len(means)
            else ""
        )
        + f"{count(blocked, 'rating')} {'was' if blocked == 1 else 'were'} “not assessable”. How far the raters agree is shown next."
    )
    low = int((assessed["confidence"] == "low").sum())
    return Section(
        answer=answer,
        charts={"criteria": chart},
        tables={"criteria": table, "rubric": anchors},
        how_sure=f"No surer than the raters: {low} of {len(assessed)} cells hold a rating of low confidence; read it with their agreement.",
        to_check="Cells rated by one person only, and those where raters are two levels apart.",
    )


def _agreement(review: Review, criterion: str | None = None) -> policy.Agreement:
    """Return the ordinal agreement of the raters, over all criteria or on one."""
    return policy.agreement_interval(
        policy.ratings_matrix(review.pack.assessments, criterion),
        "ordinal",
        resamples=review.parameters.draws,
        seed=review.parameters.seed,
    )


def agreement(review: Review) -> Section:
    """Return Krippendorff's ordinal alpha of the raters, overall and per criterion, with a bootstrap interval."""
    pack = review.pack
    if not pack.has("assessments"):
        return Section(
            answer="There are no ratings, so there is no agreement to report: alpha is undefined, not low.",
            how_sure="Unknown: no rating exists.",
            to_check="Have at least two raters judge the same policies before any level is used.",
        )
    rows, label = (
        pack.assessments,
        {code: review.vocabulary.label("criterion", code) for code in policy.CRITERIA},
    )
    results = []
    for key in ("all", *policy.CRITERIA):
        found = _agreement(review, None if key == "all" else key)
        results.append(
            {"criterion": key, "subject": "All criteria" if key == "all" else label[key], **found.__dict__}
        )
    frame = pd.DataFrame(results)
    frame["reading"] = frame["reading"].mask(frame["units"] < LEAST_UNITS, "too few units")
    whole = frame.iloc[0]
    metrics = pd.DataFrame(
        {"level": name, "alpha": policy.krippendorff_alpha(policy.ratings_matrix(rows), name)}
        for name in ("nominal", "ordinal", "interval", "ratio")
    )
    title = (
        f"Over all criteria the raters' agreement is {whole['alpha']:.2f}: {whole['reading']}"
        if not np.isnan(whole["alpha"])
        else "Agreement is undefined: the ratings do not vary, or no unit has two"
    )
    chart = charts.chart_agreement(
        frame.assign(
            subject=[
                f"{row.subject}: {'undefined' if np.isnan(row.alpha) else f'{row.alpha:.2f}'} ({count(row.units, 'unit')})"
                for row in _rows(frame)
            ]
        )[["subject", "alpha", "low", "high", "reading"]],
        title=title,
        subtitle=f"Krippendorff's ordinal alpha with a 95 % interval from {review.parameters.draws:,} resamples of the units; dashed: .667 and .800",
        source="assessments of the region pack; “not assessable” enters as missing",
        description=f"{title}. Interval {whole['low']:.2f} to {whole['high']:.2f}.",
    )
    weak = frame[(frame["criterion"] != "all") & (frame["reading"] == "do not use")]["subject"]
    answer = (
        f"Ordinal alpha over {count(int(whole['units']), 'unit')} rated twice or more is {whole['alpha']:.3f} "
        f"(95 % interval {whole['low']:.2f} to {whole['high']:.2f}): **{whole['reading']}**. "
        + (
            f"By criterion, {listing([s.lower() for s in weak])} should not be used as {'it stands' if len(weak) == 1 else 'they stand'}."
            if len(weak)
            else "No single criterion falls below .667."
        )
        if not np.isnan(whole["alpha"])
        else "Alpha is undefined: the ratings do not vary, or nothing was rated twice. That is not perfect agreement."
    )
    return Section(
        answer=answer,
        charts={"agreement": chart},
        tables={
            "agreement": _table(
                frame,
                "Krippendorff's alpha with its interval",
                f"From .800 reliable, from .667 tentative only (customary marks); under {LEAST_UNITS} units not read (project convention); undefined where all values are equal.",
            ),
            "agreement_metrics": _table(
                metrics,
                "The same ratings under the other metrics",
                "Rubric levels are ordinal: only the ordinal figure is to be quoted, the others are shown for comparison and are not to be mixed.",
            ),
        },
        how_sure=f"Low with so few units ({int(whole['units'])}): the interval says more than the figure.",
        to_check="Where agreement is weak: whether the anchors or the evidence read differed.",
    )


# --- governance ------------------------------------------------------------------------------------------------


def governance(review: Review, *, year: int | None = None) -> Section:
    """Return who decides, funds, coordinates, delivers and advises, per policy and need area, and what is not recorded."""
    at, pack = _years(review, year), review.pack
    codes = review.vocabulary.codes("barrier")
    roles = _roles(review, at)
    active = roles[roles["standing"].isin(["in-force", "undated"])]
    areas = policy.area_roles(roles, codes)
    accounts = policy.action_accountability(pack.actions)
    twice = _double_decisions(roles)
    label = {role: review.vocabulary.label("governance_role", role) for role in policy.ROLES}
    names = _bodies(review)
    governed = areas[areas["state"] != "no policy"]
    area_order = list(dict.fromkeys(governed["need_area"]))
    deciding = governed[(governed["role"] == "decides") & (governed["bodies"] > 1)]
    deciding = deciding.sort_values("bodies", ascending=False, kind="stable")
    unrecorded = [role for role in policy.ROLES if not (active["role"] == role).any()]
    alone = governed[(governed["role"] == "coordinates") & (governed["bodies"] == 0)]
    nobody = accounts[accounts["accountability"] == "nobody"]
    outside = accounts[accounts["accountability"] == "named, not a listed provider"]
    held = len(area_order) - len(alone)
    title = f"More than one body decides in {len(deciding)} of {len(area_order)} need areas; " + (
        "no coordinator is on record" if not held else f"a coordinator is on record in {held}"
    )
    picture = charts.chart_roles(
        areas.assign(
            need_area=[_barrier(review, code) for code in areas["need_area"]], role=areas["role"].map(label)
        )[["need_area", "role", "bodies", "state"]],
        [_barrier(review, code) for code in codes],
        [label[role] for role in policy.ROLES],
        title=title,
        subtitle=f"Bodies per role under policies standing in {at}; ? = recorded for none of them, so unknown",
        source="governance, policies and services of the region pack; the owner is read as deciding, the provider as delivering, where nothing else is recorded",
        description=f"{title}. {len(codes) - len(area_order)} areas are named by no standing policy.",
    )
    drawn = {"governance_roles": picture}
    if area_order:
        drawn["governance_bodies"] = _body_chart(review, active, area_order, names, at)
    sentences = [
        f"More than one body decides in {len(deciding)} of the {count(len(area_order), 'need area')} that standing policies name"
    ]
    if len(deciding):
        top = deciding.iloc[0]
        sentences[0] += (
            f", most in {_barriers(review, [top['need_area']])} ({listing([plain(names.get(b, b)) for b in top['names'].split(';')], 4)})"
        )
    sentences[0] += "."
    sentences.append(
        f"A coordinator is recorded in {held} of them."
        if held
        else "No coordinator is recorded in any of them, which is unknown rather than absent."
    )
    ownerless = _ownerless(review, roles, at)
    if len(ownerless):
        sentences.append(
            f"Nobody is left to answer for {_titled(review, ownerless['policy_id'], 2)}: {listing([plain(names.get(b, b)) for b in sorted(set(ownerless['names']))])} ceased before {at}."
        )
    if len(twice):
        sentences.append(f"Two or more bodies decide on {_titled(review, twice['policy_id'], 2)}.")
    if len(accounts):
        owners = (
            f"{len(nobody)} of {count(len(accounts), 'action')} name no owner"
            if len(nobody)
            else f"Each of {count(len(accounts), 'action')} names an owner"
        )
        sentences.append(
            owners + (f", {len(outside)} of them outside the listed providers." if len(outside) else ".")
        )
    basis = active.drop_duplicates(["body", "policy_id", "role"])["basis"].value_counts()
    kinds = [
        f"{basis[key]} {words}"
        for key, words in (("given", "from a source"), ("coded", "our own judgement"), ("derived", "derived"))
        if key in basis
    ]
    check = (
        f"The areas without a coordinator: {_barriers(review, alone['need_area'], 4)}."
        if len(alone)
        else "Whether each recorded role is still held."
    )
    if unrecorded:
        check = f"{listing([label[role] for role in unrecorded])}: no row says who does it under a standing policy; record it in governance.csv."
    return Section(
        answer=" ".join(sentences),
        charts=drawn,
        tables={
            "governance_roles": _table(
                roles.assign(name=[names.get(body, body) for body in roles["body"]])[
                    ["body", "name", "listed", "policy_id", "need_area", "role", "basis", "standing"]
                ],
                "Who does what, per policy and need area",
                "basis: given by a source, coded as our own judgement, or derived (owner → decides, provider of a delivering service → delivers). A role held for a policy is read into each barrier the policy names.",
            ),
            "governance_areas": _table(areas, f"Bodies per need area and role in {at}"),
            "governance_issues": _table(
                _governance_issues(areas, accounts, twice, unrecorded),
                "What a governance review would take up first",
                "Candidates: several deciders can be right because of the nature or size of the task; the table says where to look.",
            ),
            "action_owners": _table(accounts, "Who answers for each action"),
        },
        how_sure=f"Low to medium: of the roles under standing policies {listing(kinds) if kinds else 'none is recorded'}; funding, coordination and advice are never derived.",
        to_check=check,
    )


def _ownerless(review: Review, roles: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the standing policies whose every decider has ceased to exist: policy_id, names (joined with ;)."""
    standing = set(_standing_rows(review.pack.policies, year)["policy_id"])
    decides = roles[(roles["role"] == "decides") & roles["policy_id"].isin(standing)]
    rows = [
        (key, ";".join(sorted(set(group["body"]))))
        for key, group in decides.groupby("policy_id")
        if group["standing"].eq("body ceased").all()
    ]
    return pd.DataFrame(rows, columns=["policy_id", "names"])


def _double_decisions(roles: pd.DataFrame) -> pd.DataFrame:
    """Return the standing policies on which more than one body decides: policy_id, bodies, names (joined with ;)."""
    part = roles[(roles["role"] == "decides") & roles["standing"].isin(["in-force", "undated"])]
    rows = [
        (key, group["body"].nunique(), ";".join(sorted(set(group["body"]))))
        for key, group in part.groupby("policy_id")
    ]
    found = pd.DataFrame(rows, columns=["policy_id", "bodies", "names"])
    return found[found["bodies"] > 1].reset_index(drop=True)


def _governance_issues(
    areas: pd.DataFrame, accounts: pd.DataFrame, twice: pd.DataFrame, unrecorded: Sequence[str]
) -> pd.DataFrame:
    """Return one row per thing to take up: issue, subject, bodies, names, state (candidate | unknown)."""
    rows = [
        ("several bodies decide on one policy", row.policy_id, row.bodies, row.names, "candidate")
        for row in _rows(twice)
    ]
    several = areas[(areas["role"] == "decides") & (areas["bodies"] > 1)]
    for row in _rows(several.sort_values("bodies", ascending=False, kind="stable")):
        rows.append(("several bodies decide in one area", row.need_area, row.bodies, row.names, "candidate"))
    for role in ("coordinates", "funds", "delivers"):
        state = "unknown" if role in unrecorded else "candidate"
        missing = areas[(areas["role"] == role) & areas["state"].isin(["nobody recorded", "not recorded"])]
        for area in missing["need_area"]:
            rows.append((f"nobody recorded who {role}", area, 0, "", state))
    issues = {
        "nobody": "action without an owner",
        "named, not a listed provider": "action owned outside the listed providers",
    }
    for row in _rows(accounts[accounts["accountability"].isin(list(issues))]):
        rows.append((issues[row.accountability], row.action_id, 0, row.owner, "candidate"))
    return pd.DataFrame(rows, columns=["issue", "subject", "bodies", "names", "state"])


def _body_chart(
    review: Review, active: pd.DataFrame, areas: list[str], names: dict[str, str], year: int
) -> Any:
    """Return the picture of bodies by need area, the widest deciders first, at most 18 bodies."""
    letters = {"decides": "D", "funds": "F", "coordinates": "C", "delivers": "S", "advises": "A"}
    held = active[active["need_area"].isin(areas)].drop_duplicates(["body", "need_area", "role"])
    held = held.assign(decides=held["role"] == "decides")
    cells = held.groupby(["body", "need_area"]).agg(
        letters=("role", lambda roles: "".join(letters[role] for role in policy.ROLES if role in set(roles))),
        decides=("decides", "any"),
    )
    cells = cells.reset_index()
    breadth = cells.groupby("body").agg(decides=("decides", "sum"), areas=("need_area", "size"))
    breadth = breadth.sort_values(["decides", "areas"], ascending=False, kind="stable")
    shown = [str(body) for body in breadth.index[:18]]
    labels = {body: _short(names.get(body, body), 34) for body in shown}
    cells = cells[cells["body"].isin(shown)]
    top, most = names.get(shown[0], shown[0]), breadth.iloc[0]
    title = f"{_short(top, 50)} " + (
        f"decides in {most['decides']} of {len(areas)} need areas"
        if most["decides"]
        else f"is present in {most['areas']} of {len(areas)} need areas"
    )
    left_out = len(breadth) - len(shown)
    return charts.chart_bodies(
        cells.assign(
            body=cells["body"].map(labels), need_area=[_barrier(review, code) for code in cells["need_area"]]
        )[["body", "need_area", "letters", "decides"]],
        [labels[body] for body in shown],
        [_barrier(review, code) for code in areas],
        title=title,
        subtitle=f"D decides, F funds, C coordinates, S delivers a service, A advises; policies standing in {year}"
        + (f"; {left_out} bodies with fewer areas left out" if left_out else ""),
        source="governance, policies and services of the region pack",
        description=f"{title}. Blue cells are those where the body decides.",
    )


# --- meaning and limits ----------------------------------------------------------------------------------------


def _findings(review: Review) -> pd.DataFrame:
    """Return the findings of the step: firm ones, candidates, open questions, the surest of each first."""
    rows = [
        *_need_findings(review),
        *_delivery_findings(review),
        *_governance_findings(review),
        *_quality_findings(review),
    ]
    rows = _decided(review, rows)
    rank = {"finding": 0, "candidate": 1, "unknown": 2}
    sure = {"high": 0, "medium": 1, "low": 2}
    return findings_frame(sorted(rows, key=lambda row: (rank[row["status"]], sure[row["how_sure"]])))


def _finding(
    kind: str,
    subject: str,
    statement: str,
    *,
    value: float = float("nan"),
    unit: str = "",
    sure: str,
    status: str = "candidate",
    rows: Iterable[str] = (),
) -> dict[str, Any]:
    """Return one row of the table of findings."""
    return {
        "finding_id": f"examine:{kind}:{subject}",
        "kind": kind,
        "subject": subject,
        "statement": statement,
        "value": value,
        "unit": unit,
        "how_sure": sure,
        "status": status,
        "rows": ";".join(rows),
    }


def _decided(review: Review, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings with what people decided on the candidates: confirmed ones firm, rejected ones gone."""
    if not review.pack.has("decisions"):
        return rows
    latest = review.pack.decisions.sort_values("date", kind="stable").drop_duplicates(
        "subject_id", keep="last"
    )
    decided = {row.subject_id: row for row in _rows(latest)}
    kept = []
    for row in rows:
        decision = decided.get(row["finding_id"])
        if decision is None or row["status"] != "candidate":
            kept.append(row)
        elif decision.decision != "rejected":
            words = review.vocabulary.label("decision", decision.decision).lower()
            kept.append(
                {
                    **row,
                    "status": "finding",
                    "statement": f"{row['statement']} ({_cap(words)} by {decision.decided_by}, {decision.date}.)",
                }
            )
    return kept


def _need_findings(review: Review) -> list[dict[str, Any]]:
    """Return what the barriers say: named by firms and by no policy, not asked about, or named only in the past."""
    year = review.year
    coverage, survey, _ = _coverage(review, None, year)
    active = [f"policies:{key}" for key in _standing_rows(review.pack.policies, year)["policy_id"]]
    rows = []
    bare = coverage[coverage["in_force"] + coverage["undated"] == 0]
    for row in _rows(bare.sort_values("weight", ascending=False, na_position="last", kind="stable")):
        barrier = _barrier(review, row.barrier).lower()
        answered = (
            "whether a service answers it can not be told"
            if pd.isna(row.services)
            else f"{count(int(row.services), 'standing service')} {_was(int(row.services), 'answers', 'answer')} it"
            if row.services
            else "no standing service answers it either"
        )
        past = " Policies that have ended did." if row.coverage == "lapsed or not begun" and row.ended else ""
        if survey is None or np.isnan(row.share_percent):
            rows.append(
                _finding(
                    "need-unmeasured", row.barrier,
                    f"No policy standing in {year} names {barrier}; {answered}.{past} How many firms meet it, no survey in use has asked.",
                    sure="low", status="unknown", rows=active,
                )
            )  # fmt: skip
            continue
        near = _is_near(review, survey, year) and row.coverage != "unknown"
        rows.append(
            _finding(
                "need-no-policy", row.barrier,
                f"{row.share_percent:.0f} % of firms asked ({_survey_name(survey)}) name {barrier}, and no policy standing in {year} does; {answered}.{past}",
                value=float(row.weight), unit="share of demand weight",
                sure="medium" if near else "low", status="finding" if near else "candidate",
                rows=[f"barriers:{survey.name}", *active],
            )
        )  # fmt: skip
    return rows


def _delivery_findings(review: Review) -> list[dict[str, Any]]:
    """Return what alignment says: what has ended, what nothing delivers, what no policy backs, what money is unknown."""
    year, pack = review.year, review.pack
    aligned = policy.align_policies(pack.policies, pack.services, year)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    ended, undated = aligned[aligned["standing"] == "ended"], stands[stands["standing"] == "undated"]
    links = _service_barriers(review)
    named = dict(zip(pack.policies["policy_id"], pack.policies["delivered_by"], strict=True))
    rows = []
    if len(ended):
        rows.append(
            _finding(
                "policies-ended", "policies",
                f"{len(ended)} of {len(aligned)} policies on record had ended by {year}; whether they were renewed or replaced is not on record.",
                value=len(ended) / len(aligned), unit="share of policies", sure="high", status="finding",
                rows=[f"policies:{key}" for key in ended["policy_id"]],
            )
        )  # fmt: skip
    hidden = stands[~stands["budget_published"]]
    if len(hidden):
        rows.append(
            _finding(
                "money-not-published", "policies",
                f"{len(hidden)} of {len(stands)} policies standing in {year} {_was(len(hidden), 'publishes', 'publish')} no budget that was found.",
                value=len(hidden) / len(stands), unit="share of standing policies", sure="medium", status="finding",
                rows=[f"policies:{key}" for key in hidden["policy_id"]],
            )
        )  # fmt: skip
    if len(undated):
        rows.append(
            _finding(
                "policies-undated", "policies",
                f"{len(undated)} of {len(stands)} policies counted as standing in {year} give no end year, so nobody says that they still apply.",
                value=len(undated) / len(stands), unit="share of standing policies", sure="high", status="unknown",
                rows=[f"policies:{key}" for key in undated["policy_id"]],
            )
        )  # fmt: skip
    left = _left_behind(review, stands, year)
    if len(left):
        rows.append(
            _finding(
                "policy-owner-closed", "policies",
                f"{listing([f'“{title}”' for title in left['title']], 3)} {_was(len(left), 'belongs to a body', 'belong to bodies')} that had closed before {year}; "
                "whether anybody carries on is not on record.",
                value=float(len(left)), unit="policies", sure="high",
                rows=[f"policies:{key}" for key in left["policy_id"]],
            )
        )  # fmt: skip
    for row in _rows(stands[stands["delivery"] == "no named service stands"]):
        rows.append(
            _finding(
                "policy-services-stopped", row.policy_id,
                f"“{row.title}” counts as standing in {year}, but {_was(row.services_named, 'the one service', f'none of the {row.services_named} services')} recorded for it {_was(row.services_named, 'does not', 'does')}.",
                value=float(row.services_named), unit="services", sure="medium",
                rows=[f"policies:{row.policy_id}", *(f"services:{key}" for key in named[row.policy_id])],
            )
        )  # fmt: skip
    for row in _rows(stands[stands["services_named"] == 0]):
        rows.append(
            _finding(
                "policy-no-service", row.policy_id,
                f"No service is recorded as delivering “{row.title}”: either nothing does, or the link was never recorded.",
                value=0.0, unit="services", sure="low", rows=[f"policies:{row.policy_id}"],
            )
        )  # fmt: skip
    backed = policy.align_services(_reaching(review), pack.policies, year, links)
    alone = backed[backed["backing"] != charts.BACKING[0]]
    if len(alone):
        rows.append(
            _finding(
                "service-no-policy", "services",
                f"{len(alone)} of {len(backed)} services standing in {year} are named by no standing policy on record.{_then_words(review, year)}",
                value=len(alone) / len(backed), unit="share of standing services", sure="medium",
                rows=[f"services:{key}" for key in alone["service_id"]],
            )
        )  # fmt: skip
    promises = _promises(review, year)
    title = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    bare = promises[promises["support"].isin(["no service", "cannot be told"])]
    for (barrier, support), part in bare.groupby(["barrier", "support"]):
        who = listing([f"“{title[key]}”" for key in part["policy_id"]], 2)
        untold = support == "cannot be told"
        rows.append(
            _finding(
                "promise-no-service", str(barrier),
                f"{who} {_was(len(part), 'names', 'name')} {_barrier(review, str(barrier)).lower()}, and "
                + ("whether a service answers it can not be told." if untold else "no standing service answers it."),
                value=float(len(part)), unit="policies", sure="low", status="unknown" if untold else "candidate",
                rows=[f"policies:{key}" for key in part["policy_id"]],
            )
        )  # fmt: skip
    return rows


def _governance_findings(review: Review) -> list[dict[str, Any]]:
    """Return what governance says: several deciders, no coordinator, actions nobody answers for."""
    year = review.year
    roles, names = _roles(review, year), _bodies(review)
    areas = policy.area_roles(roles, review.vocabulary.codes("barrier"))
    title = dict(zip(review.pack.policies["policy_id"], review.pack.policies["title"], strict=True))
    decides = roles[(roles["role"] == "decides") & roles["standing"].isin(["in-force", "undated"])]

    def people(joined: str) -> str:
        return listing([names.get(body, body) for body in joined.split(";")], 6)

    rows = [
        _finding(
            "several-deciders", row.policy_id, f"{people(row.names)} are all recorded as deciding on “{title[row.policy_id]}”.",
            value=float(row.bodies), unit="bodies", sure="medium", rows=[f"policies:{row.policy_id}"],
        )
        for row in _rows(_double_decisions(roles))
    ]  # fmt: skip
    for row in _rows(_ownerless(review, roles, year)):
        rows.append(
            _finding(
                "owner-ceased", row.policy_id,
                f"“{title[row.policy_id]}” has no end year and so counts as standing in {year}, but {people(row.names)}, which decided on it, had ceased by then.",
                sure="medium", rows=[f"policies:{row.policy_id}", *(f"providers:{body}" for body in row.names.split(";"))],
            )
        )  # fmt: skip
    several = areas[(areas["role"] == "decides") & (areas["bodies"] > 1)]
    for row in _rows(several.sort_values("bodies", ascending=False, kind="stable").head(3)):
        over = sorted(set(decides.loc[decides["need_area"] == row.need_area, "policy_id"]))
        rows.append(
            _finding(
                "several-deciders", row.need_area,
                f"{row.bodies} bodies decide on {_barrier(review, row.need_area).lower()}: {people(row.names)}.",
                value=float(row.bodies), unit="bodies", sure="medium" if row.given > 1 else "low", rows=[f"policies:{key}" for key in over],
            )
        )  # fmt: skip
    lone = areas[
        (areas["role"] == "coordinates")
        & (areas["bodies"] == 0)
        & areas["need_area"].isin(several["need_area"])
    ]
    if len(lone):
        over = sorted(set(decides.loc[decides["need_area"].isin(lone["need_area"]), "policy_id"]))
        rows.append(
            _finding(
                "no-coordinator", "need-areas",
                f"Nobody is recorded as coordinating in {count(len(lone), 'need area')} where several bodies decide: {listing([_barrier(review, code).lower() for code in lone['need_area']])}.",
                value=float(len(lone)), unit="need areas", sure="low",
                status="unknown" if lone["state"].eq("not recorded").all() else "candidate",
                rows=[f"policies:{key}" for key in over],
            )
        )  # fmt: skip
    accounts = policy.action_accountability(review.pack.actions)
    for mask, kind, words in (
        (accounts["accountability"] == "nobody", "action-no-owner", ("names no owner", "name no owner")),
        (
            accounts["accountability"] == "named, not a listed provider",
            "action-owner-unlisted",
            ("belongs to a body that is no listed provider", "belong to a body that is no listed provider"),
        ),
        (
            ~accounts["has_indicator"],
            "action-no-indicator",
            ("carries no indicator on record", "carry no indicator on record"),
        ),
    ):
        part = accounts[mask]
        if len(part):
            rows.append(
                _finding(
                    kind, "actions", f"{len(part)} of {len(accounts)} actions {_was(len(part), *words)}.",
                    value=len(part) / len(accounts), unit="share of actions", sure="medium", status="finding",
                    rows=[f"actions:{key}" for key in part["action_id"]],
                )
            )  # fmt: skip
    return rows


def _quality_findings(review: Review) -> list[dict[str, Any]]:
    """Return what logic, coherence and criteria say, and what nobody has judged."""
    year, pack = review.year, review.pack
    active = [f"policies:{key}" for key in _standing_rows(pack.policies, year)["policy_id"]]
    title = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    summary = policy.logic_summary(_faults(review, year)).set_index("fault")
    rows = []
    for fault in ("result-no-indicator", "indicator-no-target"):
        row = summary.loc[fault]
        if not row["judged"]:
            rows.append(
                _finding(
                    "logic-unjudged",
                    fault,
                    f"{row['label']}: cannot be judged, because {row['basis']}.",
                    sure="high",
                    status="unknown",
                    rows=active,
                )
            )
        elif row["faults"]:
            rows.append(
                _finding(
                    "logic-fault", fault, f"{row['label']}: {row['faults']} of {row['judged']}.",
                    value=float(row["faults"]), unit="cases", sure="medium", status="finding", rows=active,
                )
            )  # fmt: skip
    if pack.has("coherence"):
        pairs = policy.coherence_pairs(pack.coherence)
        for pair in _rows(pairs[pairs["score"] < 0]):
            rows.append(
                _finding(
                    "coherence-conflict", f"{pair.policy_from}~{pair.policy_to}",
                    f"“{title[pair.policy_from]}” is judged {pair.label} for “{title[pair.policy_to]}” ({pair.score:+.3g}, {count(pair.raters, 'rater')}).",
                    value=float(pair.score), unit="−3 to +3", sure="medium" if pair.raters > 1 else "low",
                    status="finding" if pair.raters > 1 and pair.spread < 2 else "candidate",
                    rows=[f"policies:{pair.policy_from}", f"policies:{pair.policy_to}"],
                )
            )  # fmt: skip
    else:
        rows.append(
            _finding(
                "coherence-unjudged",
                "policies",
                "Nobody has judged how the policies act on one another.",
                sure="high",
                status="unknown",
                rows=active,
            )
        )
    if not pack.has("assessments"):
        rows.append(
            _finding(
                "criteria-unassessed",
                "policies",
                "No policy has been assessed on the five Better Regulation criteria.",
                sure="high",
                status="unknown",
                rows=active,
            )
        )
        return rows
    found = _agreement(review)
    if not np.isnan(found.alpha):
        rows.append(
            _finding(
                "rater-agreement", "assessments", f"The raters of the policies agree to an ordinal alpha of {found.alpha:.2f}: {found.reading}.",
                value=found.alpha, unit="Krippendorff's alpha", sure="medium", status="finding", rows=[f"assessments:{key}" for key in pack.assessments["assessment_id"]],
            )
        )  # fmt: skip
    return rows


def meaning(review: Review) -> Section:
    """Return what the step means for the region: its findings, candidates and open questions."""
    found = _findings(review)
    by = found["status"].value_counts()
    lines = [f"- {plain(text)}" for text in found.loc[found["status"] == "finding", "statement"].head(3)]
    lines += [
        f"- To be confirmed: {plain(text)}"
        for text in found.loc[found["status"] == "candidate", "statement"].head(3)
    ]
    answer = (
        f"The step leaves {count(int(by.get('finding', 0)), 'finding')}, {count(int(by.get('candidate', 0)), 'candidate')} that somebody must confirm, "
        f"and {count(int(by.get('unknown', 0)), 'open question')}. First of all:\n\n" + "\n".join(lines)
    )
    return Section(
        answer=answer,
        tables={
            "findings": _table(
                found,
                "Findings, candidates and open questions of this step",
                "A candidate is computed and not confirmed; unknown means that the tables cannot tell. A need is a finding only "
                f"where a survey of the region or its country, at most {NEAR_YEARS} years away, shows it (project convention).",
            )
        },
        how_sure="Each row says how sure it is and which rows it rests on.",
        to_check="The candidates: confirm or reject each in decisions.csv under its finding_id; it then counts as a finding, or goes.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step for this region."""
    pack, year = review.pack, review.year
    state = policy.standing(pack.policies, year)
    undated = int((state == "undated").sum())
    weak = int((~pack.policies["evidence"].isin(["published"])).sum())
    _, survey, _ = _weights(review, None, year)
    recorded = pack.governance["evidence"].eq("own-judgement").mean() if pack.has("governance") else np.nan
    lines = [
        f"{undated} of {count(len(pack.policies), 'policy', 'policies')} {'has' if undated == 1 else 'have'} no start or end year that excludes {year}; they count as standing although nobody says they run.",
        "Which barrier a policy names was coded from the openings of its sources; a full text may name more, never fewer.",
        f"Need is that of {plain(str(survey['population']))} in {survey['ref_area']}, {int(survey['year'])}: a stand-in for firms of {plain(pack.region.name)} in {year}."
        if survey is not None
        else "Need is not weighed: equal weights treat a rare barrier like a common one.",
        "Objectives are linked to activities through their policy only; a policy with one service may still have an objective nobody serves.",
        f"{weak} of {len(pack.policies)} policies rest on something else than a published source."
        if weak
        else "Every policy has a published source.",
    ]
    if not np.isnan(recorded):
        lines.append(
            f"{recorded:.0%} of the recorded governance roles are our own coding, mostly the owner read as the one who decides."
        )
    absent = [
        name for name in ("assessments", "coherence", "governance", "measurements") if not pack.has(name)
    ]
    if absent:
        lines.append(
            f"There is no table of {listing(absent)}: the sections that need it say “unknown”, and mean it."
        )
    return Section(answer="\n".join(f"- {line}" for line in lines))


LEAVES: dict[str, SectionFunction] = {
    "demand": demand,
    "rank_spread": demand,
    "barrier_coverage": barrier_coverage,
    "policy_barriers": barrier_coverage,
    "alignment": delivery,
    "promises": delivery,
    "services_backed": services_backed,
    "money": money,
    "logic_faults": logic,
    "logic_summary": logic,
    "objectives": objectives,
    "indicators": objectives,
    "coherence_candidates": coherence,
    "criteria": criteria,
    "governance_roles": governance,
    "governance_areas": governance,
    "governance_issues": governance,
    "action_owners": governance,
    "findings": meaning,
}
