"""The gaps of a year with verdicts, ranked by demand weight, and what people decided on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import gaps as gap_rules
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.shared.landscape import View, fits_in, journey_stages, judge_demand
from eis_lib.steps.shared.needs import _chosen, _schemes


@dataclass(frozen=True)
class Judged:
    """The gaps of one year: cells with verdicts, gaps ranked, the weights they rest on and the words for them."""

    cells: pd.DataFrame
    ranked: pd.DataFrame
    schemes: Mapping[str, tuple[str, pd.Series]]
    scheme: str
    words: str


@once_per_review
def _judge(review: Review, now: View, weights: str | None = None) -> Judged:
    schemes = _schemes(review, now.year)
    scheme, words = _chosen(review, schemes, weights)
    needs = gap_rules.weigh_needs(schemes[scheme][1])
    cells = gap_rules.demand_cells(review.common.personas, journey_stages(review), needs)
    judged = judge_demand(review, cells, now.services, fits_in(review, now))
    ranked = _decided(review, gap_rules.rank_gaps(judged))
    return Judged(judged, ranked, schemes, scheme, words)


def _decided(review: Review, ranked: pd.DataFrame) -> pd.DataFrame:
    """Return gaps with what people decided on them; the latest decision counts."""
    latest: dict[str, str] = {}
    if review.pack.has("decisions"):
        on_gaps = review.pack.decisions[review.pack.decisions["subject_kind"] == "gap"]
        for subject, decision in on_gaps.sort_values("date", kind="stable")[
            ["subject_id", "decision"]
        ].itertuples(index=False):
            latest[str(subject)] = str(decision)
    undecided = {"evidence": "unknown"}
    return ranked.assign(
        status=[
            latest.get(gap, undecided.get(kind, "candidate"))
            for gap, kind in zip(ranked["gap_id"], ranked["kind"], strict=True)
        ]
    )
