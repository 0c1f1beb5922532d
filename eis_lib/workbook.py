"""What a notebook imports: open a review, show sections, keep what they make.

In JupyterLab a section is shown with its controls and drawn again when one is released; in a batch run the same
section is shown once, at its defaults, and its charts and tables are kept. There is one code path: a section is a
function of the review.
"""

from __future__ import annotations

import html
import importlib
import inspect
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

import eis_lib
from eis_lib import STEPS
from eis_lib.charts import theme
from eis_lib.controls import Choice, control
from eis_lib.region import (
    COMMON_FOLDER,
    list_regions,
    load_common,
    load_pack,
    region_folder,
    write_atomically,
)
from eis_lib.section import (
    Review,
    Section,
    SectionFunction,
    Sources,
    Table,
    count,
    frame_to_csv,
    plain,
    step_number,
)
from eis_lib.settings import PARAMETERS, ParameterError, resolve_parameters, unknown_parameter

ROWS_SHOWN = 15
"""Rows of a table shown in a notebook; all of them are in the CSV."""

_SETUP_NAMES = frozenset(
    {"step", "open_workbook", "book", "In", "Out", "exit", "quit", "get_ipython", "open"}
)


class NoParametersError(FileNotFoundError):
    """Raised when no folder of region packs can be found."""


def find_parameters(start: Path | None = None) -> Path:
    """Return the folder of region packs: ``EIS_PARAMETERS``, else the first ``parameters`` upwards from here.

    Raises
    ------
    NoParametersError
        If there is none.
    """
    given = os.environ.get("EIS_PARAMETERS")
    if given:
        return Path(given)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(eis_lib.__file__).resolve().parents[1]):
        if (folder / "parameters" / COMMON_FOLDER).is_dir():
            return folder / "parameters"
    raise NoParametersError("no folder 'parameters' with '_common' here or above; set EIS_PARAMETERS to it")


def step_leaves(step: str) -> Mapping[str, SectionFunction]:
    """Return the tables that a step leaves for later ones: table name → section function that makes it."""
    leaves: Mapping[str, SectionFunction] = importlib.import_module(f"eis_lib.steps.{step}").LEAVES
    return leaves


def open_review(step: str, region: str, passed: Mapping[str, Any] | None = None) -> Review:
    """Return the review of one region at one step, checked.

    Parameters
    ----------
    step : str
        One of the six steps.
    region : str
        Folder under ``parameters/``.
    passed : mapping
        Step parameters given by hand; they go before ``region.yaml`` and the defaults.

    Raises
    ------
    RegionError, PackError, ParameterError
        With a message that says what was given and what is allowed.
    """
    parameters = find_parameters()
    folder = region_folder(parameters, region)
    common = load_common(parameters)
    pack = load_pack(folder)
    values = resolve_parameters(step, passed or {}, pack.region.steps.get(step, {}))
    chosen = tuple(filter(None, os.environ.get("EIS_CHOSEN", "").split(","))) or list_regions(parameters)
    earlier = os.environ.get("EIS_EARLIER")
    sources = Sources(parameters, chosen, Path(earlier) if earlier else None)
    return Review(step, pack, common, values, sources, step_leaves)


def open_workbook(step: str, namespace: Mapping[str, Any]) -> Workbook:
    """Return the workbook of a notebook, from the variables of its parameters cell.

    Parameters
    ----------
    step : str
        One of the six steps.
    namespace : mapping
        ``globals()`` of the notebook: ``region`` and the step's parameters.

    Raises
    ------
    ParameterError
        If the notebook was given a parameter the step does not know; the nearest name is named.
    """
    known = {"region", *PARAMETERS[step].model_fields}
    if "book" not in namespace:
        for name, value in namespace.items():
            given = isinstance(value, (str, int, float, bool, list, dict, type(None)))
            if given and name not in known and name not in _SETUP_NAMES and not name.startswith("_"):
                raise ParameterError(unknown_parameter(name, step))
    passed = {name: namespace[name] for name in known - {"region"} if name in namespace}
    return Workbook(open_review(step, namespace["region"], passed), passed)


