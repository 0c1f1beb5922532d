"""Is it working, and has enough changed to think again: targets, control charts, alerts, snapshots.

Pure functions of frames. Methods: process behaviour (XmR) charts after Shewhart and Wheeler (*Understanding Variation*,
1993; checked against the example of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2); change points by PELT
(Killick, Fearnhead and Eckley 2012) as implemented in ``ruptures``; traffic lights at the marks of the EU performance
framework 2014-2020. Everything called a *project convention* is ours and is shown to the reader as such.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from eis_lib import landscape, policy

# --- constants, each with its reason ---------------------------------------------------------------------------

XMR_FACTOR = 2.66
"""Width of the limits in mean moving ranges: 3 / 1.128 = 2.6596, rounded as in most textbooks."""
XMR_FACTOR_EXACT = 3 / 1.128
"""The same factor as NIST prints it; 1.128 is d2, the mean range of two normal values in standard deviations."""
RANGE_FACTOR = 3.267
"""Limit of a single moving range, in mean moving ranges."""
MEDIAN_FACTOR = 3.145
"""Width of the limits in median moving ranges, for the version around the median."""
MEDIAN_RANGE_FACTOR = 3.865
"""Limit of a single moving range, in median moving ranges."""
LEAST_POINTS = 10
"""A chart of fewer points is shown and gives no signal."""
RUN_LENGTH = 8
"""So many points in a row on one side of the centre are a signal."""
CHANGE_POINT_LEAST = 20
"""Change points are looked for only where there are so many points."""
CLEAR_POINTS = 3
"""An alert closes after so many points in a row that are quiet and within half-way to the limits (project convention)."""
SEASONAL_LEVEL = 0.001
"""Level of the F test from which a series counts as seasonal: that of the X-11 test for stable seasonality."""
CLOSING_MONTHS = 6
"""A programme that closes within so many months is a trigger."""
NORMAL_DAYS, URGENT_DAYS = 90, 30
"""Days to decide on an alert after the review date (project convention)."""

OUTSIDE, RUN, HALF_WAY = "outside the limits", "eight in a row on one side", "three of four beyond half-way"
SIGNALS = (OUTSIDE, RUN, HALF_WAY)

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

REAL, BETTER_DATA, CANNOT_TELL = "real change", "better data", "cannot tell"
NATURES = (REAL, BETTER_DATA, CANNOT_TELL)


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, a column being an attribute."""
    return iter(frame.itertuples(index=False))


# --- periods ---------------------------------------------------------------------------------------------------


def period_months(period: str) -> int:
    """Return how many months a period has.

    Examples
    --------
    >>> period_months("2024"), period_months("2024-Q3"), period_months("2024-07")
    (12, 3, 1)
    """
    return 12 if len(period) == 4 else 3 if "Q" in period else 1


