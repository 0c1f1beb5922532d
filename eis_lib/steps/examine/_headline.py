"""Whether policies address the need and anything delivers them: the answer on one screen, and its sources."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import (
    _barriers,
    _coverage,
    _fullest_year,
    _roles,
    _service_barriers,
    _table,
    _titled,
    _titles,
)
from eis_lib.steps.shared.landscape import reaching
from eis_lib.steps.shared.needs import _far, _own_areas, _survey_name
from eis_lib.steps.shared.words import _share, _was

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
    backed = policy.align_services(reaching(review), policies, year, _service_barriers(review))
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