@dataclass
class Workbook:
    """A notebook at work: it shows sections of a review and keeps what they make.

    Attributes
    ----------
    review : Review
    passed : mapping
        Step parameters given by hand.
    live : bool
        Whether the notebook is open in JupyterLab (as against a batch run).
    """

    review: Review
    passed: Mapping[str, Any] = field(default_factory=dict)
    live: bool = field(
        default_factory=lambda: "JPY_SESSION_NAME" in os.environ and "EIS_RECORD" not in os.environ
    )
    _kept: dict[str, list[str]] = field(default_factory=lambda: {"tables": [], "charts": []})
    _headline: str = ""
    _redraw: list[Callable[[], None]] = field(default_factory=list)

    def top(self) -> None:
        """Show which region is under review; in JupyterLab, a drop-down to choose another."""
        if not self.live:
            self._show_top()
            return
        import ipywidgets

        out = ipywidgets.Output()
        regions = list(list_regions(self.review.sources.parameters, invented=True))
        picker = control("region", regions, self.review.pack.id, self._switch)
        display(picker, out)
        self._live(out, self._show_top)

    def explore(self, section: SectionFunction, **choices: Choice) -> None:
        """Show a section; in JupyterLab with a control for each choice, in a batch run at its defaults.

        Parameters
        ----------
        section : callable
            Function of the review that returns a :class:`~eis_lib.section.Section`.
        **choices
            For each keyword of `section` that a reader may move: a list of options, label → option, or
            (low, high, step).

        Raises
        ------
        TypeError
            If `section` does not take one of the choices.
        """
        takes = inspect.signature(section).parameters
        for name in choices:
            if name not in takes:
                raise TypeError(
                    f"{section.__name__} takes no '{name}'; it takes {', '.join(list(takes)[1:])}"
                )
        if not self.live:
            outcome = section(self.review)
            if section.__name__ == "headline":
                self._headline = outcome.answer
            pictures = {name: theme.draw(chart) for name, chart in outcome.charts.items()}
            self._keep(outcome, pictures)
            show(outcome, pictures, self.review.step)
            return
        import ipywidgets

        chosen: dict[str, Any] = {}
        out = ipywidgets.Output()

        def draw() -> None:
            outcome = section(self.review, **chosen)
            pictures = {name: theme.draw(chart) for name, chart in outcome.charts.items()}
            show(outcome, pictures, self.review.step)

        def choose(name: str) -> Callable[[Any], None]:
            def changed(value: Any) -> None:
                chosen[name] = value
                render()

            return changed

        controls = []
        for name, choice in choices.items():
            start = takes[name].default
            if start in (None, inspect.Parameter.empty):
                start = getattr(self.review.parameters, name, None)
            if start is None:
                start = getattr(self.review, name, None)
            controls.append(control(name, choice, start, choose(name)))
        if controls:
            display(ipywidgets.HBox(controls, layout=ipywidgets.Layout(flex_flow="row wrap")))
        display(out)
        render = self._live(out, draw)

    def provenance(self) -> None:
        """Show what the page was made from: inputs with their hashes, parameters, versions."""
        rows = [
            {"input": f"{kind}: {name}", "sha_256": sha[:12]}
            for (kind, name), sha in sorted(self._inputs().items())
        ]
        table = Table(
            pd.DataFrame(rows), "What this page was made from (first twelve digits of each SHA-256)"
        )
        values = ", ".join(f"{k} = {v}" for k, v in self.review.parameters.model_dump().items())
        region = self.review.pack.region
        display_markdown(
            f"Made by eis_lib {version()} for *{plain(region.name)}*, NUTS {region.nuts_code} "
            f"(version {region.nuts_version}), review date {region.review_date}. Parameters: {plain(values)}."
        )
        display_table(table, self.review.step, "")

    def _inputs(self) -> dict[tuple[str, str], str]:
        pack = {
            ("pack", f"{self.review.pack.id}/{name}"): sha for name, sha in self.review.pack.sha256.items()
        }
        common = {("common", name): sha for name, sha in self.review.common.sha256.items()}
        return {**pack, **common, **self.review.inputs}

    def _live(self, out: Any, draw: Callable[[], None]) -> Callable[[], None]:
        def render() -> None:
            out.clear_output(wait=True)
            with out:
                try:
                    draw()
                except Exception as error:  # noqa: BLE001 - the page goes on; the reader is told in place
                    display_markdown(f"**This section cannot be shown for this region.** {plain(error)}")

        self._redraw.append(render)
        render()
        return render

    def _switch(self, region: str) -> None:
        self.review = open_review(self.review.step, region, self.passed)
        for render in self._redraw:
            render()

    def _show_top(self) -> None:
        region = self.review.pack.region
        invented = "**This region is invented, for demonstration.** " if region.invented else ""
        partners = ", ".join(plain(partner.name) for partner in region.partners)
        people = (
            f", {region.population:,} inhabitants ({region.population_year})" if region.population else ""
        )
        pack = self.review.pack
        display_markdown(
            f"{invented}**{plain(region.name)}** ({plain(region.name_native)}) · {plain(region.level)}, "
            f"NUTS {region.nuts_code} (version {region.nuts_version}){people} · reviewed as of {region.review_date}\n\n"
            f"{count(len(pack.services), 'service')} of {count(len(pack.providers), 'provider')}, "
            f"{count(len(pack.policies), 'policy', 'policies')}, {count(len(pack.actions), 'action')} on record."
            + (f" EIS partner: {partners}." if partners else "")
        )

    def _keep(self, section: Section, pictures: Mapping[str, theme.Picture]) -> None:
        record = os.environ.get("EIS_RECORD")
        for kind, names in (("tables", section.tables), ("charts", section.charts)):
            for name in names:
                if name in self._kept[kind]:
                    raise ValueError(f"two sections of '{self.review.step}' make {kind[:-1]} '{name}'")
                self._kept[kind].append(name)
        if not record:
            return
        folder = Path(record)
        for name, table in section.tables.items():
            write_atomically(folder / "tables" / f"{name}.csv", frame_to_csv(table.frame).encode())
        for name, picture in pictures.items():
            write_atomically(folder / "charts" / f"{name}.json", picture.json.encode())
            write_atomically(folder / "charts" / f"{name}.svg", picture.svg.encode())
            write_atomically(folder / "charts" / f"{name}.png", picture.png)
        state = {
            "step": self.review.step,
            "region": self.review.pack.id,
            "parameters": self.review.parameters.model_dump(),
            "headline": self._headline,
            "inputs": [
                {"kind": kind, "name": name, "sha256": sha}
                for (kind, name), sha in sorted(self._inputs().items())
            ],
            **self._kept,
        }
        write_atomically(folder / "record.json", json.dumps(state, indent=1, sort_keys=True).encode())


