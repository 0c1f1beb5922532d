"""Whether a series signals: its control chart, and what every series under watch says."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.pack.schema import nearest_of
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._series import SMALLEST_MOVE, Watched, _all_series
from eis_lib.steps.review._view import _day
from eis_lib.steps.shared.words import _be, _number


def _pick(
    review: Review, indicator: str | None, baseline_points: int | None
) -> tuple[Watched | None, list[Watched]]:
    series = _all_series(review, baseline_points)
    wanted = indicator or review.parameters.indicator
    keys = [s.key for s in series]
    if wanted and wanted not in keys:
        nearest = nearest_of(wanted, keys)
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise ParameterError(
            f"no series '{wanted}' is watched for {review.pack.id}.{hint} Known: {', '.join(keys)}."
        )
    if wanted:
        return next(s for s in series if s.key == wanted), series
    # a series that has ended says nothing of today
    day, lag = _day(review), review.parameters.lag_months
    running = [s for s in series if not monitor.is_stale(s.last, day, lag)]
    return next(iter([*running, *series]), None), series


def control(review: Review, *, indicator: str | None = None, baseline_points: int | None = None) -> Section:
    """Return one series as a control chart, and what every series under watch says."""
    shown, every = _pick(review, indicator, baseline_points)
    if shown is None:
        return Section(
            answer="No series is on record for this region; nothing can be watched.",
            how_sure="High that there is none here.",
        )
    chart = shown.chart
    correlation, raw_correlation = (monitor.lag_correlation(series["value"]) for series in (chart, shown.raw))
    median = monitor.xmr_limits(
        chart.loc[chart["is_baseline"] & (chart["phase"] == 0), "value"].to_numpy(), kind="median"
    )
    return Section(
        answer=_control_words(shown),
        charts={"control_chart": _control_picture(shown)},
        tables={
            "watch": Table(
                pd.DataFrame([_watch_row(series) for series in every]),
                "Every series under watch",
                "Events: signals after the baseline, one per event. lag_1_correlation: likeness of each point to the one before; the limits presume about 0.",
            ),
            "control_points": Table(
                chart.assign(series=shown.key)[["series", *chart.columns]],
                f"Points of the chart: {shown.name}",
                f"Single moving ranges have the limit 3.267·mR̄. Around the median (x̃ ± 3.145·m̃R) the limits would be {_number(median.lower)} to {_number(median.upper)}.",
            ),
        },
        how_sure=(
            f"Medium: the points charted resemble the ones before them by {correlation:.2f} (0 is what the limits presume; the series as published {raw_correlation:.2f}, "
            "which is why its change is charted)."
            if shown.basis != "level"
            else f"Medium: the points resemble the ones before them by {correlation:.2f}; 0 is what the limits presume."
        )
        + " Limits from few points are rough.",
        to_check="Whether something known happened at each event; a recorded decision 'confirmed' on its alert starts a new baseline, nothing else does.",
    )


def _live(series: Watched) -> pd.DataFrame:
    """Return the events after the baseline."""
    return series.events[series.events["prospective"].astype(bool)]


def _has_enough(series: Watched) -> bool:
    return int(series.chart["value"].notna().sum()) >= monitor.LEAST_POINTS


def _control_words(shown: Watched) -> str:
    first, live = shown.chart.iloc[0], _live(shown)
    words = [
        f"**{plain(shown.name)}**: limits {_number(first['lower'])} to {_number(first['upper'])} {plain(shown.unit)} from the first "
        f"{int(shown.chart['is_baseline'].sum())} points."
    ]
    if not _has_enough(shown):
        words.append(
            f"With {count(len(shown.chart), 'point')}, fewer than {monitor.LEAST_POINTS}, it is shown and gives no signal."
        )
    else:
        still_open = int((live["closed"] == "").sum())
        events = listing([f"{e.opened}: {e.rule}" for e in _each_row(live)], most=4)
        words.append(
            f"After them {count(len(live), 'event')} {'was' if len(live) == 1 else 'were'} signalled"
            + (
                f" ({events}); {count(still_open, 'event')} {_be(still_open)} still open."
                if len(live)
                else "."
            )
        )
    if shown.ignored:
        words.append(
            f"{count(shown.ignored, 'signal')} of less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit} {'was' if shown.ignored == 1 else 'were'} left out as too small to matter."
        )
    return " ".join([*words, _shift_words(shown.chart)])


def _shift_words(chart: pd.DataFrame) -> str:
    points, penalty = monitor.change_points(chart["value"].to_numpy(dtype=float))
    if math.isnan(penalty):
        return f"Change points are looked for from {monitor.CHANGE_POINT_LEAST} values on; there are {int(chart['value'].notna().sum())}."
    shifts = [str(chart["period"].iloc[i]) for i in points]
    return f"Level shifts by change-point analysis (PELT, penalty {_number(penalty)}): {listing(shifts, most=6)}."


def _control_picture(shown: Watched) -> Any:
    chart, live = shown.chart, _live(shown)
    first, signals = chart.iloc[0], int((chart["signal"] != "").sum())
    opened = set(live["opened"])
    return charts.control_chart(
        chart.assign(
            date=[monitor.period_start(str(p)).isoformat() for p in chart["period"]],
            label=[str(p) if p in opened else "" for p in chart["period"]],
        ),
        unit=shown.unit,
        title=_control_title(shown, live, _has_enough(shown)),
        subtitle=f"{shown.basis}, {shown.unit}; limits: mean ± 2.66 × mean moving range, frozen on the first {int(chart['is_baseline'].sum())} points (grey): "
        f"{_number(first['lower'])} to {_number(first['upper'])}",
        source=f"{shown.source}",
        description=f"Control chart of {shown.name}: {len(chart)} points, {signals} with a signal, {count(len(live), 'event')}.",
    )


def _watch_row(series: Watched) -> dict[str, Any]:
    chart, live = series.chart, _live(series)
    return {
        "series": series.name, "unit": series.unit, "points": int(chart["value"].notna().sum()), "baseline_points": int(chart["is_baseline"].sum()),
        "lower_limit": chart["lower"].iloc[0], "centre": chart["centre"].iloc[0], "upper_limit": chart["upper"].iloc[0],
        "events": len(live), "last_event": max(live["opened"], default=""), "open_now": "yes" if (live["closed"] == "").any() else "no",
        "lag_1_correlation": monitor.lag_correlation(chart["value"]),
    }  # fmt: skip


def _control_title(shown: Watched, live: pd.DataFrame, enough: bool) -> str:
    if not enough:
        return f"{shown.label}: too few points to signal"
    if live.empty and shown.ignored:
        return f"{shown.label} crossed its limits by less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit}: too little for an alert"
    if live.empty:
        return f"{shown.label} stayed within its limits"
    return f"{shown.label} gave a signal {'once, in' if len(live) == 1 else f'{len(live)} times, last in'} {live['opened'].iloc[-1]}"
