"""The page of a notebook: what it shows, its charts with their data, its findings, the way to the next."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import gettext, later
from eis_lib.pages import executed, markup
from eis_lib.pages.charts import Chart, read_charts
from eis_lib.pages.frame import PAGE_BYTES, ROWS_SHOWN, Frame, PageError, _lang
from eis_lib.pages.markup import Sheet
from eis_lib.record.results import RegionResult, StepResult
from eis_lib.section.method import STEPS
from eis_lib.section.table_text import frame_from_csv, frame_to_csv


def _questions(notebook: Path) -> list[tuple[str, str]]:
    """Return cell id and text of each second-level heading."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    found = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and text.startswith("## "):
            found.append((str(cell["id"]), markup.plain_text(text.splitlines()[0].removeprefix("## "))))
    return found


def write_notebook(site: Frame, region: RegionResult, result: StepResult) -> None:
    """Write the page of a notebook, with as many rows of its tables as it may hold.

    Raises
    ------
    PageError
        If it would be too long even with the fewest rows.
    """
    url = f"{region.id}/{result.page}"
    profile = region.pack.region
    step = STEPS[result.step]
    title = f"{step.number} {site.label('step', result.step)}: {profile.name}"
    charts = read_charts(region.folder / "charts" / result.step)
    tables = region.folder / "tables" / result.step
    for chart in charts.values():
        site.keep(f"{region.id}/charts/{result.step}/{chart.name}.svg", chart.svg)
        for address, frame in _chart_files(chart, result):
            site.keep(f"{region.id}/{address}", frame_to_csv(frame))
        site.find(f"{profile.name}, chart", chart.title, f"{url}#chart:{chart.name}", chart.description)
    for path in sorted(tables.glob("*.csv")):
        site.keep(f"{region.id}/tables/{result.step}/{path.name}", path.read_text("utf-8"))
    findings = site.findings(result)
    for item in findings:
        site.find(f"{profile.name}, {item.status_label}", item.statement, f"{url}#{item.id}")
    notebook = region.folder / result.notebook
    for number, question in _questions(notebook):
        site.find(f"{profile.name}, section", question, f"{url}#{number}")
    others = [
        (other.pack.region.name, f"{other.id}/{result.page}")
        for other in site.regions
        if other is not region and other.steps[result.step].entry
    ]
    link = partial(site.link, "../", region.id)
    size = 0
    for most in ROWS_SHOWN:
        looks = executed.Looks(
            partial(_chart, result, most, link),
            partial(_stored_table, tables, region, result, most, link),
            charts,
        )
        size = site.write(
            url, "notebook.html.j2", title, group=profile.name,
            path=[("Regions", "index.html"), (profile.name, f"{region.id}/index.html")],
            region=profile, result=result, body=site.renderer.body(notebook, looks), findings=findings,
            findings_csv=f"tables/{result.step}/findings.csv" if len(result.findings) else "",
            turn=_turn(site, region, result), others=others,
        )  # fmt: skip
        if size <= PAGE_BYTES:
            return
    raise PageError(f"the page {url} has {size:,} bytes; at most {PAGE_BYTES:,} are allowed")


def _turn(site: Frame, region: RegionResult, result: StepResult) -> Markup:
    there = [step for step in STEPS if region.steps[step].entry]
    at = there.index(result.step)
    parts = []
    for word, step in (
        (later("Previous"), there[at - 1] if at else ""),
        (later("Next"), there[at + 1] if at + 1 < len(there) else ""),
    ):
        if step:
            label = f"{STEPS[step].number} {site.label('step', step)}"
            rel = "prev" if word == "Previous" else "next"
            parts.append(
                Markup('<a rel="{}" href="{}">{}: {}</a>').format(
                    rel, region.steps[step].page, gettext(word), label
                )
            )
    inner = Markup(" ").join([Markup('<a href="index.html">{}</a>').format(gettext("All steps")), *parts])
    return Markup('<p class="turn">{}</p>').format(inner)


def _chart_files(chart: Chart, result: StepResult) -> list[tuple[str, pd.DataFrame]]:
    return [
        (f"charts/{result.step}/{chart.name}{f'_{number + 1}' if number else ''}.csv", frame)
        for number, frame in enumerate(chart.frames)
    ]


def _chart(result: StepResult, most: int, link: Any, chart: Chart) -> Markup:
    width, height = chart.size
    data = [
        markup.table(
            Sheet(frame, gettext("Data of the chart: {title}").format(title=chart.title), address),
            link,
            most,
        )
        for address, frame in _chart_files(chart, result)
    ]
    return Markup(
        '<figure class="chart" id="chart:{name}"><div class="scroll" role="group" aria-label="{chart} {title}" tabindex="0"{lang}>'
        '<img src="charts/{step}/{name}.svg" alt="{text}" width="{width}" height="{height}"></div>'
        '<figcaption><details><summary>{both}<span class="hidden"> {of} {title}</span></summary>'
        "<p{lang}>{text}</p>{data}</details></figcaption></figure>"
    ).format(
        name=chart.name, title=chart.title, step=result.step, text=chart.description, width=width, height=height,
        data=Markup().join(data), chart=gettext("Chart:"), both=gettext("Description and data"),
        of=gettext("of the chart:"), lang=_lang(chart.lang),
    )  # fmt: skip


def _stored_table(
    folder: Path,
    region: RegionResult,
    result: StepResult,
    most: int,
    link: Any,
    name: str,
    caption: str,
    note: str,
) -> Markup | None:
    path = folder / f"{name}.csv"
    if not path.is_file():
        return None
    if name == "findings":
        return Markup(  # noqa: S704 - a message of ours
            gettext(
                '<p><a href="#findings-list">The findings of this step</a>, each with the rows it rests on.</p>'
            )
        )
    frame = frame_from_csv(path.read_text("utf-8"))
    sheet = Sheet(frame, caption, f"tables/{result.step}/{name}.csv", note, region.id)
    return markup.table(sheet, link, most)
