"""How far each indicator is on its way to the target, and when it was far behind."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods.monitor._periods import is_stale, period_end
from eis_lib.pack.frames import _each_row

_WORDS = Words(__file__)

GREEN, AMBER, RED, GREY, UNDEFINED, NOT_DUE = (
    "on track",
    "behind",
    "far behind",
    "out of date",
    "no way to state it",
    "not due yet",
)

LIGHTS = MappingProxyType(
    {GREEN: "green", AMBER: "amber", RED: "red", GREY: "grey", UNDEFINED: "grey", NOT_DUE: "grey"}
)
"""State of an indicator in words → colour of its light; the words carry the meaning."""


# --- targets ---------------------------------------------------------------------------------------------------


def attainment(value: float | None, baseline: float | None, target: float | None) -> float:
    """Return the share of the way from baseline to target that is done; NaN where the target is the baseline or one is missing.

    (value − baseline) / (target − baseline): rising and falling targets alike; below 0 means away from the target,
    above 1 beyond it.

    Examples
    --------
    >>> attainment(31, 42, 20), attainment(58, 42, 70)
    (0.5, 0.5714285714285714)
    """
    done, start, end = (math.nan if number is None else float(number) for number in (value, baseline, target))
    way = end - start
    return math.nan if math.isnan(way) or way == 0 else (done - start) / way


def expected_share(day: dt.date, baseline_year: int, target_year: int) -> float:
    """Return the share of the way that should be done on a day: linear from the end of one year to the end of the other.

    0 before, 1 after. Each year is as long as any other, so that the end of the middle year is half the way. NaN where the
    target year is not after the baseline year.

    Examples
    --------
    >>> expected_share(dt.date(2020, 12, 31), 2018, 2022)
    0.5
    """
    if target_year <= baseline_year:
        return math.nan
    done = (day - dt.date(day.year - 1, 12, 31)) / (dt.date(day.year, 12, 31) - dt.date(day.year - 1, 12, 31))
    share = (day.year - 1 + done - baseline_year) / (target_year - baseline_year)
    return min(max(share, 0.0), 1.0)


def judge_progress(share: float, expected: float, green: float = 0.85, amber: float = 0.65) -> str:
    """Return the state of an indicator in words: attainment ÷ expected attainment against two marks.

    The marks mirror the EU performance framework 2014-2020 (85 % met, below 65 % a serious failure). Where nothing is
    expected yet the answer is *not due yet*.
    """
    if math.isnan(share) or math.isnan(expected):
        return UNDEFINED
    if expected <= 0:
        return NOT_DUE
    # a share that lies on the mark must not fall below it by its last bit
    ratio = round(share / expected, 12)
    return GREEN if ratio >= green else AMBER if ratio >= amber else RED


TRACK_COLUMNS = (
    "indicator_id",
    "indicator_name",
    "action_id",
    "unit",
    "baseline_year",
    "baseline_value",
    "target_year",
    "target_value",
    "period",
    "value",
    "path_value",
    "attainment",
    "expected",
    "ratio",
    "state",
    "light",
    "stale",
    "vintage",
    "remark",
)


def track_targets(
    measurements: pd.DataFrame,
    on: dt.date,
    *,
    green: float = 0.85,
    amber: float = 0.65,
    lag_months: int = 6,
    every_period: bool = False,
) -> pd.DataFrame:
    """Return where each indicator stands on its way to the target, at its last value known on a day.

    Parameters
    ----------
    measurements
        The pack's table: ``indicator_id``, ``period`` (``2024``, ``2024-Q3`` or ``2024-07``), ``value``, ``baseline_value``,
        ``baseline_year``, ``target_value``, ``target_year``, in any order of rows; and, where there are any,
        ``indicator_name``, ``action_id``, ``unit``, ``direction`` (up, down), ``vintage`` (day the value was taken).
    on
        Day of the review: values of periods that end later, or taken later, are not looked at.
    green, amber
        Marks for attainment ÷ expected attainment.
    lag_months
        Months a value may take to arrive. A value is out of date when its period and this lag have passed since it ended.
    every_period
        One row per value instead of the last one only, each judged at its own time.

    Returns
    -------
    DataFrame
        :data:`TRACK_COLUMNS`, key ``indicator_id`` (and ``period``): ``path_value`` is what the linear path expects at the end
        of the period, ``state`` one of :data:`LIGHTS`. An out-of-date value is grey whatever it says.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    rows = []
    ordered = _typed(measurements).sort_values(
        ["indicator_id", "period"], key=lambda c: c.map(str), kind="stable"
    )
    for indicator, group in ordered.groupby("indicator_id", sort=True):
        known = group[
            group["value"].notna()
            & group["period"].map(lambda p: period_end(str(p)) <= on)
            & ~group["vintage"].map(lambda v: not pd.isna(v) and str(v) > on.isoformat())
        ]
        first = group.iloc[0]
        years = {n: None if pd.isna(first[n]) else int(first[n]) for n in ("baseline_year", "target_year")}
        of_all = ("indicator_name", "action_id", "unit", "baseline_value", "target_value")
        head = {"indicator_id": indicator, **{name: first[name] for name in of_all}, **years}
        if known.empty:
            rows.append({**head, **_NO_VALUE, "remark": _WORDS.no_value()})
        last = known.index[-1:]
        for index, row in known.iterrows() if every_period else known.loc[last].iterrows():
            judged = _track_one(row, years, on, green, amber, lag_months, is_last=index in last)
            rows.append({**head, **judged})
    frame = pd.DataFrame(rows, columns=list(TRACK_COLUMNS))
    return frame.astype({"baseline_year": "Int64", "target_year": "Int64"})


