"""Whether firms still get through when the landscape is slimmed and the proposals are added."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.charts.plan import AS_IS, PROPOSED, TO_BE
from eis_lib.language.english import count
from eis_lib.methods import gaps, journey, landscape
from eis_lib.methods.gaps import mean_doors
from eis_lib.methods.journey import weighted_mean_on_way
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _open, _pct, _proposals, _source
from eis_lib.steps.plan._slimming import _slim, _walk_as_it_is, _walk_slimmed
from eis_lib.steps.plan._walk import Walk, _walk
from eis_lib.steps.plan._written import _lead
from eis_lib.steps.shared.words import _label


def _with_proposals(review: Review, services: pd.DataFrame, todo: pd.DataFrame) -> pd.DataFrame:
    """Return the services and, for each proposal that fills a gap, one more that works as meant for the firms of the gap."""
    personas = review.common.personas.set_index("persona_id")
    lead = _lead(review)
    rows = []
    for r in _each_row(todo[(todo["kind"] == "gap") & todo["option"].isin(["add", "redesign"])]):
        firms = personas.loc[list(split(r.personas))]

        def union(column: str, firms: pd.DataFrame = firms) -> tuple[str, ...]:
            cells = [c if isinstance(c, tuple) else (c,) for c in firms[column]]
            return tuple(dict.fromkeys(code for cell in cells for code in cell))

        rows.append(
            {
                "service_id": f"proposal-{r.recommendation_id.replace(':', '-')}",
                "provider_id": lead,
                "name": r.title,
                "support_type": r.support_type or "information",
                "journey_stages": split(r.stages),
                "need_area": (r.need,),
                "modes": union("modes"),
                "sme_size": union("sme_size"),
                "experience": union("experience"),
                "sectors": (landscape.CLASS_WIDE,),
                "market_scope": union("market_scope"),
                "channel": "hybrid",
                "cost_to_sme": "free",
                "dating": landscape.DATED,
                "languages": review.pack.region.languages,
            }
        )
    if not rows:
        return services
    return pd.concat([services, pd.DataFrame(rows)], ignore_index=True)


def _measures(services: pd.DataFrame, walk: Walk) -> dict[str, float]:
    prices = walk.free.measures
    return {
        "Services for firms of the region": float(len(services)),
        "Bodies that give them": float(services["provider_id"].nunique()),
        "Demand that is served (share)": gaps.coverage_share(walk.cells)[0],
        "Redundancy (share of doors beyond the first)": gaps.redundancy(walk.cells),
        "Doors per served cell (weighted mean)": mean_doors(walk.cells),
        "Firms that get to their goal, any way (share)": journey.completion(walk.free.measures),
        "Firms that get there on recorded referrals (share)": math.nan
        if walk.recorded is None
        else journey.completion(walk.recorded.measures),
        "Services used on the way (mean)": weighted_mean_on_way(prices, "steps"),
        "Hand-offs between bodies on the way (mean)": weighted_mean_on_way(prices, "hand_offs"),
        "Cold hand-offs on the way (mean)": weighted_mean_on_way(prices, "cold_hand_offs"),
        "Paid out of pocket on the way, euros (mean, lower bound)": weighted_mean_on_way(
            prices, "out_of_pocket_eur"
        ),
        "Cost of running the services, euros a year": math.nan,
    }


def journeys_to_be(review: Review, *, redundancy: int | None = None) -> Section:
    """Return the personas' walks in the landscape as it is, slimmed, and with the proposals on top."""
    slim = _slim(review, redundancy)
    todo = _open(_proposals(review))
    lands = {AS_IS: slim.services, TO_BE: slim.left}
    lands[PROPOSED] = _with_proposals(review, slim.left, todo)
    walks = {
        AS_IS: _walk_as_it_is(review),
        TO_BE: _walk_slimmed(review, redundancy),
        PROPOSED: _walk(review, lands[PROPOSED]),
    }
    columns = {name: _measures(lands[name], walk) for name, walk in walks.items()}
    measures = pd.DataFrame(
        {"measure": list(columns[AS_IS])}
        | {key: [columns[name][m] for m in columns[AS_IS]] for key, name in _LAND_KEYS.items()}
    )
    frame = _journey_frame(review, walks)
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    served = {name: gaps.coverage_share(walk.cells)[0] for name, walk in walks.items()}
    added = len(lands[PROPOSED]) - len(slim.left)
    answer = (
        f"In the slimmed landscape ({len(slim.left)} services for {len(slim.services)}) "
        + (
            f"**{count(worse['persona_id'].nunique(), 'persona')}** of {frame['persona_id'].nunique()} would have a harder way or none"
            if len(worse)
            else "**no persona** would have a harder way"
        )
        + f"; demand served is {_pct(served[AS_IS], 1)} before and {_pct(served[TO_BE], 1)} after. "
        f"If the {count(added, 'proposal')} that fill gaps worked as meant, {_pct(served[PROPOSED], 1)} would be served. "
        "Referrals to a service that goes are lost until somebody lays them anew; what a service costs to run is not on record."
    )
    return Section(
        answer=answer,
        charts={"journeys_side_by_side": _journeys_chart(review, frame, walks)},
        tables={
            "landscapes": Table(
                measures.round(6),
                "The landscape as it is, slimmed, and slimmed with the proposals on top",
                "Means are weighted by the share of SMEs a persona stands for, over those that get to their goal. Empty: not recorded.",
            ),
            "journeys_to_be": Table(
                frame.drop(columns=["mark"]),
                "Every persona’s best way in each landscape",
                "Designed journeys on all routes. Services proposed are taken to be open to exactly the kinds of firm in the gap: an assumption, not a forecast.",
            ),
        },
        how_sure="low; designed journeys of invented firms, and proposals that are assumed to work.",
        to_check="Walk one real firm through the slimmed landscape before anybody acts on it.",
    )


