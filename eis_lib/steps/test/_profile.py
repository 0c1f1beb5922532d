"""Whether what is there meets the demand, need by need: the profile that regions are compared on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count, listing
from eis_lib.language.messages import gettext
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, journey_stages, view
from eis_lib.steps.shared.words import _be, _label, _pct
from eis_lib.steps.test._judged import Judged, _judge
from eis_lib.steps.test._view import _source


def profile(review: Review, *, year: int | None = None) -> Section:
    """Return, per need area and stage, what is there and how much of the demand it meets: what regions are compared on."""
    now = view(review, year)
    judged = _judge(review, now)
    frame = _profile_frame(review, now, judged)
    areas = (
        frame.groupby("need_area", sort=False)[
            ["demand_weight", "served_weight", "unknown_weight", "gap_weight"]
        ]
        .sum()
        .reset_index()
    )
    asked = areas[areas["demand_weight"] > 0].copy()
    asked["share"] = asked["served_weight"] / asked["demand_weight"]
    bare = asked[asked["served_weight"] + asked["unknown_weight"] <= 0]
    dark = int(((asked["served_weight"] <= 0) & (asked["unknown_weight"] > 0)).sum())
    full = asked[asked["share"] > 1 - 1e-9]
    redundant = gap_rules.redundancy(judged.cells)
    labels = [
        inside(_label(review, "barrier", c))
        for c in bare.sort_values("demand_weight", ascending=False)["need_area"]
    ]
    answer = (
        f"Of {count(len(asked), 'need')} that personas have, **{len(full)}** are met wherever they bite and **{len(bare)}** nowhere"
        + (f" ({listing(labels, most=6)})" if labels else "")
        + (f"; of {dark} the records can not tell" if dark else "")
        + f". {_pct(redundant)} of the weighted offer is a second or further service for a cell that has one already (redundancy)."
    )
    table = frame.copy()
    table["service_ids"] = [";".join(v) for v in table["service_ids"]]
    made = {}
    if len(asked):
        made["demand_served"] = _served_chart(review, now, asked, bare)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "profile": Table(
                table.round({"demand_weight": 8, "served_weight": 8, "unknown_weight": 8, "gap_weight": 8}),
                "What is there and how much of the demand it meets, by need area and stage",
                "Weights are shares of all weighted demand of this region's personas; a cell without demand can still have services.",
            )
        },
        how_sure="low to medium; shares rest on our coding of stages and needs and on invented personas, the same in every region, so that "
        "differences between regions say more than the level.",
        to_check="Whether the needs met nowhere are met by a body that the pack does not list.",
    )


def _profile_frame(review: Review, now: View, judged: Judged) -> pd.DataFrame:
    offer: dict[tuple[str, str], list[str]] = {}
    for service in _each_row(now.counted):
        for need in service.need_area:
            for stage in service.journey_stages:
                offer.setdefault((need, stage), []).append(str(service.service_id))
    giver = dict(zip(now.counted["service_id"], now.counted["provider_id"], strict=True))
    weight = judged.cells.groupby(["need", "stage", "status"])["weight"].sum().to_dict()
    personas = judged.cells.groupby(["need", "stage"])["persona_id"].nunique().to_dict()
    rows = []
    for need in review.vocabulary.codes("barrier"):
        for stage in journey_stages(review):
            ids = tuple(sorted(offer.get((need, stage), ())))
            parts = {
                s: float(weight.get((need, stage, s), 0.0))
                for s in (gap_rules.SERVED, gap_rules.UNKNOWN, gap_rules.GAP)
            }
            rows.append(
                {
                    "need_area": need,
                    "stage": stage,
                    "services": len(ids),
                    "providers": len({giver[i] for i in ids}),
                    "personas": int(personas.get((need, stage), 0)),
                    "demand_weight": sum(parts.values()),
                    "served_weight": parts[gap_rules.SERVED],
                    "unknown_weight": parts[gap_rules.UNKNOWN],
                    "gap_weight": parts[gap_rules.GAP],
                    "service_ids": ids,
                }
            )
    return pd.DataFrame(rows)


def _served_chart(review: Review, now: View, asked: pd.DataFrame, bare: pd.DataFrame) -> Any:
    shown = asked.sort_values(["demand_weight", "need_area"], ascending=[False, True], kind="stable")
    rows = []
    for area in _each_row(shown):
        for state, value in (
            ("served", area.served_weight), ("records can not tell", area.unknown_weight), ("no service open", area.gap_weight)
        ):  # fmt: skip
            rows.append((_label(review, "barrier", area.need_area), state, float(value)))
    frame = pd.DataFrame(rows, columns=["area", "state", "weight"])
    title = (
        f"{count(len(bare), 'need')} of {len(asked)} {_be(len(bare))} met nowhere by a service on record"
        if len(bare)
        else "Every need is met at some stage by a service on record"
    )
    return charts.demand_served(
        frame,
        title=title,
        subtitle=gettext(
            "Share of all weighted demand by need, {year}; the three parts of a bar stand in the order of the legend"
        ).format(year=now.year),
        source=_source(review, now),
        description=f"{title}. Bars show demand by need, split into served, unknown and not served.",
    )