def period_start(period: str) -> dt.date:
    """Return the first day of a year, quarter (``2024-Q3``) or month (``2024-07``)."""
    year = int(period[:4])
    if len(period) == 4:
        return dt.date(year, 1, 1)
    month = 3 * int(period[-1]) - 2 if "Q" in period else int(period[5:7])
    return dt.date(year, month, 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the day so many months later; the last day of a month stays within its month.

    Examples
    --------
    >>> add_months(dt.date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_end(period: str) -> dt.date:
    """Return the last day of a period.

    Examples
    --------
    >>> period_end("2024-Q1")
    datetime.date(2024, 3, 31)
    """
    return add_months(period_start(period), period_months(period)) - dt.timedelta(days=1)


def is_stale(period: str, on: dt.date, lag_months: int) -> bool:
    """Return whether the next value should have been there: period and lag have passed since the last one ended."""
    return on > add_months(period_end(period), period_months(period) + lag_months)


def period_middle(period: str) -> dt.date:
    """Return the day in the middle of a period; it decides on which side of a date a whole year falls.

    Examples
    --------
    >>> period_middle("2020"), period_middle("2020-03")
    (datetime.date(2020, 7, 1), datetime.date(2020, 3, 16))
    """
    start = period_start(period)
    return start + (period_end(period) - start) / 2


_PERIOD = r"\d{4}(-Q[1-4]|-\d{2})?"


def _in_order(series: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in order of time where every period is a year, quarter or month, or a number; else as they stand."""
    periods = series["period"]
    if pd.api.types.is_numeric_dtype(periods) or periods.astype(str).str.fullmatch(_PERIOD).all():
        return series.sort_values("period", kind="stable", ignore_index=True)
    return series.reset_index(drop=True)


def _months_between(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


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
    measurements = measurements.assign(
        **{c: None for c in optional if c not in measurements},
        **{
            c: pd.to_numeric(measurements[c]).astype("float64")
            for c in ("value", "baseline_value", "target_value")
        },
    )
    rows = []
    ordered = measurements.sort_values(["indicator_id", "period"], key=lambda c: c.map(str), kind="stable")
    for indicator, group in ordered.groupby("indicator_id", sort=True):
        known = group[
            group["value"].notna()
            & group["period"].map(lambda p: period_end(str(p)) <= on)
            & ~group["vintage"].map(lambda v: not pd.isna(v) and str(v) > on.isoformat())
        ]
        first = group.iloc[0]
        head = {
            name: first[name]
            for name in ("indicator_name", "action_id", "unit", "baseline_value", "target_value")
        }
        years = {
            name: None if pd.isna(first[name]) else int(first[name])
            for name in ("baseline_year", "target_year")
        }
        if known.empty:
            rows.append(
                {
                    "indicator_id": indicator, **head, **years, "period": "", "value": math.nan, "state": GREY,
                    "light": LIGHTS[GREY], "stale": True, "remark": "no value on record",
                }
            )  # fmt: skip
            continue
        last = known.index[-1]
        for index, row in known.iterrows():
            if not every_period and index != last:
                continue
            rows.append(
                {
                    "indicator_id": indicator, **head, **years,
                    **_track_one(row, years, on, green, amber, lag_months, is_last=index == last),
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(TRACK_COLUMNS))
    return frame.astype({"baseline_year": "Int64", "target_year": "Int64"})


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
        remarks.append("the target is the baseline: no share of the way can be stated")
    if not dated:
        remarks.append("baseline or target year missing: no path")
    direction = row.get("direction")
    falls = target < baseline
    if not pd.isna(direction) and target != baseline and (direction == "down") != falls:
        remarks.append(f"the target {'falls' if falls else 'rises'} though the direction says {direction}")
    stale = is_last and is_stale(period, on, lag_months)
    if stale:
        state = GREY
        remarks.append(f"nothing after {period}")
    return {
        "period": period, "value": value, "path_value": baseline + expected * (target - baseline),
        "attainment": share, "expected": expected,
        "ratio": share / expected if expected and not math.isnan(expected) else math.nan,
        "state": state, "light": LIGHTS[state], "stale": stale, "vintage": row.get("vintage"),
        "remark": "; ".join(remarks),
    }  # fmt: skip


# --- XmR charts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Natural process limits of a series.

    Attributes
    ----------
    centre, lower, upper : float
        In the unit of the series.
    range_mean, range_limit : float
        Mean (or median) moving range, and the limit of a single one.
    points : int
        Points they rest on.
    """

    centre: float
    lower: float
    upper: float
    range_mean: float
    range_limit: float
    points: int


def xmr_limits(
    values: npt.ArrayLike,
    *,
    factor: float = XMR_FACTOR,
    kind: Literal["mean", "median"] = "mean",
) -> Limits:
    """Return the limits of an XmR chart: x̄ ± 2.66·mR̄, or x̃ ± 3.145·m̃R around the median.

    Parameters
    ----------
    values
        In time order. A missing value takes out itself and the two moving ranges beside it.
    factor
        Mean version only; :data:`XMR_FACTOR_EXACT` gives the figures NIST prints.

    Raises
    ------
    ValueError
        If there are fewer than two values next to each other, or the kind is not known.

    Examples
    --------
    Flow data of the NIST handbook:

    >>> flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    >>> limits = xmr_limits(flow, factor=XMR_FACTOR_EXACT)
    >>> round(limits.centre, 2), round(limits.upper, 4), round(limits.lower, 4)
    (50.81, 55.8041, 45.8159)
    """
    if kind not in ("mean", "median"):
        raise ValueError(f"kind: holds '{kind}'; allowed: mean, median")
    x = np.asarray(values, dtype=float)
    ranges = np.abs(np.diff(x))
    ranges = ranges[~np.isnan(ranges)]
    if not len(ranges):
        raise ValueError("limits need at least two values next to each other")
    if kind == "median":
        centre, spread, factor, range_factor = (
            np.nanmedian(x),
            np.median(ranges),
            MEDIAN_FACTOR,
            MEDIAN_RANGE_FACTOR,
        )
    else:
        centre, spread, range_factor = np.nanmean(x), ranges.mean(), RANGE_FACTOR
    width = factor * spread
    return Limits(
        float(centre), float(centre - width), float(centre + width), float(spread),
        float(range_factor * spread), int((~np.isnan(x)).sum()),
    )  # fmt: skip


def find_signals(values: npt.ArrayLike, limits: Limits) -> list[str]:
    """Return for each point the first of the three signals it gives, or an empty text.

    Outside the limits; the eighth and further points in a row on one side of the centre (a point on it ends the row);
    three of the last four beyond half-way to the same limit, the point itself being one. A missing value gives none and
    is passed over.
    """
    x = np.asarray(values, dtype=float)
    # a mean of equal values may differ from them in its last bit: that is no side, and not outside
    same = 1e-12 * max(abs(limits.centre), abs(limits.upper), abs(limits.lower))
    x = np.where(np.abs(x - limits.centre) <= same, limits.centre, x)
    side_run, last_side = 0, 0.0
    recent: list[int] = []
    found = []
    high, low = (limits.centre + limits.upper) / 2, (limits.centre + limits.lower) / 2
    for value in x:
        if math.isnan(value):
            found.append("")
            continue
        side = float(np.sign(value - limits.centre))
        side_run = side_run + 1 if side == last_side else 1
        last_side = side
        beyond = 1 if value > high else -1 if value < low else 0
        recent = [*recent[-3:], beyond]
        if value > limits.upper + same or value < limits.lower - same:
            found.append(OUTSIDE)
        elif side and side_run >= RUN_LENGTH:
            found.append(RUN)
        elif beyond and recent.count(beyond) >= 3:
            found.append(HALF_WAY)
        else:
            found.append("")
    return found


def control_chart(
    series: pd.DataFrame,
    *,
    baseline_points: int,
    changes: Sequence[str] = (),
    factor: float = XMR_FACTOR,
    kind: Literal["mean", "median"] = "mean",
) -> pd.DataFrame:
    """Return an XmR chart of a series, its limits frozen on the first points.

    Parameters
    ----------
    series
        ``period`` and ``value``; years, quarters and months are put in order, other periods stand as given.
    baseline_points
        How many points set the limits, two or more; later ones never move them.
    changes
        Periods in which somebody recorded a change: each starts a new baseline. Nothing else does.

    Returns
    -------
    DataFrame
        ``period``, ``value``, ``phase`` (0, 1, …), ``is_baseline``, ``centre``, ``lower``, ``upper``, ``moving_range``,
        ``range_limit`` and ``signal`` (one of :data:`SIGNALS` or empty). A phase of fewer than :data:`LEAST_POINTS` points
        has limits and gives no signal; one of a single point has no limits.

    Raises
    ------
    ValueError
        If fewer than two points are to set the limits.
    """
    if baseline_points < 2:
        raise ValueError(f"limits need at least two points; baseline_points is {baseline_points}")
    frame = _in_order(series[["period", "value"]])
    starts = [0, *sorted({int((frame["period"] >= c).to_numpy().argmax()) for c in changes
                          if (frame["period"] >= c).any()} - {0})]  # fmt: skip
    parts = []
    for phase, (start, end) in enumerate(zip(starts, [*starts[1:], len(frame)], strict=True)):
        part = frame.iloc[start:end].copy()
        values = part["value"].to_numpy(dtype=float)
        known = np.flatnonzero(~np.isnan(values))
        stop = known[min(baseline_points, len(known)) - 1] + 1 if len(known) else 0
        part["phase"] = phase
        part["is_baseline"] = np.arange(len(part)) < stop
        part["moving_range"] = np.abs(np.diff(values, prepend=np.nan))
        try:
            limits = xmr_limits(values[:stop], factor=factor, kind=kind)
        except ValueError:
            nothing = math.nan
            limits = Limits(nothing, nothing, nothing, nothing, nothing, len(known))
        for name in ("centre", "lower", "upper", "range_limit"):
            part[name] = getattr(limits, name)
        enough = len(known) >= LEAST_POINTS
        part["signal"] = find_signals(values, limits) if enough else [""] * len(part)
        parts.append(part)
    columns = [
        "period", "value", "phase", "is_baseline", "centre", "lower", "upper", "moving_range", "range_limit", "signal",
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if len(frame) else pd.DataFrame(columns=columns)


def as_change(series: pd.DataFrame, steps: int = 1, *, percent: bool = True) -> pd.DataFrame:
    """Return a series as its change against so many periods before, in per cent or in the unit of the series.

    A series that wanders has no level to be outside of; its change has. ``steps`` is 1 for the period before and the
    number of periods in a year for a seasonal series. The first ``steps`` periods fall away.
    """
    series = _in_order(series)
    before = series["value"].shift(steps)
    change = 100 * (series["value"] / before - 1) if percent else series["value"] - before
    return series.assign(value=change).iloc[steps:].reset_index(drop=True)


def lag_correlation(values: npt.ArrayLike) -> float:
    """Return how much each point resembles the one before (lag-1 autocorrelation); XmR limits presume about 0.

    NaN for fewer than four points or a constant series.
    """
    x = np.asarray(values, dtype=float)
    x = x[~np.isnan(x)]
    d = x - x.mean() if len(x) else x
    return float((d[1:] * d[:-1]).sum() / (d**2).sum()) if len(x) > 3 and (d**2).sum() > 0 else math.nan


def is_seasonal(series: pd.DataFrame) -> bool | None:
    """Return whether a monthly or quarterly series repeats itself by season; None where that cannot be told.

    F test of the changes from period to period, grouped by month or quarter, at :data:`SEASONAL_LEVEL`. It takes at least
    three changes of every season.
    """
    from scipy import stats

    periods = series["period"].astype(str)
    if periods.empty or period_months(periods.iloc[0]) == 12:
        return False
    change = series["value"].diff()
    groups = [g.dropna().to_numpy() for _, g in change.groupby(periods.str[5:])]
    seasons = 12 // period_months(periods.iloc[0])
    if len(groups) < seasons or min(map(len, groups)) < 3:
        return None
    if not any(np.ptp(group) for group in groups):
        return bool(np.ptp(np.concatenate(groups)) > 0)  # the same every year, to the last digit
    return bool(stats.f_oneway(*groups).pvalue < SEASONAL_LEVEL)


def change_points(values: npt.ArrayLike, *, penalty: float | None = None) -> tuple[list[int], float]:
    """Return where the level of a series shifts (index of the first point of each new level), and the penalty used.

    PELT with squared error. The penalty per shift is 3·σ²·ln n by default, with σ from the mean moving range
    (mR̄ / 1.128), so that a shift must pay for itself in short-term noise (project convention). Nothing is looked for
    in fewer than :data:`CHANGE_POINT_LEAST` points. Missing values are passed over.
    """
    import ruptures

    x = np.asarray(values, dtype=float)
    known = np.flatnonzero(~np.isnan(x))
    n = len(known)
    if n < CHANGE_POINT_LEAST:
        return [], math.nan
    y = x[known]
    if penalty is None:
        sigma = np.abs(np.diff(y)).mean() / 1.128
        penalty = float(3 * sigma**2 * math.log(n))
    if penalty <= 0:
        return [], penalty
    found = ruptures.Pelt(model="l2", min_size=4, jump=1).fit(y.reshape(-1, 1)).predict(pen=penalty)
    return [int(known[i]) for i in found[:-1]], penalty


# --- from signals to alerts ------------------------------------------------------------------------------------

EPISODE_COLUMNS = (
    "opened",
    "closed",
    "rule",
    "value",
    "limit",
    "signals",
    "last_signal",
    "last_value",
    "prospective",
)


def episodes(chart: pd.DataFrame, *, clear_points: int = CLEAR_POINTS) -> pd.DataFrame:
    """Return the signals of a chart as events: one opens at a signal and closes only when the series is quiet again.

    Quiet means ``clear_points`` points in a row without a signal and within half-way to the limits (hysteresis), so that
    a series which hovers at a limit is one event and not five.

    Returns
    -------
    DataFrame
        ``opened`` and ``closed`` (periods; ``closed`` is empty while it is open), ``rule``, ``value`` and ``limit`` at the
        opening, ``signals`` (how many points signalled), ``last_signal`` and ``last_value`` (period and value of the last of them) and ``prospective`` (False where it opened inside
        the points that set the limits).
    """
    rows: list[dict[str, Any]] = []
    current: dict[str, Any] | None = None
    quiet = 0
    phase = 0
    for row in _rows(chart):
        if current is not None and row.phase != phase:
            current["closed"] = str(row.period)  # a recorded change starts afresh
            current = None
        phase = row.phase
        if pd.isna(row.value):
            continue
        if row.signal:
            quiet = 0
            if current is None:
                current = {
                    "opened": row.period, "closed": "", "rule": row.signal, "value": row.value,
                    "limit": _limit_of(row), "signals": 0, "prospective": not row.is_baseline,
                }  # fmt: skip
                rows.append(current)
            current["signals"] += 1
            current["last_signal"], current["last_value"] = row.period, row.value
        elif current is not None:
            calm = (row.centre + row.lower) / 2 <= row.value <= (row.centre + row.upper) / 2
            quiet = quiet + 1 if calm else 0
            if quiet >= clear_points:
                current["closed"], current, quiet = str(row.period), None, 0
    return pd.DataFrame(rows, columns=list(EPISODE_COLUMNS))


def _limit_of(row: Any) -> float:
    """Return the line that a signal crossed."""
    above = row.value > row.centre
    if row.signal == RUN:
        return float(row.centre)
    limit = row.upper if above else row.lower
    return float(limit if row.signal == OUTSIDE else (row.centre + limit) / 2)


def watch(
    series: pd.DataFrame,
    *,
    baseline_points: int,
    confirmed: Iterable[str] = (),
    clear_points: int = CLEAR_POINTS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return chart and events of a series whose baseline moves only where a person confirmed a change.

    Parameters
    ----------
    confirmed
        Periods at which an event opened that somebody confirmed to be a real change of level: the event closes there
        and then, and a new baseline starts with that period.

    Returns
    -------
    tuple of DataFrame
        The chart (see :func:`control_chart`) and the events (see :func:`episodes`).
    """
    due = set(confirmed)
    changes: list[str] = []
    settled: list[pd.DataFrame] = []
    while True:
        chart = control_chart(series, baseline_points=baseline_points, changes=changes)
        found = episodes(chart, clear_points=clear_points)
        found = found[~found["opened"].isin(changes)]
        here = found[found["opened"].isin(due - set(changes))]
        if here.empty:
            kept = found[found["opened"] > max(changes)] if changes else found
            return chart, pd.concat([*settled, kept], ignore_index=True) if settled else found
        first = here.iloc[:1]
        last = max(changes, default="")
        settled.append(
            found[(found["opened"] > last) & (found["opened"] <= first["opened"].iloc[0])].assign(
                closed=lambda f: f["closed"].where(f["closed"] != "", f["last_signal"])
            )
        )
        changes.append(str(first["opened"].iloc[0]))


ALERT_COLUMNS = (
    "alert_id",
    "kind",
    "subject",
    "indicator",
    "area",
    "rule",
    "value",
    "limit",
    "unit",
    "date",
    "closed_on",
    "signals",
    "state",
    "statement",
    "seen_also_in",
    "data_vintage",
    "affects_services",
    "affects_actions",
    "affects_personas",
    "reopens_step",
    "owner",
    "decision",
    "decided_by",
    "decided_on",
    "due_date",
)
"""Columns of the alert record; ``affects_…`` are tuples of ids, ``state`` is open, closed or decided."""

REOPENS: Mapping[str, str] = MappingProxyType(
    {
        "exchange-rate": "test",
        "business-climate": "examine",
        "exports": "compare",
        "measurement": "plan",
        "target": "plan",
        "stale": "review",
        "programme-closing": "plan",
        "policy-ended": "examine",
        "provider-closed": "map",
        "survey-shift": "test",
    }
)
"""Kind of alert → the step it re-opens (project convention)."""


def fold_alerts(alerts: pd.DataFrame) -> pd.DataFrame:
    """Return one alert per event: those of one kind and area that overlap in time become the first of them.

    The others are named in ``seen_also_in``; ``signals`` are added up, what is affected is united, and the event is open
    as long as one of them is. Only kinds that watch series are folded; a closed provider or a missed target is an event
    of its own.
    """
    series_kinds = {"exchange-rate", "business-climate", "exports", "stale"}
    kept: list[dict[str, Any]] = []
    for alert in alerts.sort_values(["date", "alert_id"], kind="stable").to_dict("records"):
        end = alert["closed_on"] or "9999"
        for other in kept:
            if (
                alert["kind"] in series_kinds
                and (other["kind"], other["area"]) == (alert["kind"], alert["area"])
                and alert["date"] <= (other["closed_on"] or "9999")
                and (alert["kind"] != "stale" or alert["date"] == other["date"])
            ):
                if alert["indicator"] != other["indicator"]:
                    names = [n for n in other["seen_also_in"].split("; ") if n]
                    other["seen_also_in"] = "; ".join(dict.fromkeys([*names, alert["indicator"]]))
                other["signals"] += alert["signals"]
                other["closed_on"] = "" if "9999" in (end, other["closed_on"] or "9999") else max(
                    end, other["closed_on"]
                )  # fmt: skip
                other["state"] = "open" if not other["closed_on"] else other["state"]
                for name in ("affects_services", "affects_actions", "affects_personas"):
                    other[name] = tuple(dict.fromkeys([*other[name], *alert[name]]))
                break
        else:
            kept.append({str(name): value for name, value in alert.items()})
    return pd.DataFrame(kept, columns=list(ALERT_COLUMNS))


def decide_alerts(alerts: pd.DataFrame, decisions: pd.DataFrame, review_date: dt.date) -> pd.DataFrame:
    """Return alerts with what people decided on them, and a day by which to decide on those that are open.

    The latest decision of ``subject_kind`` alert on an id counts; it takes the alert out of the open ones. Open alerts on
    a closed provider, a programme about to close or a missed target are due after :data:`URGENT_DAYS`, others after
    :data:`NORMAL_DAYS`.
    """
    taken: dict[str, Any] = {}
    on_alerts = decisions[decisions["subject_kind"] == "alert"].sort_values("date", kind="stable")
    for row in _rows(on_alerts):
        taken[str(row.subject_id)] = row
    result = alerts.copy()
    decided = [taken.get(a) for a in result["alert_id"]]
    result["decision"] = ["" if d is None else d.decision for d in decided]
    result["decided_by"] = ["" if d is None else d.decided_by for d in decided]
    result["decided_on"] = ["" if d is None else d.date for d in decided]
    result["state"] = [
        "decided" if d is not None else "closed" if closed else "open"
        for d, closed in zip(decided, result["closed_on"], strict=True)
    ]
    urgent = {"provider-closed", "programme-closing", "target"}
    result["due_date"] = [
        ""
        if state != "open"
        else (review_date + dt.timedelta(days=URGENT_DAYS if kind in urgent else NORMAL_DAYS)).isoformat()
        for state, kind in zip(result["state"], result["kind"], strict=True)
    ]
    order = {"open": 0, "decided": 1, "closed": 2}
    return (
        result.assign(_order=result["state"].map(order))
        .sort_values(["_order", "date", "alert_id"], ascending=[True, False, True], kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )


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
        for row in _rows(yearly):
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
        row = {
            "shock": shock.name,
            "month": shock.month,
            "first_signal": "",
            "direction": "",
            "rule": "",
            "months_after": None,
        }

        def within(period: str, start: dt.date = start, end: dt.date = end) -> bool:
            return start <= period_middle(period) < end

        if not any(map(within, chart["period"])):
            rows.append(row | {"verdict": NO_DATA})
            continue
        if not any(map(within, live["period"])):
            rows.append(row | {"verdict": TOO_FEW})
            continue
        on_it = [
            e for e in _rows(found[found["prospective"].astype(bool)])
            if within(e.opened)
        ]  # fmt: skip
        before = [
            e for e in _rows(found)
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

    spans = [(e.opened, e.closed) for e in _rows(found)]

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


# --- two snapshots ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snapshot:
    """The landscape as a record described it on a day.

    Attributes
    ----------
    date : str
        Day it speaks of (ISO).
    tables : mapping of str to DataFrame
        ``services``, ``providers``, ``policies``, ``actions``, as in a pack.
    """

    date: str
    tables: Mapping[str, pd.DataFrame]

    @property
    def year(self) -> int:
        """Return the year of the day."""
        return int(self.date[:4])


KEYS: Mapping[str, str] = MappingProxyType(
    {"services": "service_id", "providers": "provider_id", "policies": "policy_id", "actions": "action_id"}
)
_NAMES = {"services": "name", "providers": "name", "policies": "title", "actions": "title"}
RECORD_COLUMNS = frozenset(
    {"name", "name_en", "title", "description", "summary", "brand", "url", "note", "source_url", "source_title",
     "evidence", "checked_on", "first_seen"}
)  # fmt: skip
"""Columns that describe a row: a new wording is no new service."""
MEASURED_COLUMNS = frozenset(
    {
        "capacity_per_year",
        "take_up_per_year",
        "quality_score",
        "price_eur",
        "processing_days",
        "status",
        "budget_eur",
    }
)
"""Columns that move with time: two filled values that differ are read as a real change (project convention)."""

DIFF_COLUMNS = (
    "table", "id", "name", "change", "nature", "because", "counterpart", "columns", "old_value", "new_value",
)  # fmt: skip
CHANGES = (
    "added",
    "closed",
    "replaced",
    "merged",
    "moved",
    "changed",
    "corrected",
    "entered record",
    "left record",
)


def diff_landscape(old: Snapshot, new: Snapshot) -> pd.DataFrame:
    """Return what changed between two snapshots, real change told apart from better data.

    The two may be packs kept on two dates, or one pack read at two years. A row whose ``first_seen`` lies after the
    old snapshot's day is taken as not yet known then, so that what was merely found later is not taken for new; where the
    whole record was begun later, the old landscape is read from its years alone.

    Returns
    -------
    DataFrame
        One row per thing that changed, :data:`DIFF_COLUMNS`, services first. ``change``: *added* (began since), *closed*
        (ended since), *replaced* (closed, with a successor that is new), *merged* (closed, with a successor that was there
        before), *moved* (another provider answers for it), *changed* (another cell differs), *corrected* (the new record
        says it already ended, or already ran, at the old date), *entered record* and *left record* (a row is there that
        was not, or the other way round, without a year that would explain it). ``nature``: one of :data:`NATURES`.
        ``counterpart``: the successor or the new provider. ``columns``, ``old_value`` and ``new_value``: the cells that
        differ.

    Raises
    ------
    ValueError
        If the new snapshot is older than the old one.
    """
    if new.date < old.date:
        raise ValueError(f"the new snapshot is of {new.date}, before the old one of {old.date}")
    rows: list[dict[str, Any]] = []
    for table, key in KEYS.items():
        if table in old.tables and table in new.tables:
            rows.extend(_diff_table(table, key, old, new))
    return pd.DataFrame(rows, columns=list(DIFF_COLUMNS))


def _known_then(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the rows that the record held on a day; all of them where it was only begun after it."""
    if "first_seen" not in frame:
        return frame
    seen = frame["first_seen"].dropna().astype(str)
    if seen.empty or seen.min() > day:
        return frame
    return frame[~frame["first_seen"].fillna("").astype(str).gt(day)]


def _year_of(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else int(value)


def _runs(row: Mapping[str, Any] | None, year: int) -> bool:
    if row is None:
        return False
    start, end = _year_of(row, "start_year"), _year_of(row, "end_year")
    return (start is None or start <= year) and (end is None or end >= year)


def _diff_table(table: str, key: str, old: Snapshot, new: Snapshot) -> list[dict[str, Any]]:
    before = {
        str(r[key]): {str(k): v for k, v in r.items()}
        for r in _known_then(old.tables[table], old.date).to_dict("records")
    }
    after = {
        str(r[key]): {str(k): v for k, v in r.items()}
        for r in _known_then(new.tables[table], new.date).to_dict("records")
    }
    successors: dict[str, list[str]] = {}
    for name, row in after.items():
        earlier = row.get("succeeds")
        if earlier is not None and not pd.isna(earlier) and _runs(row, new.year):
            successors.setdefault(str(earlier), []).append(name)
    rows = []
    for name in [*after, *(n for n in before if n not in after)]:
        found = _diff_row(table, name, before.get(name), after.get(name), old, new, successors, before)
        if found:
            label = str((after.get(name) or before[name])[_NAMES[table]])
            rows.append(
                {"table": table, "id": name, "name": label, "counterpart": "", "columns": (), "old_value": "",
                 "new_value": "", **found}
            )  # fmt: skip
    return rows


def _diff_row(
    table: str,
    name: str,
    was: dict[str, Any] | None,
    now: dict[str, Any] | None,
    old: Snapshot,
    new: Snapshot,
    successors: Mapping[str, Sequence[str]],
    before: Mapping[str, dict[str, Any]],
) -> dict[str, Any] | None:
    ran, runs = _runs(was, old.year), _runs(now, new.year)
    if now is None:
        if not ran:
            return None
        return {
            "change": "left record", "nature": CANNOT_TELL,
            "because": f"the row of {old.date} is gone and no last year says that it ended",
        }  # fmt: skip
    start, end = _year_of(now, "start_year"), _year_of(now, "end_year")
    if was is None:
        return _entered(now, runs, start, end, old, new, before)
    if ran and not runs:
        if end is None or end < old.year:
            return {
                "change": "corrected", "nature": BETTER_DATA,
                "because": f"the record now says {'it has not begun' if end is None else f'it ended in {end}'}, before the old date",
            }  # fmt: skip
        heirs = successors.get(name, ())
        fresh = [h for h in heirs if not _runs(before.get(h), old.year)]
        change = "closed" if not heirs else "replaced" if fresh else "merged"
        by = f", and {heirs[0]} {'took its place' if fresh else 'took it in'}" if heirs else ""
        return {
            "change": change, "nature": REAL, "because": f"its last year was {end}{by}",
            "counterpart": ";".join(heirs),
        }  # fmt: skip
    if not ran and runs:
        if start is not None and start > old.year:
            heir_of = now.get("succeeds")
            told = "" if heir_of is None or pd.isna(heir_of) else f", in place of {heir_of}"
            return {"change": "added", "nature": REAL, "because": f"its first year is {start}{told}",
                    "counterpart": "" if not told else str(heir_of)}  # fmt: skip
        return {
            "change": "corrected", "nature": BETTER_DATA,
            "because": "the record now says that it already ran at the old date",
        }  # fmt: skip
    if not ran and not runs:
        if start is not None and end is not None and old.year < start and end < new.year:
            return {
                "change": "closed",
                "nature": REAL,
                "because": f"it began and ended in between ({start} to {end})",
            }
        return None
    return _cells(table, was, now, old, new)


def _entered(
    now: Mapping[str, Any],
    runs: bool,
    start: int | None,
    end: int | None,
    old: Snapshot,
    new: Snapshot,
    before: Mapping[str, dict[str, Any]],
) -> dict[str, Any] | None:
    """Return what a row that the old record lacked says: something new, or something found later."""
    if start is not None and start > new.year:
        return None  # has not begun
    if start is not None and start > old.year:
        heir_of = now.get("succeeds")
        tied = heir_of is not None and not pd.isna(heir_of) and str(heir_of) in before
        if not runs:
            return {
                "change": "closed",
                "nature": REAL,
                "because": f"it began and ended in between ({start} to {end})",
            }
        return {
            "change": "added", "nature": REAL,
            "because": f"its first year is {start}" + (f", in place of {heir_of}" if tied else ""),
            "counterpart": str(heir_of) if tied else "",
        }  # fmt: skip
    if end is not None and end < old.year:
        return {"change": "entered record", "nature": BETTER_DATA,
                "because": f"it had ended in {end} already; the row was added later"}  # fmt: skip
    if start is None:
        return {"change": "entered record", "nature": CANNOT_TELL,
                "because": "no first year says whether it is new or was found later"}  # fmt: skip
    return {"change": "entered record", "nature": BETTER_DATA,
            "because": f"it ran since {start}; the row was added later"}  # fmt: skip


def _cells(
    table: str, was: Mapping[str, Any], now: Mapping[str, Any], old: Snapshot, new: Snapshot
) -> dict[str, Any] | None:
    """Return which cells of a row that runs on differ, and what that says."""
    differing = [c for c in now if c in was and not _same(was[c], now[c]) and c not in RECORD_COLUMNS]
    if not differing:
        return None
    natures = [_nature_of(c, was[c], now[c], old) for c in differing]
    moved = table == "services" and "provider_id" in differing
    change = "moved" if moved else "changed" if set(natures) != {BETTER_DATA} else "corrected"
    if moved:
        providers = old.tables.get("providers"), new.tables.get("providers")
        left = str(was["provider_id"])
        gone = any(
            p is not None
            and (ends := p.loc[p["provider_id"] == left, "end_year"].dropna()).size
            and old.year <= int(ends.iloc[0]) <= new.year
            for p in providers
        )
        natures.append(REAL if gone else CANNOT_TELL)
    nature = next(n for n in (REAL, CANNOT_TELL, BETTER_DATA) if n in natures)
    words = {REAL: "a value that moves with time is another", BETTER_DATA: "a cell was filled or set right",
             CANNOT_TELL: "a coded cell differs: it changed, or was read again"}  # fmt: skip
    return {
        "change": change, "nature": nature, "because": words[nature], "columns": tuple(differing),
        "counterpart": str(now["provider_id"]) if moved else "",
        "old_value": "; ".join(_text(was[c]) for c in differing),
        "new_value": "; ".join(_text(now[c]) for c in differing),
    }  # fmt: skip


def _nature_of(column: str, was: Any, now: Any, old: Snapshot) -> str:
    if landscape.is_missing(was) or column == "start_year":
        return BETTER_DATA
    if landscape.is_missing(now):
        return CANNOT_TELL
    if column == "end_year":
        return REAL if int(was) >= old.year else BETTER_DATA  # prolonged or cut short
    return REAL if column in MEASURED_COLUMNS else CANNOT_TELL


def _same(a: Any, b: Any) -> bool:
    if landscape.is_missing(a) or landscape.is_missing(b):
        return landscape.is_missing(a) and landscape.is_missing(b)
    if isinstance(a, tuple) or isinstance(b, tuple):
        return set(a) == set(b)
    return bool(a == b)


def _text(value: Any) -> str:
    if landscape.is_missing(value):
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def count_changes(diff: pd.DataFrame) -> pd.DataFrame:
    """Return how many of each change there are, by table and nature; key (``table``, ``change``, ``nature``)."""
    counted = diff.groupby(["table", "change", "nature"], sort=False).size().rename("rows").reset_index()
    rank = {"table": list(KEYS), "change": list(CHANGES), "nature": list(NATURES)}
    order = ["table", "change", "nature"]
    return counted.sort_values(order, key=lambda c: c.map(rank[str(c.name)].index)).reset_index(drop=True)


def diff_gaps(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return which needs came to be met, or ceased to be, between two landscapes.

    Parameters
    ----------
    old, new
        Cells of :func:`eis_lib.gaps.judge_cells`, with the same personas and weights.

    Returns
    -------
    DataFrame
        One row per (``change``, ``stage``, ``need``, ``old_kind``, ``new_kind``): ``change`` is *opened* (served, then a gap),
        *closed* (a gap, then served), *other kind* (a gap of another kind), *no longer known* or *now known*; ``weight``
        (share of demand), ``persona_ids``, ``lost`` (services the old verdict rested on and the new does not) and
        ``gained`` (the other way round), all tuples. Heaviest first.
    """
    key = ["persona_id", "stage", "need"]
    both = old.merge(new, on=key, suffixes=("_old", "_new"))
    rows = []
    for row in both.to_dict("records"):
        a, b = str(row["status_old"]), str(row["status_new"])
        if (a, row["kind_old"]) == (b, row["kind_new"]):
            continue
        change = (
            "no longer known" if b == "unknown"
            else "now known" if a == "unknown"
            else "closed" if b == "served"
            else "opened" if a == "served"
            else "other kind"
        )  # fmt: skip
        before, after = set(row["service_ids_old"]), set(row["service_ids_new"])
        rows.append(
            {"change": change, "stage": row["stage"], "need": row["need"], "old_kind": row["kind_old"],
             "new_kind": row["kind_new"], "weight": row["weight_new"], "persona_id": row["persona_id"],
             "lost": before - after, "gained": after - before}
        )  # fmt: skip
    columns = ["change", "stage", "need", "old_kind", "new_kind", "weight", "persona_ids", "lost", "gained"]
    if not rows:
        return pd.DataFrame(columns=columns)
    grouped = pd.DataFrame(rows).groupby(columns[:5], sort=False)
    result = grouped.agg(
        weight=("weight", "sum"),
        persona_ids=("persona_id", tuple),
        lost=("lost", _unite),
        gained=("gained", _unite),
    ).reset_index()
    rank = ["opened", "closed", "other kind", "no longer known", "now known"]
    return (
        result.assign(_order=result["change"].map(rank.index), _weight=-result["weight"].round(12))
        .sort_values(["_order", "_weight", "stage", "need"], kind="stable")
        .drop(columns=["_order", "_weight"])
        .reset_index(drop=True)[columns]
    )


def _unite(sets: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(set().union(*sets)))


# --- governance over time --------------------------------------------------------------------------------------

SCORECARD: Mapping[str, str] = MappingProxyType(
    {
        "policies-delivered": "Standing policies that name a service on offer",
        "services-backed": "Services that a standing policy names",
        "owner-alive": "Standing policies whose owner still exists",
        "provider-alive": "Services whose provider still exists",
        "one-decider": "Need areas in which one body decides",
        "coordinated": "Need areas with a recorded coordinator",
        "actions-accountable": "Actions with owner, indicator and target",
    }
)
"""Measure → what it says; each is a share of what it names, higher is better (project convention)."""


def governance_scorecard(
    tables: Mapping[str, pd.DataFrame],
    years: Sequence[int],
    barrier_codes: Sequence[str],
    *,
    governance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the measures of :data:`SCORECARD` at several years, each as "so many of so many".

    Parameters
    ----------
    tables
        ``services``, ``providers``, ``policies``, ``actions`` of a pack. Roles carry no years of their own: a role counts as
        long as its policy stands.
    governance
        The pack's roles; None where it records none, and then who coordinates is unknown, not nobody.

    Returns
    -------
    DataFrame
        One row per (``measure``, ``year``): ``label``, ``met``, ``of``, ``share`` (0–1; NaN where there is nothing to count or it
        is not recorded).
    """
    services, policies, actions = (tables[n] for n in ("services", "policies", "actions"))
    ended = {
        str(p): int(y)
        for p, y in zip(tables["providers"]["provider_id"], tables["providers"]["end_year"], strict=True)
        if not pd.isna(y)
    }
    records_coordination = governance is not None and (governance["role"] == "coordinates").any()
    rows = []
    for year in years:
        current = landscape.reaches_smes(landscape.in_force(services, year))
        standing = policies[policy.standing(policies, year).isin(["in-force", "undated"])]
        here = set(current["service_id"])
        named = {s for ids in standing["delivered_by"] for s in ids}
        roles = policy.governance_roles(policies, services, year, governance)
        areas = policy.area_roles(roles, barrier_codes)
        governed = areas[areas["state"] != "no policy"]
        deciders = governed[governed["role"] == "decides"]
        coordinators = governed[governed["role"] == "coordinates"]
        owned = standing["owner"].dropna().astype(str)
        planned = actions[policy.standing(actions, year).isin(["in-force", "undated"])]
        accounts = policy.action_accountability(planned)
        full = (
            (accounts["accountability"] != "nobody") & accounts["has_indicator"] & accounts["has_target"]
            if len(accounts)
            else pd.Series(dtype=bool)
        )
        counts: dict[str, tuple[int, int] | None] = {
            "policies-delivered": (sum(bool(here & set(ids)) for ids in standing["delivered_by"]), len(standing)),
            "services-backed": (len(here & named), len(here)),
            "owner-alive": (sum(ended.get(o, year) >= year for o in owned), len(owned)),
            "provider-alive": (sum(ended.get(str(p), year) >= year for p in current["provider_id"]), len(current)),
            "one-decider": (int((deciders["bodies"] == 1).sum()), len(deciders)),
            "coordinated": (int((coordinators["bodies"] > 0).sum()), len(coordinators))
            if records_coordination
            else None,
            "actions-accountable": (int(full.sum()), len(planned)),
        }  # fmt: skip
        for measure, label in SCORECARD.items():
            pair = counts[measure]
            met, of = pair if pair is not None else (0, 0)
            rows.append((measure, label, year, met, of, met / of if of else math.nan))
    return pd.DataFrame(rows, columns=["measure", "label", "year", "met", "of", "share"])


# --- deciding on actions ---------------------------------------------------------------------------------------


PRESSING = frozenset({"target", "provider-closed", "programme-closing", "policy-ended"})
"""Kinds of alert that call an action into question; a series of the country, or a rise that was wished for, does not."""


def propose_decisions(
    actions: pd.DataFrame,
    services: pd.DataFrame,
    tracked: pd.DataFrame,
    alerts: pd.DataFrame,
    decisions: pd.DataFrame,
    year: int,
) -> pd.DataFrame:
    """Return for each action what people decided, or else what the records suggest to discuss.

    In this order: a recorded decision stands; an action marked stopped is *stop*; one whose last year is over, or that is
    done, is finished (its effect is to be assessed: no proposal to go on); far behind its target, or all of its services
    gone, or touched by an open alert of :data:`PRESSING`: *adapt*; else *continue*, with a word on what else to look at. A
    proposal is never a decision.

    Returns
    -------
    DataFrame
        Key ``action_id``: ``title``, ``state`` (running, planned, finished, stopped, undated), ``proposal`` (continue, adapt, stop, or
        assess effect), ``because``, ``decision``, ``decided_by``, ``decided_on``, ``services_gone``, ``alerts`` (tuple of ids).
    """
    taken: dict[str, Any] = {}
    on_actions = decisions[decisions["subject_kind"] == "action"].sort_values("date", kind="stable")
    for row in _rows(on_actions):
        taken[str(row.subject_id)] = row
    here = set(landscape.in_force(services, year)["service_id"])
    states: dict[str, list[str]] = {}
    for row in _rows(tracked.dropna(subset=["action_id"])):
        states.setdefault(str(row.action_id), []).append(f"{row.indicator_name}: {row.state}")
    touching: dict[str, list[str]] = {}
    pressed: dict[str, int] = {}
    for row in _rows(alerts[alerts["state"] == "open"]):
        for action in row.affects_actions:
            touching.setdefault(str(action), []).append(str(row.alert_id))
            pressed[str(action)] = pressed.get(str(action), 0) + (row.kind in PRESSING)
    rows = []
    for record in actions.to_dict("records"):
        action = {str(name): value for name, value in record.items()}
        key = str(action["action_id"])
        state = _action_state(action, year)
        own = action.get("services") or ()
        gone = tuple(s for s in own if s not in here)
        behind = [s for s in states.get(key, []) if s.endswith(RED)]
        open_alerts = tuple(touching.get(key, ()))
        if state == "stopped":
            proposal, because = "stop", "the record says it was stopped"
        elif state == "finished":
            proposal, because = "assess effect", "its time is over: what came of it?"
        elif behind:
            proposal, because = "adapt", "; ".join(behind)
        elif own and len(gone) == len(own):
            proposal, because = "adapt", f"none of its {len(own)} services counts in {year}"
        elif pressed.get(key):
            proposal, because = "adapt", f"open alerts call it into question: {pressed[key]}"
        elif states.get(key):
            proposal, because = "continue", "; ".join(states[key])
        else:
            proposal, because = "continue", "nothing on record speaks against it, and nothing measures it"
        if proposal == "continue" and open_alerts:
            because += f"; first look at {len(open_alerts)} open alert{'s' if len(open_alerts) > 1 else ''}"
        row = taken.get(key)
        rows.append(
            {
                "action_id": key, "title": action["title"], "state": state, "proposal": proposal, "because": because,
                "decision": "" if row is None else row.decision, "decided_by": "" if row is None else row.decided_by,
                "decided_on": "" if row is None else row.date, "services_gone": gone, "alerts": open_alerts,
            }
        )  # fmt: skip
    columns = ["action_id", "title", "state", "proposal", "because", "decision", "decided_by", "decided_on",
               "services_gone", "alerts"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _action_state(action: Mapping[str, Any], year: int) -> str:
    status = action.get("status")
    start, end = (_year_of(action, n) for n in ("start_year", "end_year"))
    if status == "stopped":
        return "stopped"
    if status == "done" or (end is not None and end < year):
        return "finished"
    if status == "planned" or (start is not None and start > year):
        return "planned"
    return "running" if status == "running" or (start is not None and end is not None) else "undated"


# --- the calendar ----------------------------------------------------------------------------------------------

CYCLE: tuple[tuple[int, str], ...] = (
    (3, "Look at the control charts; decide on open alerts"),
    (6, "Update measurements; look at targets"),
    (12, "Keep a snapshot, recompute steps 1 to 3, compare, decide per action, sign off"),
)
"""Months between reviews → what is done (project convention)."""


def review_calendar(
    review_date: dt.date,
    tables: Mapping[str, pd.DataFrame],
    alerts: pd.DataFrame,
    tracked: pd.DataFrame,
    months: int = 24,
) -> pd.DataFrame:
    """Return the next dates of the review, with what the region's own tables add to the project's cycle.

    Returns
    -------
    DataFrame
        ``date`` (ISO, within so many months after the review date), ``what``, ``subject``, ``rests_on`` (*project convention* or
        *the pack*), in order of date.
    """
    horizon = add_months(review_date, months)
    rows: list[tuple[str, str, str, str]] = []
    for every, what in CYCLE:
        rows.extend(
            (add_months(review_date, n).isoformat(), what, "", "project convention")
            for n in range(every, 13, every)
            if not any(n % other == 0 for other, _ in CYCLE if other > every)
        )
    for table, key, words in (
        ("policies", "policy_id", "Policy ends: who takes over its services?"),
        ("services", "service_id", "Service ends: is there a successor?"),
        ("actions", "action_id", "Action ends: assess its effect"),
    ):
        frame = tables[table]
        for subject, end in zip(frame[key], frame["end_year"], strict=True):
            if not pd.isna(end) and review_date < (day := dt.date(int(end), 12, 31)) <= horizon:
                rows.append((day.isoformat(), words, str(subject), "the pack"))
    for row in _rows(tracked):
        if row.period:
            day = add_months(period_end(str(row.period)), period_months(str(row.period)))
            if review_date < day <= horizon:
                rows.append((day.isoformat(), "Next value falls due", str(row.indicator_id), "the pack"))
        if (
            not pd.isna(row.target_year)
            and review_date < (day := dt.date(int(row.target_year), 12, 31)) <= horizon
        ):
            rows.append((day.isoformat(), "Target falls due", str(row.indicator_id), "the pack"))
    for row in _rows(alerts[alerts["state"] == "open"]):
        rows.append((str(row.due_date), "Decide on the alert", str(row.alert_id), "project convention"))
    frame = pd.DataFrame(rows, columns=["date", "what", "subject", "rests_on"])
    return frame.sort_values(["date", "what", "subject"], kind="stable").reset_index(drop=True)


_VINTAGE = re.compile(r"\b(?:to (?P<day>\d{4}-\d{2}-\d{2})|(?P<month>[A-Z][a-z]{2}) (?P<year>20\d\d))\b")


def read_vintage(source_title: str) -> str:
    """Return the day or month at which a source says its copy was taken, or an empty text.

    Examples
    --------
    >>> read_vintage("ECB reference rates (copy, to 2026-04-13); mean of daily rates"), read_vintage("Surveys (copy, Aug 2025)")
    ('2026-04-13', '2025-08')
    """
    found = _VINTAGE.search(source_title)
    if not found:
        return ""
    if found["day"]:
        return found["day"]
    months = {name: n for n, name in enumerate(calendar.month_abbr) if name}
    number = months.get(found["month"])
    return f"{found['year']}-{number:02d}" if number else ""
