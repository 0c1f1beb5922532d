"""XmR control charts: limits, signals, events that open and close, and shifts of level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from eis_lib.methods.monitor._periods import _in_order, period_months
from eis_lib.pack.frames import _each_row

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

OUTSIDE, RUN, HALF_WAY = "outside the limits", "eight in a row on one side", "three of four beyond half-way"
SIGNALS = (OUTSIDE, RUN, HALF_WAY)


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
    for row in _each_row(chart):
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
