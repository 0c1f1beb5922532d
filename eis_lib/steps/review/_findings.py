"""What step 6 found, most important first."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import findings_frame
from eis_lib.section.review import Review
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._change import _stayed
from eis_lib.steps.review._hindsight import _hindsight
from eis_lib.steps.review._view import _diff, _names, _previous, _tracked
from eis_lib.steps.shared.words import _number


def _findings(review: Review) -> pd.DataFrame:
    """Return what step 6 found, most important first."""
    found: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        value: float,
        unit: str,
        how_sure: str,
        status: str,
        rows: str,
    ) -> None:
        found.append(
            {
                "finding_id": f"review:{kind}:{subject}", "kind": kind, "subject": subject, "statement": statement, "value": value,
                "unit": unit, "how_sure": how_sure, "status": status, "rows": rows,
            }
        )  # fmt: skip

    tracked, table, previous = _tracked(review), _alerts(review), _previous(review)
    for row in _each_row(tracked[tracked["state"] == monitor.RED]):
        add(
            "target", row.indicator_id,
            f"{row.indicator_name}: {_number(row.value)} {row.unit} in {row.period}, {row.attainment:.0%} of the way where {row.expected:.0%} was expected.",
            row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip
    for row in _each_row(table[(table["state"] == "open") & ~table["kind"].isin(["target"])]):
        recorded = row.kind in {"provider-closed", "policy-ended", "programme-closing", "stale"}
        rows = ";".join(
            [*(f"services:{s}" for s in row.affects_services), *(f"actions:{a}" for a in row.affects_actions)]
        )
        add(
            f"alert-{row.kind}", row.subject, row.statement, row.value, row.unit, "medium",
            "finding" if recorded and row.kind != "policy-ended" else "candidate", rows if recorded else "",
        )  # fmt: skip
    diff = _diff(review, previous)
    real = diff[(diff["table"] == "services") & (diff["nature"] == monitor.REAL)]
    names = _names(review)
    for row in _each_row(real[(real["change"] == "closed")]):
        add(
            "closed-service", row.id, f"{names[row.id]} ended since the end of {previous} without a successor on record ({row.because}).",
            1.0, "services", "medium", "candidate", f"services:{row.id}",
        )  # fmt: skip
    if tracked.empty:
        add(
            "no-measurements",
            "pack",
            "No measurement is on record: whether the plan works is unknown.",
            math.nan,
            "",
            "high",
            "unknown",
            "",
        )
    stayed = _stayed(review, previous)
    if stayed["undated"]:
        add(
            "undated", "services", f"{stayed['undated']} of {stayed['all']} services count at both dates only because a year is missing; what became of them is unknown.",
            float(stayed["undated"]), "services", "high", "unknown", "",
        )  # fmt: skip
    past = _hindsight(review)
    one = past[past["basis"] != "level"].drop_duplicates(["series", "basis"]) if len(past) else past
    if len(one):
        useful = one[one["reading"] == "useful"]
        add(
            "watch", "series",
            f"{len(useful)} of {count(len(one), 'series', 'series')} watched as change noticed a known shock and kept quiet in calm times"
            + (f": {listing(list(useful['series']))}." if len(useful) else "."),
            float(len(useful)), "series", "low", "finding", "",
        )  # fmt: skip
    for row in _each_row(tracked[tracked["state"] == monitor.GREEN]):
        add(
            "on-track", row.indicator_id, f"{row.indicator_name}: {row.attainment:.0%} of the way in {row.period}, {row.expected:.0%} expected.",
            row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip
    return findings_frame(found)
