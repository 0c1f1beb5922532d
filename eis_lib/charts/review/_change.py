"""Services gained and lost by kind of support, and demand whose verdict changed by need."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _rows_axis, distinct
from eis_lib.charts.review._control import ROW_HEIGHT


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
    order = distinct(rows["kind"])
    sums = rows.assign(side=rows["services"] > 0).groupby(["kind", "side"], sort=False)["services"].sum()
    most = max(int(sums.abs().max()), 2)
    step = max(1, math.ceil(most / 6))
    ticks = sorted({sign * n for n in range(0, most + 1, step) for sign in (-1, 1)})
    changes = distinct(rows["change"])
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
    order = distinct(rows["need"])
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
