"""Whether policies address the need and anything delivers them: the answer on one screen, and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import bulleted, sentences
from eis_lib.language.templates import Words
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
from eis_lib.steps.shared.needs import _is_near, _own_areas, _survey_name
from eis_lib.steps.shared.words import words_of

# --- first screen ----------------------------------------------------------------------------------------------


def _left_behind(review: Review, stands: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return those of the standing policies that belong to a body that had closed before the year."""
    policies = review.pack.policies
    closed = policy.owner_closed(policies, review.pack.providers, year)
    return stands[stands["policy_id"].isin(policies.loc[closed, "policy_id"])]


@dataclass(frozen=True)
class _Standing:
    """How many policies are on record, stand, give no end year, belong to a closed body, and have ended."""

    policies: int
    stands: int
    undated: int
    left_behind: int
    ended: int


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, on one screen."""
    year = review.year
    aligned = policy.align_policies(review.pack.policies, review.pack.services, year)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    seen = _Standing(
        len(aligned),
        len(stands),
        undated=int((stands["standing"] == "undated").sum()),
        left_behind=len(_left_behind(review, stands, year)),
        ended=int((aligned["standing"] == "ended").sum()),
    )
    words = words_of(__file__, review, year=year, name=plain(review.pack.region.name))
    bullets = [
        _standing_words(review, seen, words),
        _need_words(review, words),
        _delivery_words(review, stands, words),
        words.budgets(int((~stands["budget_published"]).sum()), len(stands)),
        _governance_words(
            review, policy.area_roles(_roles(review, year), review.vocabulary.codes("barrier")), words
        ),
    ]
    return Section(
        answer=bulleted(*bullets),
        charts={"policies_in_time": _timeline(review, aligned, words)},
        how_sure=words.how_sure(),
        to_check=words.to_check(seen.ended, seen.stands),
    )


def _standing_words(review: Review, seen: _Standing, words: Words) -> str:
    """Return how many policies stand, and a warning where most have ended."""
    said = words.policies_standing(seen)
    if seen.ended <= seen.stands:
        return said
    return sentences(said, words.record_is_fuller_for(*_fullest_year(review.pack.policies, review.year)))


def _need_words(review: Review, words: Words) -> str:
    """Return how many barriers the standing policies name, and how much of the need that is."""
    coverage, survey, _ = _coverage(review, None, review.year)
    named = int((coverage["in_force"] + coverage["undated"] > 0).sum())
    lapsed = int((coverage["coverage"] == "lapsed or not begun").sum())
    weighed = (
        words.need_not_weighed()
        if survey is None
        else words.share_of_need(
            plain(_survey_name(survey)),
            *policy.coverage_share(coverage),
            near=_is_near(review, survey, review.year),
        )
    )
    return sentences(words.barriers_named(named, len(coverage), lapsed), weighed)


def _delivery_words(review: Review, stands: pd.DataFrame, words: Words) -> str:
    """Return how many policies can point to a service, and how many services no policy names."""
    undelivered = stands[stands["delivery"] != "delivered"]
    backed = policy.align_services(
        reaching(review), review.pack.policies, review.year, _service_barriers(review)
    )
    unnamed = int((backed["backing"] != charts.BACKING[0]).sum())
    return words.delivered(
        len(stands) - len(undelivered),
        len(stands),
        _titled(review, undelivered["policy_id"]),
        services=len(backed),
        unnamed=unnamed,
        alone=unnamed / max(len(backed), 1),
    )


def _governance_words(review: Review, areas: pd.DataFrame, words: Words) -> str:
    """Return in one sentence where several bodies decide and where somebody coordinates."""
    governed = areas[areas["state"] != "no policy"]
    several = governed[(governed["role"] == "decides") & (governed["bodies"] > 1)]
    several = several.sort_values("bodies", ascending=False, kind="stable")
    widest = [
        {"area": area, "bodies": bodies}
        for area, bodies in zip(_barriers(review, several["need_area"]), several["bodies"], strict=True)
    ]
    return words.deciders(
        len(several),
        governed["need_area"].nunique(),
        widest[0] if widest else None,
        coordinated=int((governed["role"].eq("coordinates") & governed["bodies"].gt(0)).sum()),
    )


def _timeline(review: Review, aligned: pd.DataFrame, words: Words) -> Any:
    """Return the chart of the policies' lives, with what delivers those standing."""
    titles = _titles(review.pack.policies)
    frame = aligned.sort_values(["start_year", "end_year", "policy_id"], na_position="first", kind="stable")
    stands = frame["standing"].isin(["in-force", "undated"])
    frame = frame.assign(
        policy=frame["policy_id"].map(titles), delivery=frame["delivery"].where(stands, "not standing")
    )
    without = int((stands & (frame["delivery"] != "delivered")).sum())
    title = words.timeline_title(int(stands.sum()), len(frame), without)
    return charts.chart_timeline(
        frame[["policy", "start_year", "end_year", "delivery"]],
        review.year,
        title=title,
        subtitle=words.timeline_subtitle(),
        source=words.timeline_source(),
        description=words.timeline_description(title, int((~stands).sum())),
    )


# --- sources ---------------------------------------------------------------------------------------------------


READ = ("policies", "services", "actions", "governance", "assessments", "coherence", "measurements")
"""The tables that the step reads."""


def sources(review: Review) -> Section:
    """Return what the step reads: tables, rows, how well they are backed, and which surveys there are."""
    words = words_of(__file__, review)
    surveys = _surveys_in_reach(review, words)
    return Section(
        answer=_source_words(review, words, usable=int(surveys["usable"].sum())),
        tables={
            "examine_sources": _table(
                _tables_read(review, words), words.tables_caption(), words.tables_note()
            ),
            "surveys": _table(
                surveys[
                    ["survey_id", "ref_area", "year", "population", "barrier_count", "use", "source_title"]
                ],
                words.surveys_caption(),
                words.surveys_note(policy.LEAST_BARRIERS),
            ),
        },
        how_sure=words.sources_sure(),
    )


def _tables_read(review: Review, words: Words) -> pd.DataFrame:
    """Return the tables that the step reads, with how many rows they have and how well these are backed."""
    rows = []
    for name in READ:
        evidence, held = review.pack.tables[name]["evidence"], review.pack.has(name)
        rows.append(
            {
                "table_name": name,
                "rows": len(evidence) if held else pd.NA,
                "published_share": float(evidence.eq("published").mean()) if held else np.nan,
                "own_judgement_rows": int(evidence.eq("own-judgement").sum()) if held else pd.NA,
                "used_for": words.used_for(name),
                "state": words.state(held),
            }
        )
    return pd.DataFrame(rows).astype({"rows": "Int64", "own_judgement_rows": "Int64"})


def _surveys_in_reach(review: Review, words: Words) -> pd.DataFrame:
    """Return the surveys of the region, its country and Europe, with the use each can be put to."""
    surveys = policy.list_surveys(review.common.barriers)
    area = surveys["ref_area"]
    near = area.isin([review.pack.region.country, *_own_areas(review)])
    use = [words.use(*known) for known in zip(near, surveys["usable"], strict=True)]
    return surveys.assign(use=use)[near | area.astype(str).str.startswith("EU")]


def _source_words(review: Review, words: Words, usable: int) -> str:
    pack = review.pack
    return sentences(
        words.all_invented() if pack.region.invented else "",
        words.tables_read(
            len(pack.policies),
            pack.policies["evidence"].eq("published").mean(),
            len(pack.services),
            len(pack.actions),
            [name for name in READ if not pack.has(name)],
        ),
        words.surveys_usable(usable),
    )
