"""Whether firms still get through when the landscape is slimmed and the proposals are added."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.charts.plan import AS_IS, PROPOSED, TO_BE
from eis_lib.language.templates import Words
from eis_lib.methods import gaps, journey, landscape
from eis_lib.methods.gaps import mean_doors
from eis_lib.methods.journey import weighted_mean_on_way
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _open, _proposals, _source, _words
from eis_lib.steps.plan._slimming import _slim, _walk_as_it_is, _walk_slimmed
from eis_lib.steps.plan._walk import Walk, _walk
from eis_lib.steps.plan._written import _lead


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
        "services": float(len(services)),
        "bodies": float(services["provider_id"].nunique()),
        "served": gaps.coverage_share(walk.cells)[0],
        "redundancy": gaps.redundancy(walk.cells),
        "doors": mean_doors(walk.cells),
        "any_way": journey.completion(walk.free.measures),
        "on_referrals": math.nan if walk.recorded is None else journey.completion(walk.recorded.measures),
        "steps": weighted_mean_on_way(prices, "steps"),
        "hand_offs": weighted_mean_on_way(prices, "hand_offs"),
        "cold_hand_offs": weighted_mean_on_way(prices, "cold_hand_offs"),
        "out_of_pocket_eur": weighted_mean_on_way(prices, "out_of_pocket_eur"),
        "running_cost_eur": math.nan,
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
    words = _words(
        __file__,
        review,
        services=len(slim.services),
        slimmed=len(slim.left),
        served={key: columns[name]["served"] for key, name in _LAND_KEYS.items()},
    )
    measures = pd.DataFrame(
        {"measure": [words.measure(m) for m in columns[AS_IS]]}
        | {key: [columns[name][m] for m in columns[AS_IS]] for key, name in _LAND_KEYS.items()}
    )
    frame = _journey_frame(review, walks, words)
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    return Section(
        answer=words.answer(
            worse["persona_id"].nunique(),
            frame["persona_id"].nunique(),
            len(lands[PROPOSED]) - len(slim.left),
        ),
        charts={"journeys_side_by_side": _journeys_chart(review, frame, walks, words)},
        tables={
            "landscapes": Table(measures.round(6), words.landscapes_caption(), words.landscapes_note()),
            "journeys_to_be": Table(
                frame.drop(columns=["mark"]), words.journeys_caption(), words.journeys_note()
            ),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


_LAND_KEYS: Mapping[str, str] = MappingProxyType(
    {"as_it_is": AS_IS, "slimmed": TO_BE, "slimmed_with_proposals": PROPOSED}
)


def _journey_frame(review: Review, walks: Mapping[str, Walk], words: Words) -> pd.DataFrame:
    names = dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))
    base = walks[AS_IS].free.measures.set_index("persona_id")
    rows = []
    for land, walk in walks.items():
        for m in _each_row(walk.free.measures):
            was = base.loc[m.persona_id]
            mark, state = _way(m, was, words)
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


def _way(m: Any, was: pd.Series, words: Words) -> tuple[str, str]:
    """Return a persona's way in few characters, and how it compares with the landscape as it is."""
    if m.reach == 0:
        return words.lost_at(m.lost_at), "lost" if was["reach"] == 1 else "same"
    mark = words.way(int(m.steps), int(m.hand_offs), int(m.needs_met), int(m.needs))
    if was["reach"] == 0:
        return mark, "better"
    # fewer services, fewer hand-offs, more needs met: better if one is and none is worse
    gains = [was["steps"] - m.steps, was["hand_offs"] - m.hand_offs, m.needs_met - was["needs_met"]]
    up, down = any(g > 0 for g in gains), any(g < 0 for g in gains)
    return mark, "mixed" if up and down else "better" if up else "worse" if down else "same"


def _journeys_chart(review: Review, frame: pd.DataFrame, walks: Mapping[str, Walk], words: Words) -> Any:
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    better = frame[(frame["landscape"] == PROPOSED) & (frame["state"] == "better")]
    title = words.title(*(part["persona_id"].nunique() for part in (worse, better, frame)))
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
        subtitle=words.subtitle(),
        source=words.source(_source(review)),
        description=words.description(
            title, *(journey.completion(walks[name].free.measures) for name in (AS_IS, TO_BE))
        ),
    )