def version() -> str:
    """Return the version of the library."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("eis-workbooks")
    except PackageNotFoundError:
        return "unknown"


def show(section: Section, pictures: Mapping[str, theme.Picture], step: str) -> None:
    """Show a section: answer, charts, tables, how sure, what to check."""
    display_markdown(section.answer)
    for picture in pictures.values():
        data, metadata = picture.mime_bundle
        display(data, metadata=metadata, raw=True)
    for name, table in section.tables.items():
        display_table(table, step, name)
    closing = [f"**How sure:** {section.how_sure}" if section.how_sure else ""]
    closing.append(f"**To check:** {section.to_check}" if section.to_check else "")
    text = "\n\n".join(part for part in closing if part)
    if text:
        display_markdown(text)


def display_markdown(text: str) -> None:
    """Show Markdown, with the same text as the plain alternative."""
    display({"text/markdown": text, "text/plain": text}, raw=True)


def display_table(table: Table, step: str, name: str) -> None:
    """Show a table: caption, human headers, at most :data:`ROWS_SHOWN` rows, note; text of packs is escaped."""
    display(
        {"text/html": table_html(table, step, name), "text/plain": table.caption},
        metadata={"eis": {"table": name, "note": table.note}},  # by which a page finds the whole table
        raw=True,
    )


def table_html(table: Table, step: str, name: str) -> str:
    """Return a table as HTML: every table of the project passes through here, so that all look alike.

    Headers are the column names as words; codes and text of packs are escaped; numbers are right-aligned.
    """
    frame = table.frame.head(ROWS_SHOWN)
    numeric = {column for column in frame.columns if pd.api.types.is_numeric_dtype(frame[column])}
    # JupyterLab aligns every cell to the right; text reads from the left
    align = {c: f' style="text-align:{"right" if c in numeric else "left"}"' for c in frame.columns}
    head = "".join(f'<th scope="col"{align[c]}>{html.escape(_words(str(c)))}</th>' for c in frame.columns)
    body = []
    for row in frame.itertuples(index=False, name=None):
        cells = "".join(
            f"<td{align[column]}>{html.escape(_cell(value))}</td>"
            for column, value in zip(frame.columns, row, strict=True)
        )
        body.append(f"<tr>{cells}</tr>")
    rest = len(table.frame) - len(frame)
    notes = [table.note] if table.note else []
    if rest > 0:
        notes.append(f"{count(rest, 'more row')} in tables/{step}/{name}.csv.")
    if table.frame.empty:
        notes.append("No rows.")
    caption = f'<caption style="text-align:left">{html.escape(table.caption)}</caption>'
    foot = f"<p>{html.escape(' '.join(notes))}</p>" if notes else ""
    return f'<table class="eis-table">{caption}<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>{foot}'


def _words(column: str) -> str:
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _cell(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "; ".join(map(str, value))
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


def title_of(step: str) -> str:
    """Return the file name of a step's notebook, e.g. ``1_map``."""
    return f"{step_number(step)}_{step}"


__all__ = ["STEPS", "Workbook", "find_parameters", "open_review", "open_workbook", "show", "title_of"]
