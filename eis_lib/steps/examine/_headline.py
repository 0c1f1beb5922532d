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
    year = review.year
    aligned = policy.align_policies(review.pack.policies, review.pack.services, year)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    ended, hidden = int((aligned["standing"] == "ended").sum()), int((~stands["budget_published"]).sum())
    bullets = [
        _standing_words(review, aligned, stands, ended),
        _need_words(review),
        _delivery_words(review, stands),
        f"{hidden} of {len(stands)} standing policies {_was(hidden, 'publishes', 'publish')} no budget that we found.",
        _governance_words(
            review, policy.area_roles(_roles(review, year), review.vocabulary.codes("barrier"))
        ),
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


def _standing_words(review: Review, aligned: pd.DataFrame, stands: pd.DataFrame, ended: int) -> str:
    """Return how many policies stand, and a warning where most have ended."""
    year, name = review.year, plain(review.pack.region.name)
    undated, left = int((stands["standing"] == "undated").sum()), len(_left_behind(review, stands, year))
    words = f"**{len(stands)} of the {count(len(aligned), 'policy', 'policies')} on record for {name} stand in {year}**"
    if undated:
        words += f", {undated} of them without an end year"
    if left:
        words += f", {left} of a body that has closed since"
    words += f"; {count(ended, 'policy', 'policies')} had ended"
    if ended > len(stands):
        fullest, standing = _fullest_year(review.pack.policies, year)
        words += (
            f". The record is fullest for {fullest}, with {standing} standing: before a gap is read into {year}, "
            "ask whether those that ended were renewed"
        )
    return f"{words}."


def _need_words(review: Review) -> str:
    """Return how many barriers the standing policies name, and how much of the need that is."""
    coverage, survey, _ = _coverage(review, None, review.year)
    named = int((coverage["in_force"] + coverage["undated"] > 0).sum())
    lapsed = int((coverage["coverage"] == "lapsed or not begun").sum())
    words = f"{named} of {len(coverage)} barriers are named by a standing policy"
    if lapsed:
        words += f", {lapsed} more only by policies that have ended or not begun"
    if survey is None:
        return f"{words}. Need is not weighed."
    share = _range(*policy.coverage_share(coverage))
    return f"{words}. Weighed by the one survey that can rank them ({plain(_survey_name(survey))}), that is {share} of the need{_far(review, survey, review.year)}."


def _delivery_words(review: Review, stands: pd.DataFrame) -> str:
    """Return how many policies can point to a service, and how many services no policy names."""
    undelivered = stands[stands["delivery"] != "delivered"]
    backed = policy.align_services(
        reaching(review), review.pack.policies, review.year, _service_barriers(review)
    )
    alone = int((backed["backing"] != charts.BACKING[0]).sum())
    return (
        f"{len(stands) - len(undelivered)} of {len(stands)} standing policies can point to a service"
        + (f" (not {_titled(review, undelivered['policy_id'], 2)})" if len(undelivered) else "")
        + f"; the other way round, {alone} of {count(len(backed), 'service')} ({_share(alone, len(backed))}) are named by no standing policy."
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


USES = {
    "policies": "what is promised, by whom, from when to when",
    "services": "what delivers it",
    "actions": "who answers for what is planned",
    "governance": "who decides, funds, coordinates, delivers, advises",
    "assessments": "levels on the five criteria",
    "coherence": "how policies act on one another",
    "measurements": "baselines and targets of indicators",
}
"""The tables that the step reads, and what it uses each for."""


def sources(review: Review) -> Section:
    """Return what the step reads: tables, rows, how well they are backed, and which surveys there are."""
    surveys = _surveys_in_reach(review)
    return Section(
        answer=_source_words(review, usable=int(surveys["usable"].sum())),
        tables={
            "examine_sources": _table(
                _tables_read(review),
                "Tables this step reads",
                "A blank number means that the region has no such table.",
            ),
            "surveys": _table(
                surveys[
                    ["survey_id", "ref_area", "year", "population", "barrier_count", "use", "source_title"]
                ],
                "Surveys of barriers that could weigh the need",
                "A survey is one title, year and population; shares of two surveys are never mixed. "
                f"Fewer than {policy.LEAST_BARRIERS} barriers cannot rank (project convention).",
            ),
        },
        how_sure="High for what is listed; what was never published cannot be listed.",
    )


def _tables_read(review: Review) -> pd.DataFrame:
    """Return the tables that the step reads, with how many rows they have and how well these are backed."""
    rows = []
    for name, use in USES.items():
        evidence, held = review.pack.tables[name]["evidence"], review.pack.has(name)
        rows.append(
            {
                "table_name": name,
                "rows": len(evidence) if held else pd.NA,
                "published_share": float(evidence.eq("published").mean()) if held else np.nan,
                "own_judgement_rows": int(evidence.eq("own-judgement").sum()) if held else pd.NA,
                "used_for": use,
                "state": "present" if held else "absent: the section says so",
            }
        )
    return pd.DataFrame(rows).astype({"rows": "Int64", "own_judgement_rows": "Int64"})


def _surveys_in_reach(review: Review) -> pd.DataFrame:
    """Return the surveys of the region, its country and Europe, with the use each can be put to."""
    surveys = policy.list_surveys(review.common.barriers)
    area = surveys["ref_area"]
    near = area.isin([review.pack.region.country, *_own_areas(review)])
    use = near.map({True: "own or national", False: "European"})
    surveys = surveys.assign(use=use.where(surveys["usable"], use + ", too few barriers to rank"))
    return surveys[near | area.astype(str).str.startswith("EU")]


def _source_words(review: Review, usable: int) -> str:
    pack = review.pack
    absent = [name for name in USES if not pack.has(name)]
    words = (
        f"{count(len(pack.policies), 'policy', 'policies')} ({pack.policies['evidence'].eq('published').mean():.0%} from a published source), "
        f"{count(len(pack.services), 'service')} and {count(len(pack.actions), 'action')} are read"
        + (
            f"; there is no table of {listing(absent)}, and what rests on it is said to be unknown."
            if absent
            else "."
        )
        + f" {count(usable, 'survey')} of firms can weigh the need here."
    )
    return f"**Everything here is invented for demonstration.** {words}" if pack.region.invented else words
