"""Whether a series signals: its control chart, and what every series under watch says."""

from __future__ import annotations

import math

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
from eis_lib.steps.review._view import _be, _day
from eis_lib.steps.shared.words import _number


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
    chart, events = shown.chart, shown.events
    enough = int(chart["value"].notna().sum()) >= monitor.LEAST_POINTS
    signals = chart[chart["signal"] != ""]
    live = events[events["prospective"].astype(bool)]
    still_open = live[live["closed"] == ""]
    first = chart.iloc[0]
    correlation = monitor.lag_correlation(chart["value"])
    raw_correlation = monitor.lag_correlation(shown.raw["value"])
    points, penalty = monitor.change_points(chart["value"].to_numpy(dtype=float))
    shifts = [str(chart["period"].iloc[i]) for i in points]
    median = monitor.xmr_limits(
        chart.loc[chart["is_baseline"] & (chart["phase"] == 0), "value"].to_numpy(), kind="median"
    )
    opened = set(live["opened"])
    picture = charts.control_chart(
        chart.assign(
            date=[monitor.period_start(str(p)).isoformat() for p in chart["period"]],
            label=[str(p) if p in opened else "" for p in chart["period"]],
        ),
        unit=shown.unit,
        title=_control_title(shown, live, enough),
        subtitle=f"{shown.basis}, {shown.unit}; limits: mean ± 2.66 × mean moving range, frozen on the first {int(chart['is_baseline'].sum())} points (grey): "
        f"{_number(first['lower'])} to {_number(first['upper'])}",
        source=f"{shown.source}",
        description=f"Control chart of {shown.name}: {len(chart)} points, {len(signals)} with a signal, {count(len(live), 'event')}.",
    )
    words = [
        f"**{plain(shown.name)}**: limits {_number(first['lower'])} to {_number(first['upper'])} {plain(shown.unit)} from the first "
        f"{int(chart['is_baseline'].sum())} points."
    ]
    if not enough:
        words.append(
            f"With {count(len(chart), 'point')}, fewer than {monitor.LEAST_POINTS}, it is shown and gives no signal."
        )
    else:
        words.append(
            f"After them {count(len(live), 'event')} {'was' if len(live) == 1 else 'were'} signalled"
            + (
                f" ({listing([f'{e.opened}: {e.rule}' for e in _each_row(live)], most=4)})"
                if len(live)
                else ""
            )
            + (
                f"; {count(len(still_open), 'event')} {_be(len(still_open))} still open."
                if len(live)
                else "."
            )
        )
    if shown.ignored:
        words.append(
            f"{count(shown.ignored, 'signal')} of less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit} {'was' if shown.ignored == 1 else 'were'} left out as too small to matter."
        )
    words.append(
        f"Level shifts by change-point analysis (PELT, penalty {_number(penalty)}): {listing(shifts, most=6) if shifts else 'none'}."
        if not math.isnan(penalty)
        else f"Change points are looked for from {monitor.CHANGE_POINT_LEAST} values on; there are {int(chart['value'].notna().sum())}."
    )
    overview = pd.DataFrame(
        [
            {
                "series": s.name, "unit": s.unit, "points": int(s.chart["value"].notna().sum()), "baseline_points": int(s.chart["is_baseline"].sum()),
                "lower_limit": s.chart["lower"].iloc[0], "centre": s.chart["centre"].iloc[0], "upper_limit": s.chart["upper"].iloc[0],
                "events": int(s.events["prospective"].sum()), "last_event": max(s.events.loc[s.events["prospective"].astype(bool), "opened"], default=""),
                "open_now": "yes" if (s.events["prospective"].astype(bool) & (s.events["closed"] == "")).any() else "no",
                "lag_1_correlation": monitor.lag_correlation(s.chart["value"]),
            }
            for s in every
        ]
    )  # fmt: skip
    return Section(
        answer=" ".join(words),
        charts={"control_chart": picture},
        tables={
            "watch": Table(
                overview,
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


def _control_title(shown: Watched, live: pd.DataFrame, enough: bool) -> str:
    if not enough:
        return f"{shown.label}: too few points to signal"
    if live.empty and shown.ignored:
        return f"{shown.label} crossed its limits by less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit}: too little for an alert"
    if live.empty:
        return f"{shown.label} stayed within its limits"
    return f"{shown.label} gave a signal {'once, in' if len(live) == 1 else f'{len(live)} times, last in'} {live['opened'].iloc[-1]}"
