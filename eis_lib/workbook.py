"""What a notebook imports: open a review, show sections, keep what they make.

In JupyterLab a section is shown with its controls and drawn again when one is released; in a batch run the same
section is shown once, at its defaults, and its charts and tables are kept. There is one code path: a section is a
function of the review.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from eis_lib import STEPS
from eis_lib.charts import theme
from eis_lib.language import (
    ENGLISH,
    Spoken,
    catalogue_sha256,
    counted,
    decimal,
    draft_mark,
    gettext,
    sentences,
    use_language,
)
from eis_lib.region import (
    find_parameters,
    list_regions,
    load_common,
    load_pack,
    region_folder,
)
from eis_lib.section import (
    Review,
    Section,
    SectionFunction,
    Sources,
    Table,
    frame_to_csv,
    plain,
)
from eis_lib.settings import PARAMETERS, ParameterError, resolve_parameters, unknown_parameter
from eis_lib.showing import Output, markdown, outputs_of, show, table_html, table_output

_SETUP_NAMES = frozenset(
    {"step", "open_workbook", "book", "In", "Out", "exit", "quit", "get_ipython", "open"}
)


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
    checked = _checked()
    common = load_common(parameters, checked)
    pack = load_pack(folder, checked)
    values = resolve_parameters(step, passed or {}, pack.region.step_parameters(step))
    chosen = tuple(filter(None, os.environ.get("EIS_CHOSEN", "").split(","))) or list_regions(parameters)
    earlier = os.environ.get("EIS_EARLIER")
    sources = Sources(parameters, chosen, Path(earlier) if earlier else None, checked)
    review = Review(step, pack, common, values, sources, step_leaves)
    if step == "compare":
        from eis_lib.steps.compare import among_peers

        review = among_peers(review)
    if values.language != ENGLISH:
        review.inputs["catalogue", values.language] = catalogue_sha256(values.language)
    return review


def _checked() -> frozenset[str]:
    """Return the hashes of tables that a run has checked, from the file that ``EIS_CHECKED`` names."""
    file = os.environ.get("EIS_CHECKED")
    return frozenset(Path(file).read_text("utf-8").split()) if file else frozenset()


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
    if "JPY_SESSION_NAME" in os.environ and "EIS_RECORD" not in os.environ:
        from eis_lib.live import Page

        page = Page(step, namespace["region"], functools.partial(open_review, step, passed=passed))
        return Workbook(page.review, page)
    return Workbook(open_review(step, namespace["region"], passed))


@dataclass
class Workbook:
    """A notebook at work: it shows sections of a review and keeps what they make.

    Attributes
    ----------
    review : Review or None
        The review of the region the notebook was opened with; none if its pack has faults (on a live page only).
    page : Page or None
        The live page, where the notebook is open in JupyterLab (as against a batch run).
    """

    review: Any
    page: Any = None
    _kept: dict[str, list[str]] = field(default_factory=lambda: {"tables": [], "charts": []})
    _headline: str = ""

    def top(self) -> None:
        """Show which region is under review; in JupyterLab also the picker, the progress and what to do next."""
        if self.page:
            self.page.top(_top_outputs)
            return
        with use_language(self.review.language):
            for output in _top_outputs(self.review):
                show(output)

    def explore(self, section: SectionFunction, answer: Any = None, /, **choices: Any) -> None:
        """Show a section; in JupyterLab with a control for each choice, in a batch run at its defaults.

        Parameters
        ----------
        section : callable
            Function of the review that returns a :class:`~eis_lib.section.Section`.
        answer : Answer
            What a reader may pick in the section's chart, and the section that answers; JupyterLab only.
        **choices
            For each keyword of `section` that a reader may move: a list of options, label → option, a tuple
            (low, high, step), or a function of the review that returns one of these.

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
        if self.page:
            self.page.explore(section, choices, answer)
            return
        with use_language(self.review.language):
            outcome = section(self.review)
            if section.__name__ == "headline":
                self._headline = gettext(outcome.answer)
            pictures = {name: theme.draw(chart) for name, chart in outcome.charts.items()}
            self._keep(outcome, pictures)
            for output in outputs_of(outcome, pictures, self.review.step):
                show(output)

    def edit(self, *tables: str) -> None:
        """Offer tables of the pack for editing; JupyterLab only (their static twin is the pack itself)."""
        if self.page:
            self.page.edit(tables)

    def decide(self, *kinds: str) -> None:
        """Offer to record a decision on subjects of these kinds; JupyterLab only (see ``decisions.csv``)."""
        if self.page:
            self.page.decide(kinds)

    def assess(self) -> None:
        """Offer to record a judgement of a policy; JupyterLab only (see ``assessments.csv``)."""
        if self.page:
            self.page.assess()

    def provenance(self) -> None:
        """Show what the page was made from: inputs with their hashes, parameters, versions."""
        if self.page:
            self.page.add(_provenance_outputs)
            return
        with use_language(self.review.language):
            for output in _provenance_outputs(self.review):
                show(output)

    def _keep(self, section: Section, pictures: Mapping[str, theme.Picture]) -> None:
        record = os.environ.get("EIS_RECORD")
        for kind, names in (("tables", section.tables), ("charts", section.charts)):
            for name in names:
                if name in self._kept[kind]:
                    raise ValueError(f"two sections of '{self.review.step}' make {kind[:-1]} '{name}'")
                self._kept[kind].append(name)
        if not record:
            return
        # Written as it comes: whoever asked for the record reads it when the notebook has come to its end, and a run
        # knows each file by its hash.
        tables, charts = Path(record) / "tables", Path(record) / "charts"
        tables.mkdir(parents=True, exist_ok=True)
        charts.mkdir(parents=True, exist_ok=True)
        for name, table in section.tables.items():
            (tables / f"{name}.csv").write_bytes(frame_to_csv(table.frame).encode())
        for name, picture in pictures.items():
            (charts / f"{name}.json").write_bytes(picture.json.encode())
            (charts / f"{name}.svg").write_bytes(picture.svg.encode())
            (charts / f"{name}.png").write_bytes(picture.png)
        state = {
            "step": self.review.step,
            "region": self.review.pack.id,
            "parameters": self.review.parameters.model_dump(),
            "headline": self._headline,
            "inputs": [
                {"kind": kind, "name": name, "sha256": sha}
                for (kind, name), sha in sorted(_inputs(self.review).items())
            ],
            **self._kept,
        }
        Path(record, "record.json").write_text(json.dumps(state, indent=1, sort_keys=True), "utf-8")


