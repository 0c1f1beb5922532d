"""The body of a page made of an executed workbook: nbconvert walks the cells, our templates say how each looks."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import DictLoader
from markupsafe import Markup, escape
from nbconvert import HTMLExporter, TemplateExporter
from nbformat import NotebookNode

from eis_lib.language.messages import gettext
from eis_lib.pages import markup
from eis_lib.pages.charts import Chart

TEMPLATE = (Path(__file__).parent / "templates" / "executed.html.j2").read_text("utf-8")


class _Exporter(HTMLExporter):
    """nbconvert's exporter without its last pass, which parses the page again to name pictures that have no text."""

    from_notebook_node = TemplateExporter.from_notebook_node


@dataclass(frozen=True)
class Looks:
    """How what a workbook shows looks on its page.

    Attributes
    ----------
    chart : callable
        Chart → HTML.
    table : callable
        Name, caption and note of a table → HTML, or nothing where the run left no such table.
    charts : mapping of str to Chart
        The charts the run left, by name.
    """

    chart: Callable[[Chart], Markup]
    table: Callable[[str, str, str], Markup | None]
    charts: Mapping[str, Chart]


class Renderer:
    """Makes bodies of pages; the templates are read once for all of them.

    Attributes
    ----------
    looks : Looks
        How what the workbook at hand shows looks.
    """

    def __init__(self) -> None:
        self.looks: Looks | None = None
        self._names: dict[str, Chart] = {}
        self._exporter: Any = _Exporter(
            extra_loaders=[DictLoader({"eis.html.j2": TEMPLATE})],
            template_name="basic",
            template_file="eis.html.j2",
            filters={
                "show_chart": self._show_chart,
                "show_html": self._show_html,
                "show_markdown": markup.markdown,
                "headed": _headed,
                "left_english": _left_english,
                "highlight_code": escape,  # named by the template ours extends; ours shows code plain
            },
        )
        self._exporter.environment.globals["gettext"] = gettext

    def body(self, path: Path, looks: Looks) -> Markup:
        """Return the body of the page of an executed workbook."""
        self.looks = looks
        self._names = {chart.svg.strip(): chart for chart in looks.charts.values()}
        html, _resources = self._exporter.from_notebook_node(nbformat.read(path, as_version=4))
        return Markup(html)  # noqa: S704 - made of clean parts and escaped text by our template

    def _show_chart(self, output: NotebookNode) -> Markup:
        svg = "".join(output.data["image/svg+xml"]).strip()
        known = self._names.get(svg)
        if known is not None and self.looks is not None:
            return self.looks.chart(known)
        address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
        named = output.get("metadata", {}).get("alt") or output.data.get("text/plain")
        return Markup('<figure class="chart"><img src="{}" alt="{}"></figure>').format(
            address, named or gettext("Picture without description")
        )

    def _show_html(self, output: NotebookNode) -> Markup:
        named = output.get("metadata", {}).get("eis", {})
        caption = str(output.data.get("text/plain", ""))
        if named.get("table") and self.looks is not None:
            whole = self.looks.table(named["table"], caption, named.get("note", ""))
            if whole is not None:
                return whole
        return Markup('<div class="scroll" role="group" aria-label="{} {}" tabindex="0">{}</div>').format(
            gettext("Table:"), gettext(caption), markup.clean(output.data["text/html"])
        )


def _headed(source: str, cell: Mapping[str, Any], *, first: bool) -> Markup:
    """Return a text cell; its heading can be linked to, and only the first may be the page's title."""
    english = cell["metadata"].get("eis", {}).get("english", ())
    html = (
        Markup().join(
            Markup('<div lang="en">{}</div>').format(markup.markdown(block))
            if number in english
            else markup.markdown(block)
            for number, block in enumerate(source.split("\n\n"))
        )
        if english
        else markup.markdown(source)
    )
    if not first:
        html = Markup(html.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))  # noqa: S704 - clean already
    if "</h2>" not in html:
        return html
    link = Markup(' <a class="anchor" href="#{}" aria-label="{}">#</a></h2>').format(
        cell["id"], gettext("Link to this section")
    )
    return Markup(html.replace("</h2>", link, 1))  # noqa: S704 - both parts are clean


def _left_english(output: NotebookNode) -> Markup:
    """Return the attribute of a text that the workbook marked as English on a page in another language."""
    said = output.get("metadata", {}).get("eis", {}).get("lang", "")
    return Markup(' lang="{}"').format(said) if said else Markup()
