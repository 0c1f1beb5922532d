"""The house look of every chart: one meaning per colour, a finding as title, a source line, a description.

Colours are from the palette of Okabe and Ito (2008), which people with the usual colour-vision deficiencies can
tell apart; colour is never the only carrier of a meaning.
"""

from __future__ import annotations

import json
import textwrap
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import altair as alt

TITLE_CHARACTERS = 78
SUBTITLE_CHARACTERS = 100
WIDTH = 560
"""Width in pixels of the plot of a full-width chart; with axis labels it stays within a page of 760 px."""

COLOURS = MappingProxyType(
    {
        "support": "#0072B2",  # what is there
        "gap": "#D55E00",  # what is missing
        "unknown": "#B8B8B8",  # what cannot be told
        "none": "#F2F2F2",  # looked for and not there
        "neutral": "#6B6B6B",
        "highlight": "#0072B2",  # the region under review
        "others": "#A6BDD0",  # the other regions
        "level_local": "#E69F00",
        "level_regional": "#009E73",
        "level_national": "#56B4E9",
        "level_eu": "#CC79A7",
        "good": "#009E73",
        "warning": "#E69F00",
        "bad": "#D55E00",
        "ink": "#222222",
        "faint": "#DDDDDD",
    }
)
SEQUENTIAL = ("#EAF2F8", "#C5DCEC", "#8FBBDA", "#4F93C0", "#0072B2", "#00446B")
DIVERGING = ("#A04500", "#D55E00", "#F1B48A", "#F2F2F2", "#9CC7E0", "#0072B2", "#00446B")
CATEGORICAL = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#6B6B6B")

_CONFIG: dict[str, Any] = {
    "background": "#FFFFFF",
    "font": "sans-serif",
    "padding": 8,
    "view": {"stroke": None},
    "title": {"anchor": "start", "fontSize": 15, "fontWeight": "bold", "color": COLOURS["ink"], "lineHeight": 19,
              "subtitleFontSize": 12, "subtitleColor": "#555555", "subtitleLineHeight": 16, "subtitlePadding": 6,
              "offset": 12},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": COLOURS["ink"],
             "titleColor": "#555555", "gridColor": "#E6E6E6", "domainColor": "#999999", "tickColor": "#999999",
             "labelLimit": 260},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 300,
               "orient": "top"},
    "header": {"labelFontSize": 12, "titleFontSize": 12},
    "text": {"fontSize": 12, "color": COLOURS["ink"]},
    "range": {"category": list(CATEGORICAL), "heatmap": list(SEQUENTIAL), "ramp": list(SEQUENTIAL),
              "diverging": list(DIVERGING)},
}  # fmt: skip


@alt.theme.register("eis", enable=True)
def eis_theme() -> alt.theme.ThemeConfig:
    """Return the registered Altair theme."""
    return {"config": _CONFIG}  # type: ignore[typeddict-item]


def wrap(text: str, characters: int) -> list[str]:
    """Return text as lines of at most so many characters, broken between words."""
    return textwrap.wrap(text, characters, break_long_words=False) or [""]


def finish(
    chart: Any, *, title: str, description: str, subtitle: str = "", source: str = ""
) -> alt.TopLevelMixin:
    """Return the chart with the house's title, subtitle, source line and description.

    Parameters
    ----------
    chart : altair chart
    title : str
        The finding, as a sentence without full stop; broken into lines here.
    description : str
        What the chart says, for people who cannot see it: one or two sentences with the main numbers.
    subtitle : str
        What is shown: measure, unit, number of rows, year.
    source : str
        Where the rows come from; shown below the chart.
    """
    heading: dict[str, Any] = {"text": wrap(title, TITLE_CHARACTERS), "anchor": "start", "frame": "group"}
    if subtitle:
        heading["subtitle"] = wrap(subtitle, SUBTITLE_CHARACTERS)
    titled = chart.properties(title=alt.TitleParams(**heading))
    if not source:
        return titled.properties(description=description)
    below = alt.TitleParams(
        text=wrap(f"Source: {source}", SUBTITLE_CHARACTERS + 8),
        orient="bottom", anchor="start", frame="group", fontSize=11, fontWeight="normal", color="#666666",
        lineHeight=14, offset=10,
    )  # fmt: skip
    # independent: otherwise a legend is lifted out of its chart and stands above the title
    framed = alt.vconcat(titled).resolve_legend(color="independent", shape="independent", size="independent")
    return framed.properties(title=below, description=description)


def specification(chart: Any) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, the same for the same chart in every process."""
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = json.loads(chart.to_json(sort_keys=True))
    return spec


def to_json(chart: Any) -> str:
    """Return the specification of a chart as sorted, indented JSON with a final line end."""
    return json.dumps(specification(chart), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@lru_cache(maxsize=256)
def _svg(spec: str) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec, vl_version="5.20")
    return svg


def to_svg(chart: Any) -> str:
    """Return a chart as SVG text, drawn without a browser."""
    return _svg(json.dumps(specification(chart), sort_keys=True))


def to_png(chart: Any, scale: float = 2) -> bytes:
    """Return a chart as the bytes of a PNG picture."""
    import vl_convert

    spec = json.dumps(specification(chart), sort_keys=True)
    png: bytes = vl_convert.vegalite_to_png(spec, vl_version="5.20", scale=scale)
    return png


def mime_bundle(chart: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a notebook stores of a chart: live Vega-Lite 5, an SVG picture and a sentence, with alt text.

    This is the one renderer of the project: interactive in JupyterLab, a picture without network or trust, and the
    same bytes twice.
    """
    spec = specification(chart)
    description = str(spec.get("description", ""))
    data = {
        "application/vnd.vegalite.v5+json": spec,
        "image/svg+xml": to_svg(chart),
        "text/plain": description,
    }
    metadata = {"image/svg+xml": {"alt": description}, "alt": description}
    return data, metadata


alt.renderers.register("eis", lambda spec, **_: ({"application/vnd.vegalite.v5+json": spec}, {}))
