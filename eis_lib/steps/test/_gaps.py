"""Whether needs are left without support: gaps of all kinds, heaviest first, and what can not be judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _label, _pct
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
    share = own.groupby("kind")["weight"].sum()
    kinds = gap_rules.assess_kinds(now.services, now.referrals)
    parts = [
        f"{inside(_label(review, 'gap_kind', k))} {share[k]:.0%}"
        for k in gap_rules.KINDS
        if share.get(k, 0) > 0 and k != "evidence"
    ]
    mute = [inside(_label(review, "gap_kind", k.kind)) for k in kinds if k.answer == "no"]
    answer = (
        f"Services on record meet **{_pct(served)}** of weighted demand"
        + (f"; for another {_pct(possible - served)} the records can not tell" if possible > served else "")
        + (f". The rest: {', '.join(parts)}" if parts else "")
        + f". At least one service is open to the firm for {_pct(within_reach)}: more than is met, as a service of unknown date, a full one "
        "or one that nothing tells of meets no need here. "
        + (f"Not assessable from these records: {listing(mute)} (that is not zero). " if mute else "")
        + judged.words
    )
    made = {}
    if len(own):
        made["gaps_ranked"] = _gap_chart(review, now, own, served)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "gaps": _gap_table(review, ranked),
            "gap_kinds": _kind_table(review, judged, kinds),
            "gap_cells": _cell_table(judged.cells),
        },
        how_sure="low to medium; a gap says that no service is on record, at a stage and for a need that we coded; "
        f"{_dating(now.services)}.",
        to_check="For the first five gaps: is there a service that the pack misses, and do firms ask for one?",
    )


_GAP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "absolute": "no service on record at this stage for",
        "eligibility": "services are on record, and none lets in",
        "access": "services are on record, and channel, language or price keeps out",
        "capacity": "services are on record, and full for",
        "awareness": "services are on record, and nothing on record brings word of them to",
        "evidence": "the records can not tell for",
    }
)


def _kind_words(review: Review, gap: Any) -> str:
    if gap.kind == "absolute":
        return "No service at any stage" if gap.because == "at no stage" else "No service at this stage"
    return _label(review, "gap_kind", gap.kind)


def _gap_chart(review: Review, now: View, own: pd.DataFrame, served: float) -> Any:
    drawn = own.head(GAPS_DRAWN)
    frame = pd.DataFrame(
        {
            "gap": [_gap_label(review, g) for g in _each_row(drawn)],
            "is_unknown": drawn["kind"] == "evidence",
            "score": drawn["score"],
            "note": [
                f"{_kind_words(review, g)} · {g.weight:.1%} · {count(len(g.persona_ids), 'persona')}"
                for g in _each_row(drawn)
            ],
        }
    )
    # a need can lack service at one stage for two reasons; an unseen mark keeps the two rows apart
    frame["gap"] = [
        f"{gap}{' ' * n}" for gap, n in zip(frame["gap"], frame.groupby("gap").cumcount(), strict=True)
    ]
    top = drawn.iloc[0]
    title = (
        f"The heaviest gap: {inside(_label(review, 'barrier', top['need']))} at the stage "
        f"“{_label(review, 'journey_stage', top['stage'])}”"
    )
    return charts.gaps_ranked(
        frame,
        title=title,
        subtitle=f"{'All' if len(drawn) == len(own) else f'First {len(drawn)} of'} {len(own)} gaps, {now.year}: kind · share of weighted demand · "
        f"personas that meet it. Grey: the records can not tell. {_pct(served)} of demand is served",
        source=_source(review, now),
        description=f"{title}, {top['weight']:.1%} of weighted demand. {len(own)} gaps in all.",
    )


def _gap_table(review: Review, ranked: pd.DataFrame) -> Table:
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
        "Gaps by weight × severity",
        "Weight: share of all weighted demand. Severity by kind is a project convention ("
        + ", ".join(f"{inside(_label(review, 'gap_kind', k))} {v:g}" for k, v in gap_rules.SEVERITY.items())
        + "). ‘No way on’ looks at the same cells once more and is not to be added.",
    )


def _kind_table(review: Review, judged: Judged, kinds: Sequence[gap_rules.Assessable]) -> Table:
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
        "Seven kinds of gap, and whether they can be judged",
        "Empty: not assessable, which is not zero.",
    )


def _cell_table(cells: pd.DataFrame) -> Table:
    frame = cells.copy()
    frame["service_ids"] = [";".join(v) for v in frame["service_ids"]]
    return Table(
        frame.round({"weight": 8}),
        "Every cell of persona, stage and need with its verdict",
        "Stages at which a need bites, and needs that are met for good once learnt, are project conventions.",
    )
