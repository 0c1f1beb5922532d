"""Whether a series signals: its control chart, and what every series under watch says."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.pack.schema import nearest_of
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._series import SMALLEST_MOVE, Watched, _all_series
from eis_lib.steps.review._view import _day, _figure
from eis_lib.steps.shared.words import _records, words_of


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
        words = words_of(__file__, review)
        return Section(answer=words.none_watched(), how_sure=words.none_watched_how_sure())
    chart = shown.chart
    words = words_of(
        __file__,
        review,
        figure=_figure,
        least=monitor.LEAST_POINTS,
        least_for_shifts=monitor.CHANGE_POINT_LEAST,
        smallest=SMALLEST_MOVE.get(shown.kind, 0.0),
        lower=chart["lower"].iloc[0],
        upper=chart["upper"].iloc[0],
        baseline=int(chart["is_baseline"].sum()),
        enough=int(chart["value"].notna().sum()) >= monitor.LEAST_POINTS,
    )
    median = monitor.xmr_limits(
        chart.loc[chart["is_baseline"] & (chart["phase"] == 0), "value"].to_numpy(), kind="median"
    )
    return Section(
        answer=_answer(shown, words),
        charts={"control_chart": _control_picture(shown, words)},
        tables={
            "watch": Table(
                pd.DataFrame([_watch_row(series) for series in every]),
                words.watch_caption(),
                words.watch_note(),
            ),
            "control_points": Table(
                chart.assign(series=shown.key)[["series", *chart.columns]],
                words.points_caption(shown),
                words.points_note(median),
            ),
        },
        how_sure=words.how_sure(
            shown, *(monitor.lag_correlation(series["value"]) for series in (chart, shown.raw))
        ),
        to_check=words.to_check(),
    )


def _live(series: Watched) -> pd.DataFrame:
    """Return the events after the baseline."""
    return series.events[series.events["prospective"].astype(bool)]


def _answer(shown: Watched, words: Words) -> str:
    """Return in words the limits, the events after the baseline and the shifts of level."""
    chart, live = shown.chart, _live(shown)
    points, penalty = monitor.change_points(chart["value"].to_numpy(dtype=float))
    return words.answer(
        shown,
        _records(live),
        int((live["closed"] == "").sum()),
        [str(chart["period"].iloc[i]) for i in points],
        None if math.isnan(penalty) else penalty,
        int(chart["value"].notna().sum()),
    )


def _control_picture(shown: Watched, words: Words) -> Any:
    chart, live = shown.chart, _live(shown)
    opened = set(live["opened"])
    return charts.control_chart(
        chart.assign(
            date=[monitor.period_start(str(p)).isoformat() for p in chart["period"]],
            label=[str(p) if p in opened else "" for p in chart["period"]],
        ),
        unit=shown.unit,
        title=words.title(shown, _records(live)),
        subtitle=words.subtitle(shown),
        source=f"{shown.source}",
        description=words.description(shown, int((chart["signal"] != "").sum()), len(live)),
    )


def _watch_row(series: Watched) -> dict[str, Any]:
    chart, live = series.chart, _live(series)
    return {
        "series": series.name, "unit": series.unit, "points": int(chart["value"].notna().sum()), "baseline_points": int(chart["is_baseline"].sum()),
        "lower_limit": chart["lower"].iloc[0], "centre": chart["centre"].iloc[0], "upper_limit": chart["upper"].iloc[0],
        "events": len(live), "last_event": max(live["opened"], default=""), "open_now": "yes" if (live["closed"] == "").any() else "no",
        "lag_1_correlation": monitor.lag_correlation(chart["value"]),
    }  # fmt: skip
