"""Whether needs are left without support: gaps of all kinds, heaviest first, and what can not be judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _label, words_of
from eis_lib.steps.test._judged import Judged, _judge
from eis_lib.steps.test._view import _dating, _source

GAPS_DRAWN = 15

WEIGHTS = MappingProxyType(
    {"published survey": "published", "the region's own survey": "own", "equal": "equal"}
)
"""What the control for demand weights offers."""


def _gap_label(review: Review, gap: Any) -> str:
    return f"{_label(review, 'barrier', gap.need)} · {inside(_label(review, 'journey_stage', gap.stage))}"


def gaps(review: Review, *, weights: str | None = None, year: int | None = None) -> Section:
    """Return gaps of all kinds, heaviest first, and which kinds can not be judged."""
    now = view(review, year)
    judged = _judge(review, now, weights)
    ranked = judged.ranked
    served, possible = gap_rules.coverage_share(judged.cells)
    within_reach = gap_rules.open_share(judged.cells)
    own = ranked[~ranked["kind"].isin(["continuity"])]
    kinds = gap_rules.assess_kinds(now.services, now.referrals)
    weight = own.groupby("kind")["weight"].sum()
    words = words_of(
        __file__,
        review,
        served=served,
        untold=possible - served,
        within_reach=within_reach,
        weights={k: weight[k] for k in gap_rules.KINDS if k != "evidence" and weight.get(k, 0) > 0},
        mute=[inside(_label(review, "gap_kind", k.kind)) for k in kinds if k.answer == "no"],
        severity=gap_rules.SEVERITY,
    )
    made = {}
    if len(own):
        made["gaps_ranked"] = _gap_chart(review, now, own, words)
    return Section(
        answer=words.answer(judged.words),
        charts=made,
        tables={
            "gaps": _gap_table(review, ranked, words),
            "gap_kinds": _kind_table(review, judged, kinds, words),
            "gap_cells": _cell_table(judged.cells, words),
        },
        how_sure=words.how_sure(_dating(review, now.services)),
        to_check=words.to_check(),
    )


def _gap_chart(review: Review, now: View, own: pd.DataFrame, words: Words) -> Any:
    drawn = own.head(GAPS_DRAWN)
    frame = pd.DataFrame(
        {
            "gap": [_gap_label(review, g) for g in _each_row(drawn)],
            "is_unknown": drawn["kind"] == "evidence",
            "score": drawn["score"],
            "note": [words.bar(g) for g in _each_row(drawn)],
        }
    )
    # a need can lack service at one stage for two reasons; an unseen mark keeps the two rows apart
    frame["gap"] = [
        f"{gap}{' ' * n}" for gap, n in zip(frame["gap"], frame.groupby("gap").cumcount(), strict=True)
    ]
    top = drawn.iloc[0]
    return charts.gaps_ranked(
        frame,
        title=words.title(top),
        subtitle=words.subtitle(len(drawn), len(own), now.year),
        source=_source(review, now),
        description=words.description(top, len(own)),
    )


def _gap_table(review: Review, ranked: pd.DataFrame, words: Words) -> Table:
    frame = ranked.copy()
    frame.insert(1, "label", [_gap_label(review, g) for g in _each_row(ranked)])
    frame["kind_label"] = [_label(review, "gap_kind", k) for k in frame["kind"]]
    frame["personas"] = [len(p) for p in frame["persona_ids"]]
    for column in ("persona_ids", "service_ids"):
        frame[column] = [";".join(v) for v in frame[column]]
    frame.insert(0, "rank", range(1, len(frame) + 1))
    order = [
        "rank", "gap_id", "label", "kind", "kind_label", "stage", "need", "weight", "severity", "score", "status", "personas", "because",
        "service_ids", "persona_ids",
    ]  # fmt: skip
    return Table(
        frame[order].round({"weight": 6, "score": 6}),
        words.gaps_caption(),
        words.gaps_note(),
    )


def _kind_table(review: Review, judged: Judged, kinds: Sequence[gap_rules.Assessable], words: Words) -> Table:
    weight = judged.ranked.groupby("kind")["weight"].sum()
    cells = {k: int((judged.cells["kind"] == k).sum()) for k in gap_rules.KINDS}
    cells["continuity"] = int(judged.cells["continuity"].sum())
    rows = [
        {
            "kind": k.kind,
            "label": _label(review, "gap_kind", k.kind),
            "assessable": k.answer,
            "cells": cells[k.kind] if k.answer != "no" else math.nan,
            "weight": round(float(weight.get(k.kind, 0.0)), 6) if k.answer != "no" else math.nan,
            "why": k.why,
        }
        for k in kinds
    ]
    frame = pd.DataFrame(rows)
    frame["cells"] = frame["cells"].astype("Int64")
    return Table(
        frame,
        words.kinds_caption(),
        words.kinds_note(),
    )


def _cell_table(cells: pd.DataFrame, words: Words) -> Table:
    frame = cells.copy()
    frame["service_ids"] = [";".join(v) for v in frame["service_ids"]]
    return Table(
        frame.round({"weight": 8}),
        words.cells_caption(),
        words.cells_note(),
    )
