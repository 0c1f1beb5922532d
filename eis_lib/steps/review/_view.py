"""What the sections of step 6 share: the day of the review, the year compared with, names, and what changed."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd

from eis_lib.language.numbers import decimal, significant
from eis_lib.language.templates import Words
from eis_lib.methods import landscape, monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review

KINDS = (
    "measurement",
    "target",
    "stale",
    "exchange-rate",
    "business-climate",
    "exports",
    "provider-closed",
    "policy-ended",
    "programme-closing",
    "survey-shift",
)
"""Kinds of alert, in the order in which a reader sees them."""


def _kind_label(kind: str) -> str:
    """Return the words a reader sees for a kind of alert."""
    return Words(__file__).kind(kind)


def _figure(value: float) -> str:
    """Return a value whole from 1000 on, else with three digits that count."""
    return decimal(value) if abs(value) >= 1000 else significant(value)


def _signed(value: float) -> str:
    """Return a value with its sign and three digits that count."""
    return f"{'+' if math.copysign(1, value) > 0 else ''}{significant(value)}"


def _day(review: Review) -> dt.date:
    """Return the day of the review: the region's review date, or the last day of another year asked for."""
    region = review.pack.region
    if review.year == region.review_year:
        return dt.date.fromisoformat(region.review_date)
    return dt.date(review.year, 12, 31)


def _previous(review: Review, previous_year: int | None = None) -> int:
    """Return the year compared with; never one after the review."""
    return min(review.previous_year if previous_year is None else previous_year, review.year)


def _names(review: Review) -> dict[str, str]:
    """Return id → name of every provider, service, policy, action and persona."""
    pack = review.pack
    names = {str(p): str(n) for p, n in zip(pack.services["service_id"], pack.services["name"], strict=True)}
    for row in _each_row(pack.providers):
        names[str(row.provider_id)] = str(row.name if landscape.is_missing(row.name_en) else row.name_en)
    for frame, key in ((pack.policies, "policy_id"), (pack.actions, "action_id")):
        names |= dict(zip(frame[key].astype(str), frame["title"].astype(str), strict=True))
    return names


@once_per_review
def _tracked(review: Review) -> pd.DataFrame:
    settings = review.parameters
    return monitor.track_targets(
        review.pack.measurements, _day(review), green=settings.green, amber=settings.amber, lag_months=settings.lag_months
    )  # fmt: skip


def _diff(review: Review, previous: int) -> pd.DataFrame:
    """Return what the region's record says changed between the end of a year and the day of the review."""
    tables = {name: review.pack.tables[name] for name in monitor.KEYS}
    day = _day(review).isoformat()
    old = monitor.Snapshot(min(f"{previous}-12-31", day), tables)
    return monitor.diff_landscape(old, monitor.Snapshot(day, tables))