_NO_VALUE = MappingProxyType(
    {
        "period": "", "value": math.nan, "state": GREY, "light": LIGHTS[GREY], "stale": True,
    }
)  # fmt: skip


def _typed(measurements: pd.DataFrame) -> pd.DataFrame:
    """Return the measurements with every optional column and their values as numbers, or say which column is missing."""
    values = ("value", "baseline_value", "target_value")
    needed = (
        "indicator_id",
        "period",
        "value",
        "baseline_value",
        "baseline_year",
        "target_value",
        "target_year",
    )
    lacking = [column for column in needed if column not in measurements]
    if lacking:
        raise ValueError(f"the measurements have no column {', '.join(lacking)}")
    optional = ("indicator_name", "action_id", "unit", "vintage")
    return measurements.assign(
        **{c: None for c in optional if c not in measurements},
        **{c: pd.to_numeric(measurements[c]).astype("float64") for c in values},
    )


def _track_one(
    row: pd.Series,
    years: Mapping[str, int | None],
    on: dt.date,
    green: float,
    amber: float,
    lag_months: int,
    *,
    is_last: bool,
) -> dict[str, Any]:
    period, value = str(row["period"]), float(row["value"])
    baseline, target = float(row["baseline_value"]), float(row["target_value"])
    start, end = years["baseline_year"], years["target_year"]
    dated = start is not None and end is not None
    expected = expected_share(period_end(period), start, end) if dated else math.nan  # type: ignore[arg-type]
    share = attainment(value, baseline, target)
    state = judge_progress(share, expected, green, amber)
    remarks = []
    if target == baseline:
        remarks.append(_WORDS.no_way())
    if not dated:
        remarks.append(_WORDS.no_path())
    direction = row.get("direction")
    falls = target < baseline
    if not pd.isna(direction) and target != baseline and (direction == "down") != falls:
        remarks.append(_WORDS.wrong_way(falls, direction))
    stale = is_last and is_stale(period, on, lag_months)
    if stale:
        state = GREY
        remarks.append(_WORDS.nothing_after(period))
    return {
        "period": period, "value": value, "path_value": baseline + expected * (target - baseline),
        "attainment": share, "expected": expected,
        "ratio": share / expected if expected and not math.isnan(expected) else math.nan,
        "state": state, "light": LIGHTS[state], "stale": stale, "vintage": row.get("vintage"),
        "remark": sentences(*remarks, between="; "),
    }  # fmt: skip


def red_spells(tracked: pd.DataFrame) -> pd.DataFrame:
    """Return the spells in which an indicator was far behind: they open at red and close only at green (hysteresis).

    A target is judged once a year, at the last value of each year and at the last of all, so that one month opens nothing.

    Parameters
    ----------
    tracked
        Of :func:`track_targets` with every period.

    Returns
    -------
    DataFrame
        ``indicator_id``, ``opened``, ``closed`` (periods, empty while open), ``value``, ``path_value``, ``signals``.
    """
    rows: list[dict[str, Any]] = []
    for indicator, group in tracked.groupby("indicator_id", sort=True):
        current: dict[str, Any] | None = None
        yearly = group[~group["period"].str[:4].duplicated(keep="last")]
        for row in _each_row(yearly):
            if row.state == RED:
                if current is None:
                    current = {
                        "indicator_id": indicator, "opened": row.period, "closed": "", "value": row.value,
                        "path_value": row.path_value, "signals": 0,
                    }  # fmt: skip
                    rows.append(current)
                current["signals"] += 1
            elif row.state == GREEN and current is not None:
                current["closed"], current = str(row.period), None
    return pd.DataFrame(rows, columns=["indicator_id", "opened", "closed", "value", "path_value", "signals"])
