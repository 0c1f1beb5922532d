"""What a watch would have said around dated events of the past, and how often in calm times."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from eis_lib.methods.monitor._periods import (
    _months_between,
    add_months,
    period_end,
    period_middle,
    period_months,
    period_start,
)
from eis_lib.pack.frames import _each_row

# --- what the method would have said ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Shock:
    """A dated event that a watch over the economy should have noticed.

    Attributes
    ----------
    name : str
    month : str
        Month in which it began.
    """

    name: str
    month: str


SHOCKS = (
    Shock("Brexit referendum", "2016-06"),
    Shock("Pandemic", "2020-03"),
    Shock("War and energy prices", "2022-02"),
)
"""The three events the method is held against; dates are general knowledge."""

SHOCK_MONTHS = 12
"""A signal within so many months from the start of an event counts as on it; all other time is called calm (project convention)."""

SIGNALLED, SILENT, TOO_FEW, NO_DATA, OPEN_BEFORE = (
    "signalled",
    "silent",
    "too few points yet",
    "no data",
    "already open",
)


def hold_against(
    chart: pd.DataFrame, found: pd.DataFrame, shocks: Sequence[Shock] = SHOCKS, months: int = SHOCK_MONTHS
) -> pd.DataFrame:
    """Return what a frozen chart said around each event: signalled, silent, too few points yet, no data.

    A period belongs to an event if its middle lies within so many months of the start, so that the year 2020 belongs to
    March 2020 and 2021 does not. Only points after the baseline count: those were judged by limits known at the time. *Already open* means that an
    alert from before was still open, so the event would not have raised one.

    Returns
    -------
    DataFrame
        One row per event: ``shock``, ``month``, ``verdict``, ``first_signal`` (period), ``direction`` (up or down), ``rule``, ``months_after`` (to
        the end of the period, when its value could first be known).
    """
    rows = []
    live = chart[~chart["is_baseline"]] if len(chart) else chart
    for shock in shocks:
        start = period_start(shock.month)
        end = add_months(start, months)
        unseen = {"first_signal": "", "direction": "", "rule": "", "months_after": None}
        row = {"shock": shock.name, "month": shock.month, **unseen}

        def within(period: str, start: dt.date = start, end: dt.date = end) -> bool:
            return start <= period_middle(period) < end

        if not any(map(within, chart["period"])):
            rows.append(row | {"verdict": NO_DATA})
            continue
        if not any(map(within, live["period"])):
            rows.append(row | {"verdict": TOO_FEW})
            continue
        on_it = [
            e for e in _each_row(found[found["prospective"].astype(bool)])
            if within(e.opened)
        ]  # fmt: skip
        before = [
            e for e in _each_row(found)
            if period_middle(e.opened) < start and (not e.closed or period_middle(e.closed) >= start)
        ]  # fmt: skip
        if on_it:
            hit = on_it[0]
            rows.append(
                row | {
                    "verdict": SIGNALLED, "first_signal": hit.opened, "direction": "up" if hit.value > hit.limit else "down",
                    "rule": hit.rule,
                    # an annual value is known only when the year is over
                    "months_after": _months_between(start, period_end(hit.opened)),
                }
            )  # fmt: skip
        else:
            rows.append(row | {"verdict": OPEN_BEFORE if before else SILENT})
    return pd.DataFrame(
        rows, columns=["shock", "month", "verdict", "first_signal", "direction", "rule", "months_after"]
    )


def count_calm(
    chart: pd.DataFrame, found: pd.DataFrame, shocks: Sequence[Shock] = SHOCKS, months: int = SHOCK_MONTHS
) -> dict[str, float]:
    """Return how often a chart cried out in calm times: those more than so many months from the start of any event.

    Returns
    -------
    dict
        ``alerts`` (events that opened after the baseline), ``on_events``, ``calm_alerts``, ``calm_years`` (years watched
        outside the events), ``calm_alerts_per_year`` (NaN where no calm time was watched), ``calm_signals`` (points) and ``calm_open_share`` (share
        of the calm points at which an alert stood open, 0–1).
    """
    windows = [(period_start(s.month), add_months(period_start(s.month), months)) for s in shocks]

    def on_event(period: str) -> bool:
        return any(a <= period_middle(period) < b for a, b in windows)

    spans = [(e.opened, e.closed) for e in _each_row(found)]

    def is_open(period: str) -> bool:
        return any(opened <= period and (not closed or period < closed) for opened, closed in spans)

    live = chart[~chart["is_baseline"]] if len(chart) else chart
    calm = [p for p in live["period"] if not on_event(p)]
    years = sum(period_months(p) for p in calm) / 12
    opened = [str(p) for p in found.loc[found["prospective"].astype(bool), "opened"]]
    hits = sum(on_event(p) for p in opened)
    return {
        "alerts": float(len(opened)),
        "on_events": float(hits),
        "calm_alerts": float(len(opened) - hits),
        "calm_years": years,
        "calm_alerts_per_year": (len(opened) - hits) / years if years else math.nan,
        "calm_open_share": sum(map(is_open, calm)) / len(calm) if calm else math.nan,
        "calm_signals": float(sum(bool(s) for p, s in zip(live["period"], live["signal"], strict=True) if not on_event(p))),
    }  # fmt: skip