_LAND_KEYS: Mapping[str, str] = MappingProxyType(
    {"as_it_is": AS_IS, "slimmed": TO_BE, "slimmed_with_proposals": PROPOSED}
)


def _journey_frame(review: Review, walks: Mapping[str, Walk]) -> pd.DataFrame:
    names = dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))
    base = walks[AS_IS].free.measures.set_index("persona_id")
    rows = []
    for land, walk in walks.items():
        for m in _each_row(walk.free.measures):
            was = base.loc[m.persona_id]
            mark, state = _way(review, m, was)
            rows.append(
                {
                    "persona_id": m.persona_id, "persona": names[m.persona_id], "landscape": land, "weight": m.weight, "reach": int(m.reach),
                    "steps": m.steps, "hand_offs": m.hand_offs, "cold_hand_offs": m.cold_hand_offs, "needs_met": m.needs_met,
                    "needs": m.needs, "out_of_pocket_eur": m.out_of_pocket_eur, "lost_at": m.lost_at, "state": state, "mark": mark,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in ("steps", "hand_offs", "cold_hand_offs", "needs_met", "needs"):
        frame[column] = frame[column].astype("float64").astype("Int64")
    return frame


def _way(review: Review, m: Any, was: pd.Series) -> tuple[str, str]:
    """Return a persona's way in few characters, and how it compares with the landscape as it is."""
    if m.reach == 0:
        return f"lost at: {inside(_label(review, 'journey_stage', m.lost_at))}", "lost" if was[
            "reach"
        ] == 1 else "same"
    mark = f"{int(m.steps)} · {int(m.hand_offs)} · {int(m.needs_met)} of {int(m.needs)}"
    if was["reach"] == 0:
        return mark, "better"
    # fewer services, fewer hand-offs, more needs met: better if one is and none is worse
    gains = [was["steps"] - m.steps, was["hand_offs"] - m.hand_offs, m.needs_met - was["needs_met"]]
    up, down = any(g > 0 for g in gains), any(g < 0 for g in gains)
    return mark, "mixed" if up and down else "better" if up else "worse" if down else "same"


def _journeys_chart(review: Review, frame: pd.DataFrame, walks: Mapping[str, Walk]) -> Any:
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    better = frame[(frame["landscape"] == PROPOSED) & (frame["state"] == "better")]
    title = (
        f"Slimming makes the way harder for {worse['persona_id'].nunique() or 'none'} of {frame['persona_id'].nunique()} personas; "
        f"the proposals would ease it for {better['persona_id'].nunique() or 'none'}"
    )
    drawn = frame.sort_values("weight", ascending=False, kind="stable")
    order = drawn["persona"].drop_duplicates().tolist()
    drawn = (
        drawn.set_index(["persona", "landscape"])
        .loc[[(p, land) for p in order for land in walks]]
        .reset_index()
    )
    return charts.journeys_side_by_side(
        drawn,
        title=title,
        subtitle="Best way of each persona: services used · hand-offs between bodies · needs met on the way. Against as it is: green easier, orange harder, "
        "red lost, blue easier in one way and harder in another",
        source=f"{_source(review)}; personas are invented",
        description=f"{title}. {_pct(journey.completion(walks[AS_IS].free.measures))} of firms reach their goal as it is, "
        f"{_pct(journey.completion(walks[TO_BE].free.measures))} in the slimmed landscape.",
    )
