"""Charts of step 2, examine: tidy frame in, finished chart out; labels come ready to be read."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme

__all__ = [
    "chart_agreement",
    "chart_backing",
    "chart_bodies",
    "chart_candidates",
    "chart_coherence",
    "chart_criteria",
    "chart_logic_chain",
    "chart_logic_faults",
    "chart_money",
    "chart_need_and_policy",
    "chart_policy_barriers",
    "chart_roles",
    "chart_surveys",
    "chart_timeline",
]

_C = theme.COLOURS
ROW = 22  # pixels a labelled row needs
_MONEY = "datum.value >= 1e9 ? datum.value / 1e9 + ' bn' : datum.value >= 1e6 ? datum.value / 1e6 + ' m' : datum.value / 1e3 + ' k'"
STANDING_LABELS = {
    "in-force": "in force",
    "undated": "no end year",
    "ended": "ended",
    "not-started": "not begun",
}
BACKING = (
    "named by a standing policy",
    "named only by an ended policy",
    "provider owns a policy that does not name it",
    "shares a barrier only",
    "no tie",
)


def _height(rows: int) -> int:
    return max(2, rows) * ROW


def _y(field: str, order: list[str], **options: Any) -> alt.Y:
    return alt.Y(f"{field}:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, **options))


def _euros(value: float) -> str:
    """Return an amount as words short enough for a label.

    >>> _euros(28_000_000), _euros(8627), _euros(1.2e9)
    ('28 m', '9 k', '1.2 bn')
    """
    for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {word}" if size > 1e3 else f"{value / size:.0f} {word}"
    return f"{value:.0f}"


def _legend(columns: int | None = None) -> alt.Legend:
    """Return a legend at the top whose columns stay beside one another."""
    return alt.Legend(title=None, columns=columns or alt.Undefined)


def chart_need_and_policy(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str, weighted: bool
) -> alt.TopLevelMixin:
    """Return need beside policy: per barrier the share of firms that name it, and how many policies do.

    Parameters
    ----------
    frame
        barrier (label), share_percent (NaN = not asked), in_force, undated; one row per barrier, in the order drawn.
    weighted
        False leaves out the left panel: equal weights say nothing about need.
    """
    order = list(frame["barrier"])
    height = _height(len(order))
    long = frame.melt(["barrier"], ["in_force", "undated"], "state", "policies")
    long["state"] = long["state"].map({"in_force": "policy in force", "undated": "policy without end year"})
    states = ["policy in force", "policy without end year"]
    bare = frame[frame["in_force"] + frame["undated"] == 0][["barrier"]].assign(mark="no policy names it")
    labels = alt.Axis(ticks=False, domain=False)
    counts = (
        alt.Chart(long[long["policies"] > 0])
        .mark_bar(height=ROW * 0.6)
        .encode(
            y=alt.Y(
                "barrier:N",
                sort=order,
                title=None,
                axis=None if weighted else labels,
                scale=alt.Scale(domain=order),
            ),
            x=alt.X(
                "policies:Q",
                title="Policies that name it",
                axis=alt.Axis(tickMinStep=1, format="d", tickCount=5, grid=False),
            ),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=states, range=[_C["support"], _C["others"]]),
                legend=_legend(),
            ),
            order=alt.Order("state:N"),
            tooltip=["barrier", "state", "policies"],
        )
    )
    none = (
        alt.Chart(bare)
        .mark_text(align="left", dx=4, color=_C["gap"], fontWeight="bold")
        .encode(
            y=alt.Y("barrier:N", sort=order, scale=alt.Scale(domain=order)), x=alt.datum(0), text="mark:N"
        )
    )
    right = alt.layer(counts, none).properties(width=250 if weighted else 400, height=height)
    if not weighted:
        return theme.finish(right, title=title, subtitle=subtitle, source=source, description=description)
    asked = frame[frame["share_percent"].notna()][["barrier", "share_percent"]]
    unasked = frame[frame["share_percent"].isna()][["barrier"]].assign(mark="not asked")
    need = alt.Chart(asked).encode(
        y=alt.Y("barrier:N", sort=order, title=None, axis=labels, scale=alt.Scale(domain=order)),
        x=alt.X("share_percent:Q", title="Firms that name it, %", axis=alt.Axis(tickCount=4, grid=False)),
        tooltip=["barrier", "share_percent"],
    )
    left = alt.layer(
        need.mark_bar(height=ROW * 0.6, color=_C["neutral"]),
        need.mark_text(align="left", dx=3).encode(text=alt.Text("share_percent:Q", format=".0f")),
        alt.Chart(unasked)
        .mark_text(align="left", dx=4, color=_C["neutral"], fontStyle="italic")
        .encode(y=alt.Y("barrier:N", sort=order), x=alt.datum(0), text="mark:N"),
    ).properties(width=170, height=height)
    both = alt.hconcat(left, right, spacing=16)
    return theme.finish(both, title=title, subtitle=subtitle, source=source, description=description)


def chart_surveys(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the rank of each barrier in each survey: a number where it was asked, a dot where it was not.

    ``frame``: barrier (label, with a mark where no policy names it), survey (label), rank (NaN = not asked),
    place_share (0 first … 1 last). In the order drawn.
    """
    order, surveys = list(dict.fromkeys(frame["barrier"])), list(dict.fromkeys(frame["survey"]))
    frame = frame.assign(
        strength=1 - frame["place_share"], text=frame["rank"].map(lambda r: "" if pd.isna(r) else f"{r:.0f}")
    )
    base = alt.Chart(frame).encode(
        y=_y("barrier", order),
        x=alt.X(
            "survey:N",
            sort=surveys,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["barrier", "survey", "rank"],
    )
    asked = alt.datum.text != ""
    tiles = (
        base.transform_filter(asked)
        .mark_rect(stroke="white")
        .encode(
            color=alt.Color(
                "strength:Q", scale=alt.Scale(domain=[0, 1], range=list(theme.SEQUENTIAL[:4])), legend=None
            )
        )
    )
    numbers = base.transform_filter(asked).mark_text(fontWeight="bold").encode(text="text:N")
    dots = base.transform_filter(alt.datum.text == "").mark_text(text="·", color=_C["neutral"])
    chart = alt.layer(tiles, numbers, dots).properties(
        width=min(max(104 * len(surveys), 160), 456), height=_height(len(order))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_policy_barriers(
    frame: pd.DataFrame,
    barriers: list[str],
    policies: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return which policy names which barrier: a square per link, its fill telling how the policy stands.

    ``frame``: policy (label), barrier (label), standing (label). ``barriers`` and ``policies`` set the order; both are
    drawn whole, so that an empty row or column can be seen.
    """
    states = list(STANDING_LABELS.values())
    chart = (
        alt.Chart(frame)
        .mark_point(size=150, filled=True, opacity=1)
        .encode(
            y=alt.Y(
                "policy:N",
                sort=policies,
                title=None,
                scale=alt.Scale(domain=policies),
                axis=alt.Axis(grid=True, ticks=False, domain=False, labelLimit=250),
            ),
            x=alt.X(
                "barrier:N",
                sort=barriers,
                title=None,
                scale=alt.Scale(domain=barriers),
                axis=alt.Axis(
                    orient="top", labelAngle=-50, grid=True, ticks=False, domain=False, labelLimit=180
                ),
            ),
            color=alt.Color(
                "standing:N",
                scale=alt.Scale(
                    domain=states, range=[_C["support"], _C["others"], _C["unknown"], _C["level_local"]]
                ),
                legend=alt.Legend(title="Policy at that year", orient="bottom"),
            ),
            shape=alt.Shape(
                "standing:N",
                scale=alt.Scale(domain=states, range=["square", "circle", "cross", "triangle-up"]),
                legend=alt.Legend(title="Policy at that year", orient="bottom"),
            ),
            tooltip=["policy", "barrier", "standing"],
        )
        .properties(width=min(22 * len(barriers), 352), height=_height(len(policies)))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


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
    lowest = float(known["budget_eur"].min()) if len(known) else 1e4
    highest = float(known["budget_eur"].max()) if len(known) else 1e8
    scale = alt.Scale(
        type="log", domain=[10 ** (len(str(int(lowest))) - 1), 10 ** len(str(int(highest)))], nice=False
    )
    x = alt.X(
        "budget_eur:Q",
        scale=scale,
        title="Published budget, euros (logarithmic)",
        axis=alt.Axis(values=[10.0**power for power in range(3, 13)], labelExpr=_MONEY, grid=True),
    )
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


def chart_logic_faults(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how often each link of the intervention logic is broken, sound, or cannot be judged.

    ``frame``: label, judged, faults, unjudged; in the order drawn.
    """
    order = list(frame["label"])
    judged = frame[frame["judged"] > 0].copy()
    judged["broken"] = judged["faults"] / judged["judged"]
    judged["sound"] = 1 - judged["broken"]
    long = judged.melt(["label"], ["broken", "sound"], "state", "share")
    long = long[long["share"] > 0]
    judged["text"] = judged["faults"].astype(str) + " of " + judged["judged"].astype(str)
    blank = frame[frame["judged"] == 0][["label"]].assign(mark="cannot be judged: the tables do not say")
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(ticks=False, domain=False),
    )
    x = alt.X(
        "share:Q",
        title="Share of those judged",
        axis=alt.Axis(format=".0%", tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )
    bars = (
        alt.Chart(long)
        .mark_bar(height=ROW * 0.65)
        .encode(
            y=y,
            x=x,
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=["broken", "sound"], range=[_C["gap"], _C["others"]]),
                legend=_legend(),
            ),
            order=alt.Order("state:N"),
        )
    )
    numbers = alt.Chart(judged).mark_text(align="left", dx=6).encode(y=y, x=alt.value(330), text="text:N")
    gaps = (
        alt.Chart(blank)
        .mark_text(align="left", dx=4, color=_C["neutral"], fontStyle="italic")
        .encode(y=y, x=alt.value(0), text="mark:N")
    )
    chart = alt.layer(bars, numbers, gaps).properties(width=330, height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_logic_chain(
    nodes: pd.DataFrame, edges: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the chain need → policy → delivering body, with what stands alone marked.

    Parameters
    ----------
    nodes
        node, layer (0 need, 1 policy, 2 body), label, place (vertical, 0–1 from the top), broken (bool).
    edges
        x, y, x2, y2 (layer and place of both ends).
    """
    deepest = int(nodes.groupby("layer").size().max())
    columns = {0: 144, 1: 216, 2: 486}
    nodes = nodes.assign(
        x=nodes["layer"].map(columns),
        state=nodes["broken"].map({True: "no link on one side", False: "linked"}),
    )
    # an edge leaves a policy where its label ends: about 5.7 px a letter at size 11
    policies = nodes[nodes["layer"] == 1]
    ends = {
        round(place, 9): min(columns[1] + 12 + 5.7 * len(label), columns[2] - 30)
        for place, label in zip(policies["place"], policies["label"], strict=True)
    }
    leaves = [
        columns[0] + 6 if x == 0 else ends[round(y, 9)] for x, y in zip(edges["x"], edges["y"], strict=True)
    ]
    shown = edges.assign(x=leaves, x2=edges["x2"].map({1: columns[1] - 7, 2: columns[2] - 7}))
    xs = alt.Scale(domain=[0, 640], nice=False)
    ys = alt.Scale(domain=[1, 0], nice=False)
    lines = (
        alt.Chart(shown)
        .mark_rule(color=_C["unknown"], strokeWidth=1)
        .encode(
            x=alt.X("x:Q", scale=xs, axis=None), x2="x2:Q", y=alt.Y("y:Q", scale=ys, axis=None), y2="y2:Q"
        )
    )
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=["linked", "no link on one side"], range=[_C["ink"], _C["gap"]]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    layers = [lines]
    for layer, align, shift in ((0, "right", -6), (1, "left", 8), (2, "left", 8)):
        part = alt.Chart(nodes[nodes["layer"] == layer][["x", "place", "label", "state"]]).encode(
            x=alt.X("x:Q", scale=xs), y=alt.Y("place:Q", scale=ys), color=colour
        )
        layers.append(
            part.mark_point(filled=True, size=40, opacity=1).encode(
                shape=alt.Shape(
                    "state:N",
                    scale=alt.Scale(domain=["linked", "no link on one side"], range=["circle", "diamond"]),
                )
            )
        )
        layers.append(part.mark_text(align=align, dx=shift, fontSize=11).encode(text="label:N"))
    heads = pd.DataFrame(
        {"x": [columns[0], columns[1], columns[2]], "label": ["Need", "Policy", "Delivered by"]}
    )
    layers.append(
        alt.Chart(heads.iloc[[0]])
        .mark_text(align="right", fontWeight="bold", dy=-16, baseline="bottom")
        .encode(x=alt.X("x:Q", scale=xs), y=alt.value(0), text="label:N")
    )
    layers.append(
        alt.Chart(heads.iloc[1:])
        .mark_text(align="left", fontWeight="bold", dy=-16, baseline="bottom")
        .encode(x=alt.X("x:Q", scale=xs), y=alt.value(0), text="label:N")
    )
    chart = alt.layer(*layers).properties(width=640, height=max(260, deepest * 24))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_coherence(
    frame: pd.DataFrame, order: list[str], *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the directed coherence matrix: the row acts on the column; what nobody scored stays blank.

    ``frame``: policy_from, policy_to (labels), score (−3…3), only the scored cells. ``order`` holds the labels.
    """
    short = [label.split(" ")[0] for label in order]
    frame = frame.assign(
        column=frame["policy_to"].map(dict(zip(order, short, strict=True))),
        text=frame["score"].map(lambda s: f"{s:+.3g}" if s else "0"),
    )
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "policy_from:N",
            sort=order,
            scale=alt.Scale(domain=order),
            title=None,
            axis=alt.Axis(ticks=False, labelLimit=300),
        ),
        x=alt.X(
            "column:N",
            sort=short,
            scale=alt.Scale(domain=short),
            title="Policy acted on, by number",
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False),
        ),
        tooltip=["policy_from", "policy_to", "score"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "score:Q",
            scale=alt.Scale(domain=[-3, -2, -1, 0, 1, 2, 3], range=list(theme.DIVERGING)),
            legend=alt.Legend(
                title="−3 cancelling … +3 indivisible",
                orient="bottom",
                gradientLength=240,
                values=[-3, -2, -1, 0, 1, 2, 3],
            ),
        )
    )
    numbers = base.mark_text().encode(
        text="text:N", color=alt.condition("abs(datum.score) >= 2", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, numbers).properties(width=max(30 * len(order), 150), height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_candidates(
    frame: pd.DataFrame, order: list[str], *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the policies that meet and nobody has judged: a number of shared barriers per pair.

    ``frame``: policy_a, policy_b (labels), shared, same_owner (bool). ``order`` holds the labels, numbered.
    """
    short = [label.split(" ")[0] for label in order]
    place = {label: i for i, label in enumerate(order)}
    rows = frame.copy()
    numbers = dict(zip(order, short, strict=True))
    pairs = [
        sorted(pair, key=place.__getitem__) for pair in zip(rows["policy_a"], rows["policy_b"], strict=True)
    ]
    rows["row"] = [later for _, later in pairs]
    rows["column"] = [numbers[earlier] for earlier, _ in pairs]
    base = alt.Chart(rows[["row", "column", "shared"]]).encode(
        y=alt.Y(
            "row:N",
            sort=order,
            scale=alt.Scale(domain=order),
            title=None,
            axis=alt.Axis(ticks=False, labelLimit=300),
        ),
        x=alt.X(
            "column:N",
            sort=short,
            scale=alt.Scale(domain=short),
            title="Policy number",
            axis=alt.Axis(orient="bottom", labelAngle=0, ticks=False),
        ),
        tooltip=["row", "column", "shared"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "shared:Q",
            scale=alt.Scale(domain=[0, 6], clamp=True, range=list(theme.SEQUENTIAL[:5])),
            legend=None,
        )
    )
    words = base.mark_text().encode(
        text="shared:Q", color=alt.condition("datum.shared >= 4", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, words).properties(width=max(22 * len(order), 130), height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_criteria(
    frame: pd.DataFrame,
    policies: list[str],
    criteria: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return the level of each policy on each criterion; not assessable and not assessed are told apart.

    ``frame``: policy, criterion (labels), level (NaN), status, text; one row per cell that is drawn.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "policy:N",
            sort=policies,
            scale=alt.Scale(domain=policies),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=250),
        ),
        x=alt.X(
            "criterion:N",
            sort=criteria,
            scale=alt.Scale(domain=criteria),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["policy", "criterion", "text", "status"],
    )
    tiles = (
        base.transform_filter(alt.datum.status == "scored")
        .mark_rect(stroke="white")
        .encode(
            color=alt.Color(
                "level:Q",
                scale=alt.Scale(domain=[1, 2, 3, 4, 5], range=list(theme.SEQUENTIAL[:5])),
                legend=None,
            )
        )
    )
    unknown = base.transform_filter(alt.datum.status == "not assessable").mark_rect(
        stroke="white", color=_C["unknown"]
    )
    words = base.mark_text(fontSize=11).encode(
        text="text:N", color=alt.condition("datum.level >= 4", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, unknown, words).properties(
        width=max(92 * len(criteria), 180), height=_height(len(policies))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_agreement(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return Krippendorff's alpha with its interval against the customary marks .667 and .800.

    ``frame``: subject (label with the figure), alpha, low, high (NaN = undefined), reading; in the order drawn.
    """
    order = list(frame["subject"])
    known = frame[frame["alpha"].notna()]
    y = alt.Y(
        "subject:N",
        sort=order,
        scale=alt.Scale(domain=order),
        title=None,
        axis=alt.Axis(ticks=False, domain=False),
    )
    lowest = min([-0.2, *known["low"].dropna(), *known["alpha"]])
    scale = alt.Scale(domain=[max(lowest, -1), 1], nice=True, clamp=True)
    x = alt.X("alpha:Q", scale=scale, title="Krippendorff's alpha (ordinal)")
    readings = ["reliable", "tentative only", "do not use", "too few units"]
    dots = alt.Chart(known).encode(
        y=y,
        color=alt.Color(
            "reading:N",
            scale=alt.Scale(domain=readings, range=[_C["good"], _C["warning"], _C["bad"], _C["neutral"]]),
            legend=_legend(),
        ),
    )
    marks = (
        alt.Chart(pd.DataFrame({"alpha": [0.667, 0.8]}))
        .mark_rule(strokeDash=[4, 3], color=_C["neutral"])
        .encode(x=x)
    )
    blank = (
        alt.Chart(frame[frame["alpha"].isna()][["subject"]].assign(mark="undefined"))
        .mark_text(align="left", dx=4, fontStyle="italic", color=_C["neutral"])
        .encode(y=y, x=alt.value(0), text="mark:N")
    )
    chart = alt.layer(
        marks,
        dots.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", scale=scale, title="Krippendorff's alpha (ordinal)"), x2="high:Q"),
        dots.mark_point(filled=True, size=90, opacity=1).encode(
            x=x,
            shape=alt.Shape(
                "reading:N",
                scale=alt.Scale(domain=readings, range=["circle", "triangle-up", "diamond", "cross"]),
                legend=_legend(),
            ),
        ),
        blank,
    ).properties(width=400, height=max(1, len(order)) * 34)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_roles(
    frame: pd.DataFrame,
    areas: list[str],
    roles: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return how many bodies hold each role in each need area; nobody and "not recorded" are told apart.

    ``frame``: need_area, role (labels), bodies, state (of `eis_lib.policy.area_roles`); every cell.
    """
    frame = frame.assign(
        text=[
            {"not recorded": "?", "nobody recorded": "missing", "no policy": ""}.get(state, f"{bodies}")
            for bodies, state in zip(frame["bodies"], frame["state"], strict=True)
        ]
    )
    states = ["one body", "several bodies", "nobody recorded", "not recorded", "no policy"]
    base = alt.Chart(frame).encode(
        y=_y("need_area", areas),
        x=alt.X(
            "role:N",
            sort=roles,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["need_area", "role", "bodies", "state"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states, range=[_C["others"], _C["support"], _C["gap"], _C["unknown"], _C["none"]]
            ),
            legend=alt.Legend(title=None, orient="bottom"),
        )
    )
    words = base.mark_text().encode(
        text="text:N",
        color=alt.condition(
            "datum.state == 'several bodies' || datum.state == 'nobody recorded'",
            alt.value("white"),
            alt.value(_C["ink"]),
        ),
    )
    chart = alt.layer(tiles, words).properties(width=92 * len(roles), height=_height(len(areas)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_bodies(
    frame: pd.DataFrame,
    bodies: list[str],
    areas: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return which body holds which roles in which need area, by letters.

    ``frame``: body, need_area (labels), letters, decides (bool); one row per filled cell.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "body:N",
            sort=bodies,
            scale=alt.Scale(domain=bodies),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=230),
        ),
        x=alt.X(
            "need_area:N",
            sort=areas,
            scale=alt.Scale(domain=areas),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-50, ticks=False, domain=False, labelLimit=180),
        ),
        tooltip=["body", "need_area", "letters"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "decides:N",
            scale=alt.Scale(domain=[True, False], range=[_C["support"], _C["faint"]]),
            legend=None,
        )
    )
    words = base.mark_text(fontSize=11).encode(
        text="letters:N", color=alt.condition(alt.datum.decides, alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, words).properties(width=max(28 * len(areas), 150), height=_height(len(bodies)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
