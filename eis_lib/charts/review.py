"""Charts of step 6, review: targets, control charts, alerts, what changed, the governance scorecard.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it. Time axes are in UTC, so that a picture is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW_HEIGHT = 30
LIGHT_COLOURS = MappingProxyType(
    {
        "green": theme.COLOURS["good"],
        "amber": theme.COLOURS["warning"],
        "red": theme.COLOURS["bad"],
        "grey": theme.COLOURS["unknown"],
    }
)
SIGNAL_SHAPES = MappingProxyType(
    {
        "no signal": "circle",
        "outside the limits": "triangle-up",
        "eight in a row on one side": "square",
        "three of four beyond half-way": "diamond",
    }
)
"""Signal → shape of its point, in the order of the legend."""
STATE_SHAPES = MappingProxyType({"open": "triangle-up", "decided": "square", "closed": "circle"})
VERDICTS = ("signalled", "already open", "silent", "too few points yet", "no data")


def _order(values: pd.Series) -> list[str]:
    return list(dict.fromkeys(values))


def _rows_axis(limit: int = 280, *, lines: int = 1) -> alt.Axis:
    """Return the axis beside a matrix; labels of several lines are set around the middle of their row."""
    return alt.Axis(
        domain=False,
        ticks=False,
        labelLimit=limit,
        labelPadding=8,
        labelLineHeight=14,
        labelOffset=-7 * (lines - 1),
        labelExpr="split(datum.label, '\\n')",
    )


def _time(field: str, title: str | None = None, domain: Sequence[str] = (), *, years: float = 8) -> alt.X:
    """Return a time axis that reads days as UTC, with a mark a year, or with months where it spans few years."""
    scale = alt.Scale(type="utc", domain=[_day(d) for d in domain]) if domain else alt.Scale(type="utc")
    axis = (
        alt.Axis(format="%b %Y", tickCount=6, labelFlush=False)
        if years < 4
        else alt.Axis(
            format="%Y", tickCount={"interval": "year", "step": 1}, labelFlush=False, labelOverlap=True
        )
    )
    return alt.X(field, title=title, scale=scale, axis=axis)


def _day(iso: str) -> alt.DateTime:
    year, month, day = map(int, iso.split("-"))
    return alt.DateTime(year=year, month=month, date=day, utc=True)


def control_chart(
    points: pd.DataFrame, *, unit: str, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return an XmR chart: the values, centre and limits of each phase, the points that signal by shape.

    Parameters
    ----------
    points
        ``date`` (ISO), ``value``, ``phase``, ``is_baseline``, ``centre``, ``lower``, ``upper``, ``signal`` (empty: none) and
        ``label`` (text beside the point; empty for most).
    """
    data = points[["date", "value", "signal", "label"]].assign(
        signal=points["signal"].where(points["signal"] != "", "no signal")
    )
    years = int(points["date"].iloc[-1][:4]) - int(points["date"].iloc[0][:4])
    phases = (
        points.groupby("phase")
        .agg(
            start=("date", "first"), end=("date", "last"), centre=("centre", "first"), lower=("lower", "first"),
            upper=("upper", "first"),
        )
        .reset_index(drop=True)
    )  # fmt: skip
    frozen = points[points["is_baseline"]].groupby("phase").agg(start=("date", "first"), end=("date", "last"))
    lines = phases.melt(["start", "end"], ["upper", "centre", "lower"], "line", "value").assign(
        name=lambda f: f["line"].map({"upper": "upper limit", "centre": "centre", "lower": "lower limit"})
    )
    shaded = (
        alt.Chart(frozen.reset_index(drop=True))
        .mark_rect(color=theme.COLOURS["none"])
        .encode(x=_time("start:T", years=years), x2="end:T")
    )
    rules = (
        alt.Chart(lines)
        .mark_rule(color=theme.COLOURS["neutral"])
        .encode(
            x=_time("start:T", years=years),
            x2="end:T",
            y="value:Q",
            strokeDash=alt.condition("datum.line == 'centre'", alt.value([1, 0]), alt.value([5, 4])),
        )
    )
    named = (
        alt.Chart(lines.groupby("line", sort=False).tail(1))
        .mark_text(align="left", dx=5, fontSize=11, color=theme.COLOURS["neutral"])
        .encode(x=_time("end:T", years=years), y="value:Q", text="name:N")
    )
    base = alt.Chart(data).encode(
        x=_time("date:T", years=years), y=alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False))
    )
    path = base.mark_line(color=theme.COLOURS["others"], strokeWidth=1.5)
    shapes = {k: v for k, v in SIGNAL_SHAPES.items() if k in set(data["signal"])}
    colours = [theme.COLOURS["support"] if name == "no signal" else theme.COLOURS["gap"] for name in shapes]
    marks = base.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape(
            "signal:N",
            scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
            legend=alt.Legend(title=None, columns=2),
        ),
        color=alt.Color("signal:N", scale=alt.Scale(domain=list(shapes), range=colours), legend=alt.Legend(title=None, columns=2)),
        size=alt.condition("datum.signal == 'no signal'", alt.value(28), alt.value(90)),
    )  # fmt: skip
    words = (
        alt.Chart(data[data["label"] != ""])
        .mark_text(align="right", dx=-8, dy=-4, fontSize=11)
        .encode(x=_time("date:T", years=years), y="value:Q", text="label:N")
    )
    chart = (shaded + path + rules + named + marks + words).properties(width=theme.WIDTH, height=280)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def target_tracking(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return a bullet chart: how much of the way to each target is done, against what the path expects.

    Parameters
    ----------
    rows
        ``indicator`` (label), ``attainment`` and ``expected`` (shares of the way; missing where undefined), ``light`` (green, amber,
        red, grey) and ``words`` (text that says state and values).
    """
    order = _order(rows["indicator"])
    shown = rows["attainment"].dropna()
    low = min(0.0, float(shown.min()) if len(shown) else 0.0)
    high = max(1.0, float(shown.max()) if len(shown) else 1.0)
    y = alt.Y("indicator:N", sort=order, title=None, axis=_rows_axis(220, lines=2))
    scale = alt.Scale(domain=[low, high * 1.0 + 0.9])
    axis = alt.Axis(format="%", values=[v / 4 for v in range(int(low * 4) - 1, int(high * 4) + 1)])
    base = alt.Chart(rows[["indicator", "attainment", "expected", "light", "words"]]).encode(y=y)
    bars = base.mark_bar(height=16).encode(
        x=alt.X("attainment:Q", title="share of the way from baseline to target", scale=scale, axis=axis),
        color=alt.Color(
            "light:N",
            scale=alt.Scale(domain=list(LIGHT_COLOURS), range=list(LIGHT_COLOURS.values())),
            legend=None,
        ),
    )
    ticks = base.mark_tick(thickness=3, size=24, color=theme.COLOURS["ink"]).encode(x="expected:Q")
    text = base.mark_text(align="left", fontSize=11).encode(
        x=alt.datum(high + 0.04), text="words:N"
    )  # beyond every bar, so that nothing is written on one
    target = (
        alt.Chart(pd.DataFrame({"x": [1.0]}))
        .mark_rule(strokeDash=[4, 3], color=theme.COLOURS["neutral"])
        .encode(x="x:Q")
    )
    chart = (bars + ticks + target + text).properties(width=520, height=ROW_HEIGHT * len(order) + 10)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def alerts_timeline(
    alerts: pd.DataFrame,
    shocks: pd.DataFrame,
    *,
    until: str,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return alerts as bars in time, from opening to closing; what is still open ends at the review.

    Parameters
    ----------
    alerts
        ``row`` (label of its line), ``start`` and ``end`` (ISO days), ``state`` (open, decided, closed) and ``words`` (text beside the
        opening; may be empty).
    shocks
        ``date`` (ISO), ``name``: vertical marks.
    until
        Review date (ISO).
    """
    order = _order(alerts["row"])
    first = min([*alerts["start"], *shocks["date"]])
    span = (f"{int(first[:4]) - 1}-10-01", f"{int(until[:4]) + 1}-01-01")
    lines = max(row.count("\n") for row in order) + 1
    y = alt.Y("row:N", sort=order, title=None, axis=_rows_axis(260, lines=lines))
    late = f"{(int(first[:4]) + int(until[:4])) // 2 + 1}"
    data = alerts[["row", "start", "end", "state", "words"]].assign(is_late=alerts["start"] >= late)
    base = alt.Chart(data).encode(y=y)
    bars = base.mark_bar(height=6, opacity=0.55).encode(
        x=_time("start:T", domain=span),
        x2="end:T",
        color=alt.condition(
            "datum.state == 'open'", alt.value(theme.COLOURS["gap"]), alt.value(theme.COLOURS["neutral"])
        ),
    )
    states = [s for s in STATE_SHAPES if s in set(alerts["state"])]
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=_time("start:T", domain=span),
        shape=alt.Shape(
            "state:N",
            scale=alt.Scale(domain=states, range=[STATE_SHAPES[s] for s in states]),
            legend=alt.Legend(title="Alert is now"),
        ),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states, range=[theme.COLOURS["gap" if s == "open" else "neutral"] for s in states]
            ),
            legend=alt.Legend(title="Alert is now"),
        ),
    )
    dashes = (
        alt.Chart(shocks)
        .mark_rule(strokeDash=[4, 3], color=theme.COLOURS["neutral"])
        .encode(x=_time("date:T", domain=span))
    )
    names = (
        alt.Chart(shocks)
        .mark_text(align="left", dx=4, fontSize=11, color=theme.COLOURS["neutral"], baseline="bottom")
        .encode(x=_time("date:T", domain=span), y=alt.value(-4), text="name:N")
    )
    words = base.encode(x=_time("start:T", domain=span), text="words:N")
    right = words.transform_filter("!datum.is_late").mark_text(align="left", dx=8, dy=-9, fontSize=11)
    left = words.transform_filter("datum.is_late").mark_text(align="right", dx=-8, dy=-9, fontSize=11)
    chart = (dashes + names + bars + marks + right + left).properties(width=500, height=38 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def landscape_change(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return services gained to the right and lost to the left, by kind of support.

    Parameters
    ----------
    rows
        ``kind`` (label, in order), ``change`` (label such as *added*), ``services`` (number, negative where lost) and ``is_real``
        (False: only better data, drawn as an outline).
    """
    order = _order(rows["kind"])
    sums = rows.assign(side=rows["services"] > 0).groupby(["kind", "side"], sort=False)["services"].sum()
    most = max(int(sums.abs().max()), 2)
    step = max(1, math.ceil(most / 6))
    ticks = sorted({sign * n for n in range(0, most + 1, step) for sign in (-1, 1)})
    changes = _order(rows["change"])
    palette = {
        "added": theme.COLOURS["support"],
        "new in place of an old one": theme.COLOURS["level_national"],
        "entered the record": theme.COLOURS["none"],
        "closed": theme.COLOURS["gap"],
        "closed with a successor": theme.COLOURS["level_local"],
        "left the record": theme.COLOURS["unknown"],
    }
    base = alt.Chart(rows[["kind", "change", "services", "is_real"]]).encode(
        y=alt.Y("kind:N", sort=order, title=None, axis=_rows_axis(240))
    )
    bars = base.mark_bar(height=16, stroke=theme.COLOURS["neutral"], strokeWidth=0.6).encode(
        x=alt.X(
            "services:Q",
            title="← lost · services · gained →",
            scale=alt.Scale(domain=[-most - 0.6, most + 0.6]),
            axis=alt.Axis(values=ticks, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+d')"),
            stack="zero",
        ),
        color=alt.Color(
            "change:N",
            scale=alt.Scale(domain=changes, range=[palette[c] for c in changes]),
            legend=alt.Legend(title=None, columns=3),
        ),
        order=alt.Order("change:N"),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=theme.COLOURS["ink"]).encode(x="x:Q")
    ends = (
        rows.assign(side=rows["services"] > 0)
        .groupby(["kind", "side"], sort=False)
        .agg(services=("services", "sum"), real=("is_real", "any"))
        .reset_index()
    )
    signed = [f"{n:+d}".replace("-", "−") for n in ends["services"]]
    # in brackets: nothing changed there but the record
    ends["mark"] = [text if real else f"({text})" for text, real in zip(signed, ends["real"], strict=True)]
    text = alt.Chart(ends[["kind", "services", "mark", "side"]]).encode(
        y=alt.Y("kind:N", sort=order), x="services:Q", text="mark:N"
    )
    right = text.transform_filter("datum.side").mark_text(align="left", dx=4)
    left = text.transform_filter("!datum.side").mark_text(align="right", dx=-4)
    chart = (bars + zero + right + left).properties(width=460, height=ROW_HEIGHT * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def need_change(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the demand whose verdict changed, by need: newly met to the right, no longer met to the left.

    Parameters
    ----------
    rows
        ``need`` (label, in order), ``change`` (label), ``weight`` (share of demand; negative where no longer met).
    """
    order = _order(rows["need"])
    palette = {
        "no longer met": theme.COLOURS["gap"],
        "met then, unknown now": theme.COLOURS["unknown"],
        "met now": theme.COLOURS["support"],
        "met now, unknown then": theme.COLOURS["others"],
    }
    changes = [change for change in palette if change in set(rows["change"])]
    ends = (
        rows.assign(side=rows["weight"] > 0)
        .groupby(["need", "side"], sort=False)["weight"]
        .sum()
        .reset_index()
    )
    ends["mark"] = [f"{weight:+.1%}".replace("-", "−") for weight in ends["weight"]]
    most = max(float(ends["weight"].abs().max()), 0.005) * 1.35
    y = alt.Y("need:N", sort=order, title=None, axis=_rows_axis(240))
    bars = (
        alt.Chart(rows[["need", "change", "weight"]].assign(order=rows["change"].map(changes.index)))
        .mark_bar(height=16)
        .encode(
            y=y,
            x=alt.X(
                "weight:Q",
                title="← no longer met · share of demand · met now →",
                scale=alt.Scale(domain=[-most, most]),
                axis=alt.Axis(tickCount=5, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1%')"),
                stack="zero",
            ),
            color=alt.Color(
                "change:N",
                scale=alt.Scale(domain=changes, range=[palette[c] for c in changes]),
                legend=alt.Legend(title=None, columns=2),
            ),
            order=alt.Order("order:Q"),
        )
    )
    text = alt.Chart(ends).encode(y=y, x="weight:Q", text="mark:N")
    right = text.transform_filter("datum.side").mark_text(align="left", dx=4)
    left = text.transform_filter("!datum.side").mark_text(align="right", dx=-4)
    chart = (bars + right + left).properties(width=460, height=ROW_HEIGHT * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def hindsight(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return what each series said at each event, as words in a matrix, and how often it cried out in calm times.

    Parameters
    ----------
    cells
        ``series`` and ``shock`` (labels, in order; the last column is calm times), ``verdict`` (one of :data:`VERDICTS`, or *calm* and
        *noise* in the last column) and ``mark`` (text of the cell, up to two lines).
    """
    rows, columns = _order(cells["series"]), _order(cells["shock"])
    colours = {
        "signalled": theme.COLOURS["support"],
        "already open": theme.COLOURS["others"],
        "silent": theme.COLOURS["level_local"],
        "too few points yet": theme.COLOURS["faint"],
        "no data": theme.COLOURS["none"],
        "calm": theme.COLOURS["none"],
        "noise": theme.DIVERGING[2],
    }
    base = alt.Chart(
        cells[["series", "shock", "verdict"]].assign(
            mark=[m.split("\n") for m in cells["mark"]],
            lines=[m.count("\n") + 1 for m in cells["mark"]],
            is_dark=cells["verdict"] == "signalled",
        )
    ).encode(
        x=alt.X(
            "shock:N",
            sort=columns,
            title=None,
            axis=alt.Axis(
                orient="top", labelAngle=0, domain=False, ticks=False, labelExpr="split(datum.label, '\\n')",
                labelLineHeight=14, labelBaseline="top", labelPadding=32,
            ),
        ),
        y=alt.Y("series:N", sort=rows, title=None, axis=_rows_axis(250, lines=2)),
    )  # fmt: skip
    box = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "verdict:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
        )
    )
    words = base.encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    one = words.transform_filter("datum.lines == 1").mark_text(fontSize=11)
    two = words.transform_filter("datum.lines == 2").mark_text(fontSize=11, lineHeight=14, dy=-7)
    chart = (box + one + two).properties(width=118 * len(columns), height=40 * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def scorecard(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the governance scorecard: measures down, years across, "so many of so many" in each cell.

    Parameters
    ----------
    cells
        ``label`` (measure, in order), ``year``, ``share`` (0–1, missing where it cannot be told), ``mark`` (text).
    """
    rows, columns = _order(cells["label"]), [str(y) for y in dict.fromkeys(cells["year"])]
    base = alt.Chart(
        cells[["label", "share", "mark"]].assign(
            year=cells["year"].astype(str),
            is_dark=theme.is_dark(cells["share"], (0, 1), [theme.SEQUENTIAL[0], theme.SEQUENTIAL[-2]]),
        )
    ).encode(
        x=alt.X(
            "year:N",
            sort=columns,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y("label:N", sort=rows, title=None, axis=_rows_axis(340)),
    )
    box = (
        base.transform_filter("isValid(datum.share)")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            color=alt.Color(
                "share:Q",
                scale=alt.Scale(domain=[0, 1], range=[theme.SEQUENTIAL[0], theme.SEQUENTIAL[-2]]),
                legend=alt.Legend(title="Share", format="%", gradientLength=160),
            )
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (box + text).properties(width=66 * len(columns), height=28 * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def nothing_to_show(title: str, subtitle: str) -> alt.TopLevelMixin:
    """Return a picture that says that there is nothing to draw, so that its place is not simply empty."""
    chart = (
        alt.Chart(pd.DataFrame({"text": [subtitle]}))
        .mark_text(align="left")
        .encode(x=alt.value(0), text="text:N")
    )
    return theme.finish(
        chart.properties(width=theme.WIDTH, height=30), title=title, description=f"{title}. {subtitle}"
    )
