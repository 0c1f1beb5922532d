"""Whether what is there meets the demand, need by need: the profile that regions are compared on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, journey_stages, view
from eis_lib.steps.shared.words import _label, words_of
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
    labels = [
        inside(_label(review, "barrier", c))
        for c in bare.sort_values("demand_weight", ascending=False)["need_area"]
    ]
    words = words_of(
        __file__,
        review,
        needs=len(asked),
        full=int((asked["share"] > 1 - 1e-9).sum()),
        bare=len(bare),
        dark=int(((asked["served_weight"] <= 0) & (asked["unknown_weight"] > 0)).sum()),
        redundant=gap_rules.redundancy(judged.cells),
    )
    table = frame.copy()
    table["service_ids"] = [";".join(v) for v in table["service_ids"]]
    made = {}
    if len(asked):
        made["demand_served"] = _served_chart(review, now, asked, words)
    return Section(
        answer=words.answer(labels),
        charts=made,
        tables={
            "profile": Table(
                table.round({"demand_weight": 8, "served_weight": 8, "unknown_weight": 8, "gap_weight": 8}),
                words.profile_caption(),
                words.profile_note(),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
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


def _served_chart(review: Review, now: View, asked: pd.DataFrame, words: Words) -> Any:
    shown = asked.sort_values(["demand_weight", "need_area"], ascending=[False, True], kind="stable")
    rows = []
    for area in _each_row(shown):
        for state, value in (
            ("served", area.served_weight), ("records can not tell", area.unknown_weight), ("no service open", area.gap_weight)
        ):  # fmt: skip
            rows.append((_label(review, "barrier", area.need_area), state, float(value)))
    frame = pd.DataFrame(rows, columns=["area", "state", "weight"])
    return charts.demand_served(
        frame,
        title=words.title(),
        subtitle=words.subtitle(now.year),
        source=_source(review, now),
        description=words.description(),
    )