def _inputs(review: Review) -> dict[tuple[str, str], str]:
    pack = {("pack", f"{review.pack.id}/{name}"): sha for name, sha in review.pack.sha256.items()}
    common = {("common", name): sha for name, sha in review.common.sha256.items()}
    return {**pack, **common, **review.inputs}


def _top_outputs(review: Review) -> Iterator[Output]:
    region, pack = review.pack.region, review.pack
    people = (
        gettext(", {number} inhabitants ({year})").format(
            number=decimal(region.population), year=region.population_year
        )
        if region.population
        else ""
    )
    # Translators: {region} is its name in English, {native} its own name, {level} the kind of area in words, {code} and
    # {version} are those of the European nomenclature of areas, {date} a day as YYYY-MM-DD.
    head = gettext(
        "**{region}** ({native}) · {level}, NUTS {code} (version {version}){people} · reviewed as of {date}"
    ).format(
        region=plain(region.name), native=plain(region.name_native), level=plain(region.level), people=people,
        code=region.nuts_code, version=region.nuts_version, date=region.review_date,
    )  # fmt: skip
    # Translators: each place holds a number with its noun, e.g. "34 services", "8 providers".
    held = gettext("{services} of {providers}, {policies}, {actions} on record.").format(
        services=counted(len(pack.services), "service"),
        providers=counted(len(pack.providers), "provider"),
        policies=counted(len(pack.policies), "policy", "policies"),
        actions=counted(len(pack.actions), "action"),
    )
    partners = ", ".join(plain(partner.name) for partner in region.partners)
    said = gettext("EIS partner: {partners}.").format(partners=partners) if partners else ""
    invented = gettext("**This region is invented, for demonstration.**") if region.invented else ""
    if draft_mark():
        yield markdown(Spoken(f"*{draft_mark()}*"))
    yield markdown(sentences(sentences(invented, head), sentences(held, said), between="\n\n"))


def _provenance_outputs(review: Review) -> Iterator[Output]:
    rows = [
        {"input": f"{kind}: {name}", "sha_256": sha[:12]}
        for (kind, name), sha in sorted(_inputs(review).items())
    ]
    table = Table(pd.DataFrame(rows), "What this page was made from (first twelve digits of each SHA-256)")
    values = ", ".join(f"{k} = {v}" for k, v in review.parameters.model_dump().items())
    region = review.pack.region
    yield markdown(
        gettext(
            "Made by eis_lib {version} for *{region}*, NUTS {code} (version {nuts}), review date {date}. "
            "Parameters: {values}."
        ).format(
            version=version(),
            region=plain(region.name),
            code=region.nuts_code,
            nuts=region.nuts_version,
            date=region.review_date,
            values=plain(values),
        )
    )
    yield table_output(table, review.step, "")


def version() -> str:
    """Return the version of the library."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("eis-workbooks")
    except PackageNotFoundError:
        return "unknown"


__all__ = ["STEPS", "Workbook", "find_parameters", "open_review", "open_workbook", "table_html"]
