"""The life of each policy, how services are backed by policies, and what budgets are published."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, ROW, _height, _legend, _y
from eis_lib.charts.parts import _euros

_MONEY = "datum.value >= 1e9 ? datum.value / 1e9 + ' bn' : datum.value >= 1e6 ? datum.value / 1e6 + ' m' : datum.value / 1e3 + ' k'"

BACKING = (
    "named by a standing policy",
    "named only by an ended policy",
    "provider owns a policy that does not name it",
    "shares a barrier only",
    "no tie",
)


def chart_timeline(
    frame: pd.DataFrame, year: int, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the life of each policy against the year looked at, and whether a service delivers it.

    ``frame``: policy (label), start_year, end_year (NaN = open or unknown), delivery (label; ``not standing`` for
    policies outside the year); in the order drawn. A bar without an end year stops at the last year drawn and carries
    an arrow.
    """
    order = list(frame["policy"])
    known = pd.concat([frame["start_year"], frame["end_year"]]).dropna().astype(int)
    first, last = int(min([*known, year])) - 1, int(max([*known, year])) + 2
    bars = frame.assign(
        from_year=frame["start_year"].fillna(first).astype(float),
        to_year=(frame["end_year"].astype("float64") + 1).fillna(last),
        open_end=frame["end_year"].isna(),
        open_start=frame["start_year"].isna(),
    )
    bars = bars[["policy", "from_year", "to_year", "open_end", "open_start", "delivery"]]
    kinds = ["delivered", "no named service stands", "no service named", "not standing"]
    colours = [_C["support"], _C["warning"], _C["gap"], _C["unknown"]]
    base = alt.Chart(bars).encode(
        y=alt.Y("policy:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=250)),
        color=alt.Color(
            "delivery:N",
            scale=alt.Scale(domain=kinds, range=colours),
            legend=alt.Legend(title=f"What delivers it in {year}", orient="bottom"),
        ),
        tooltip=["policy", "delivery", "from_year", "to_year"],
    )
    scale = alt.Scale(domain=[first, last], nice=False)
    axis = alt.Axis(format="d", tickCount=8, grid=True)
    span = base.mark_bar(height=10).encode(
        x=alt.X("from_year:Q", scale=scale, axis=axis, title="Year"), x2="to_year:Q"
    )
    ends = (
        base.transform_filter(alt.datum.open_end)
        .mark_text(text="►", align="right", dx=9, fontSize=13)
        .encode(x=alt.X("to_year:Q", scale=scale))
    )
    starts = (
        base.transform_filter(alt.datum.open_start)
        .mark_text(text="◄", align="left", dx=-9, fontSize=13)
        .encode(x=alt.X("from_year:Q", scale=scale))
    )
    rule = (
        alt.Chart(pd.DataFrame({"year": [year + 0.5], "label": [str(year)]}))
        .mark_rule(color=_C["ink"], strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=alt.X("year:Q", scale=scale))
    )
    mark = rule.mark_text(dy=-6, baseline="bottom", fontWeight="bold").encode(text="label:N", y=alt.value(0))
    chart = alt.layer(span, ends, starts, rule, mark).properties(width=330, height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_backing(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how services are backed by policies, per support type.

    ``frame``: support_type (label), backing (one of `BACKING`), services (count > 0).
    """
    totals = frame.groupby("support_type")["services"].sum().sort_values(ascending=False, kind="stable")
    order = list(totals.index)
    colours = [_C["support"], _C["others"], _C["warning"], _C["unknown"], _C["gap"]]
    frame = frame.assign(rank=frame["backing"].map({name: i for i, name in enumerate(BACKING)}))
    bars = (
        alt.Chart(frame)
        .mark_bar(height=ROW * 0.65)
        .encode(
            y=_y("support_type", order),
            x=alt.X("services:Q", title="Services", axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "backing:N", scale=alt.Scale(domain=list(BACKING), range=colours), legend=_legend(2)
            ),
            order=alt.Order("rank:Q"),
            tooltip=["support_type", "backing", "services"],
        )
    )
    numbers = (
        alt.Chart(frame)
        .mark_text(fontSize=11, dx=-8)
        .encode(
            y=_y("support_type", order),
            x=alt.X("services:Q", stack="zero"),
            order=alt.Order("rank:Q"),
            text="services:Q",
            color=alt.condition(
                "datum.rank == 0 || datum.rank == 4", alt.value("white"), alt.value(_C["ink"])
            ),
        )
    )
    chart = alt.layer(bars, numbers).properties(width=420, height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_money(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the published budgets on a logarithmic scale, and the policies without one as such.

    ``frame``: policy (label), budget_eur (NaN = not published), level (label), level_rank (0 local … 3 European); in
    the order drawn.
    """
    order = list(frame["policy"])
    known, unknown = frame[frame["budget_eur"] > 0], frame[~(frame["budget_eur"] > 0)]
    levels = list(dict.fromkeys(known.sort_values("level_rank", kind="stable")["level"]))
    paint = [_C["level_local"], _C["level_regional"], _C["level_national"], _C["level_eu"]]
    ranks = known.drop_duplicates("level").set_index("level")["level_rank"]
    colours = [paint[int(ranks[level])] for level in levels]
    x = _budget(known["budget_eur"])
    y = alt.Y(
        "policy:N",
        sort=order,
        scale=alt.Scale(domain=order),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=250),
    )
    dots = (
        alt.Chart(known)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("level:N", scale=alt.Scale(domain=levels, range=colours), legend=_legend()),
            shape=alt.Shape("level:N", scale=alt.Scale(domain=levels), legend=_legend()),
            tooltip=["policy", "level", alt.Tooltip("budget_eur:Q", format=",.0f")],
        )
    )
    labels = (
        alt.Chart(
            known.assign(text=[_euros(value) for value in known["budget_eur"]])[
                ["policy", "budget_eur", "text"]
            ]
        )
        .mark_text(align="left", dx=10)
        .encode(x=x, y=y, text="text:N")
    )
    missing = (
        alt.Chart(
            unknown.assign(
                mark=unknown["budget_eur"].map({0.0: "none, as published"}).fillna("not published")
            )[["policy", "mark"]]
        )
        .mark_text(align="left", color=_C["gap"], fontStyle="italic", dx=4)
        .encode(x=alt.value(0), y=y, text="mark:N")
    )
    # an axis of money without any money has no finite size
    layers = [missing] if known.empty else [dots, labels, missing]
    chart = alt.layer(*layers).properties(width=330, height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _budget(published: pd.Series) -> alt.X:
    """Return a logarithmic axis of money, from the power of ten below the least budget to the one above the largest."""
    lowest = float(published.min()) if len(published) else 1e4
    highest = float(published.max()) if len(published) else 1e8
    scale = alt.Scale(
        type="log", domain=[10 ** (len(str(int(lowest))) - 1), 10 ** len(str(int(highest)))], nice=False
    )
    return alt.X(
        "budget_eur:Q",
        scale=scale,
        title="Published budget, euros (logarithmic)",
        axis=alt.Axis(values=[10.0**power for power in range(3, 13)], labelExpr=_MONEY, grid=True),
    )
