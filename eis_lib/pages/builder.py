"""Each kind of page, filled from what runs left: nothing is computed here that a workbook has not computed."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from eis_lib.documents.documents import DOCUMENT_TITLES
from eis_lib.kernels.signals import leave_the_end_to_parent
from eis_lib.language.english import count
from eis_lib.language.messages import ENGLISH, gettext, language_spoken, later, ngettext, use_language
from eis_lib.language.numbers import decimal
from eis_lib.language.sentences import draft_mark
from eis_lib.methods import monitor
from eis_lib.notebook.opening import version
from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.folders import PackError
from eis_lib.pack.pack import Common, Pack, load_common, load_pack
from eis_lib.pack.schema import Column, TableSchema
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import VOCABULARY_FILE, Vocabulary
from eis_lib.pages import executed, markup
from eis_lib.pages.accessibility import statement
from eis_lib.pages.charts import Chart, read_charts
from eis_lib.pages.comparison import COMPARED
from eis_lib.pages.frame import (
    ASSETS,
    COMMON_VOCABULARY,
    MENU,
    PAGE_BYTES,
    ROWS_SHOWN,
    TEMPLATES,
    Finding,
    PageError,
    _first_sentence,
    _headline_lang,
    _lang,
    _shared,
    _shortened,
)
from eis_lib.pages.markup import Sheet
from eis_lib.pages.notebook import _questions
from eis_lib.pages.rows import COMMON_FOLDER, ROWS_PER_PAGE, Index, keys_of, page_of
from eis_lib.record.manifest import GATHERED_FOLDER
from eis_lib.record.results import STATES, RegionResult, StepResult, changed_inputs, read_regions
from eis_lib.record.snapshots import Snapshot, changes, list_snapshots
from eis_lib.section.method import STEPS
from eis_lib.section.table_text import frame_from_csv, frame_to_csv


@dataclass
class Builder:
    """One making of the pages.

    Attributes
    ----------
    outputs, parameters : Path
        What the pages are made from.
    folder : Path
        Where they are made.
    pages : list
        Group, title and address of each page so far.
    found : list
        What the search looks through.
    """

    outputs: Path
    parameters: Path
    folder: Path
    pages: list[tuple[str, str, str]] = field(default_factory=list)
    found: list[dict[str, str]] = field(default_factory=list)
    _vocabularies: dict[str, Vocabulary] = field(default_factory=dict)

    def build(self, jobs: int = 1) -> None:
        """Make every page; those of as many regions at a time as there are jobs, where processes can be forked."""
        self.common: Common = load_common(self.parameters)
        self.regions = read_regions(self.outputs, self.parameters)
        self.index = Index()
        self.renderer = executed.Renderer()
        for region in self.regions:
            for name, frame in region.pack.tables.items():
                self.index.add(region.id, PACK_TABLES[name], frame)
        for name, schema in COMMON_TABLES.items():
            self.index.add("", schema, getattr(self.common, name))
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            extensions=["jinja2.ext.i18n"],
        )
        self.templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self.templates.globals.update(version=version(), menu=MENU, states=STATES, decimal=decimal)
        shared = _shared(region.language for region in self.regions)
        with use_language(shared):
            self._front()
        self._each_region(jobs)
        with use_language(shared):
            self._over_all()
        assets = self.folder / "assets"
        assets.mkdir(exist_ok=True)
        for name in ASSETS:
            shutil.copyfile(TEMPLATES / name, assets / name)
        shutil.copyfile(self.parameters / COMMON_VOCABULARY, assets / VOCABULARY_FILE)

    def _each_region(self, jobs: int) -> None:
        numbers = range(len(self.regions))
        jobs = min(jobs, len(numbers))
        if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
            # what has been read so far is not read again by each process, nor sent to it
            context = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(
                jobs, mp_context=context, initializer=_begin_pages, initargs=(self,)
            ) as pool:
                for pages, found in pool.map(_pages_of, numbers):
                    self.pages += pages
                    self.found += found
        else:
            for number in numbers:
                self.pages_of(number)

    def pages_of(self, number: int) -> tuple[list[tuple[str, str, str]], list[dict[str, str]]]:
        """Make the pages of one region; return what they have added to :attr:`pages` and :attr:`found`."""
        pages, found = len(self.pages), len(self.found)
        region = self.regions[number]
        with use_language(region.language):
            self._region(region)
        return self.pages[pages:], self.found[found:]

    def _over_all(self) -> None:
        """Make the other pages that are not about one region, in the language that all regions share."""
        self._common_rows()
        self._compare()
        self._vocabulary()
        self._made()
        self._snapshots()
        self._accessibility()
        self._search()

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the code lists in the language of the page that is being made."""
        spoken = language_spoken()
        if spoken not in self._vocabularies:
            self._vocabularies[spoken] = self.common.vocabulary.in_language(spoken)
        return self._vocabularies[spoken]

    # --- writing -------------------------------------------------------------------------------------------------

    def _write(
        self,
        url: str,
        template: str,
        title: str,
        *,
        group: str,
        path: Iterable[tuple[str, str]] = (),
        **values: Any,
    ) -> int:
        """Write a page, take it up in the list of pages, and return its size."""
        root = "../" * url.count("/")
        html = self.templates.get_template(template).render(
            title=title,
            english=_lang("" if language_spoken() == ENGLISH else ENGLISH),
            own=_lang("" if language_spoken() == ENGLISH else language_spoken()),
            root=root,
            here=url,
            path=tuple((gettext(text), place) for text, place in path),
            lang=language_spoken(),
            draft=draft_mark(),
            **values,
        )
        place = self.folder / url
        place.parent.mkdir(parents=True, exist_ok=True)
        content = html.encode("utf-8")
        place.write_bytes(content)
        if (group, title, url) not in self.pages:
            self.pages.append((group, title, url))
        return len(content)

    def _keep(self, url: str, text: str) -> str:
        place = self.folder / url
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return url

    def _find(self, kind: str, title: str, url: str, text: str = "") -> None:
        """Take something up in what the search looks through."""
        self.found.append({"k": kind, "t": title, "u": url, "x": text})

    def _link(self, root: str, own: str, region: str, column: str, item: str) -> tuple[str, str] | None:
        row = self.index.pointed_at(region or own, column, item) or self.index.pointed_at(own, column, item)
        return (f"{root}{row.url}", row.name) if row else None

    def _label(self, scheme: str, code: str) -> str:
        return self.vocabulary.label(scheme, code) if scheme in self.vocabulary.schemes else code

    # --- pages ---------------------------------------------------------------------------------------------------

    def _front(self) -> None:
        rows = []
        for region in self.regions:
            cells = []
            for step in STEPS:
                result = region.steps[step]
                findings = self._findings(result)
                text = findings[0].statement if findings else _first_sentence(result)
                first = findings[0] if findings else ({"id": ""} if text else None)
                cells.append(
                    {
                        "result": result, "first": first, "label": self._label("step", step),
                        "short": _shortened(text),
                    }
                )  # fmt: skip
            profile = {
                "name": region.pack.region.name, "review_date": region.pack.region.review_date,
                "country_label": self._label("country", region.pack.region.country),
                "invented": region.pack.region.invented,
            }  # fmt: skip
            rows.append({"id": region.id, "profile": profile, "cells": cells})
        self._write(
            "index.html",
            "front.html.j2",
            gettext("Regions"),
            group="Overview",
            regions=rows,
            steps=self._steps(),
        )

    def _steps(self) -> list[dict[str, Any]]:
        terms = self.vocabulary
        return [
            {
                "number": step.number, "name": step.name, "label": self._label("step", step.name),
                "question": terms.definition("step", step.name),
            }
            for step in STEPS.values()
        ]  # fmt: skip

    def _findings(self, result: StepResult) -> list[Finding]:
        found = []
        for row in result.findings.to_dict("records"):
            text = {name: "" if pd.isna(value) else str(value) for name, value in row.items()}
            anchors = [anchor.strip() for anchor in text["rows"].split(";") if anchor.strip()]
            rows = [self.index.find(result.region, anchor) for anchor in anchors]
            status = text["status"]
            found.append(
                Finding(
                    "-".join(text["finding_id"].split()),
                    markup.plain_text(text["statement"]),
                    status if status in {"finding", "candidate", "unknown"} else "unknown",
                    self._label("finding_status", status).lower(),
                    text["how_sure"],
                    tuple(row for row in rows if row),
                )
            )
        return found

    def _region(self, region: RegionResult) -> None:
        profile = region.pack.region
        home = f"{region.id}/index.html"
        answers = []
        for question in self._steps():
            result = region.steps[question["name"]]
            findings = self._findings(result)
            headline = markup.markdown(result.entry.headline) if result.entry else ""
            lang = _headline_lang(region.folder / result.notebook) if result.entry else ""
            answers.append(
                {
                    **question,
                    "result": result,
                    "findings": findings[:3],
                    "count": len(findings),
                    "headline": headline,
                    "lang": lang,
                }
            )
            if result.entry:
                self._find(
                    f"{profile.name}, answer", question["question"], f"{home}#{result.step}",
                    markup.plain_text(result.entry.headline),
                )  # fmt: skip
        tables, absent = self._region_rows(region)
        files = []
        for path in sorted(region.folder.glob("*.docx")):
            (self.folder / region.id).mkdir(exist_ok=True)
            shutil.copyfile(path, self.folder / region.id / path.name)
            files.append({"name": path.name, "title": gettext(DOCUMENT_TITLES.get(path.name, path.name))})
        self._write(
            home, "region.html.j2", profile.name, group=profile.name, path=[("Regions", "index.html")],
            region=profile, answers=answers, tables=tables, absent=absent, files=files,
            country=self._label("country", profile.country), sign_offs=self._sign_offs(region),
        )  # fmt: skip
        for step in STEPS:
            if region.steps[step].entry:
                with use_language(region.steps[step].language):
                    self._notebook(region, region.steps[step])

    def _notebook(self, region: RegionResult, result: StepResult) -> None:
        url = f"{region.id}/{result.page}"
        profile = region.pack.region
        step = STEPS[result.step]
        title = f"{step.number} {self._label('step', result.step)}: {profile.name}"
        charts = read_charts(region.folder / "charts" / result.step)
        tables = region.folder / "tables" / result.step
        for chart in charts.values():
            self._keep(f"{region.id}/charts/{result.step}/{chart.name}.svg", chart.svg)
            for address, frame in self._chart_files(chart, result):
                self._keep(f"{region.id}/{address}", frame_to_csv(frame))
            self._find(f"{profile.name}, chart", chart.title, f"{url}#chart:{chart.name}", chart.description)
        for path in sorted(tables.glob("*.csv")):
            self._keep(f"{region.id}/tables/{result.step}/{path.name}", path.read_text("utf-8"))
        findings = self._findings(result)
        for item in findings:
            self._find(f"{profile.name}, {item.status_label}", item.statement, f"{url}#{item.id}")
        notebook = region.folder / result.notebook
        for number, question in _questions(notebook):
            self._find(f"{profile.name}, section", question, f"{url}#{number}")
        others = [
            (other.pack.region.name, f"{other.id}/{result.page}")
            for other in self.regions
            if other is not region and other.steps[result.step].entry
        ]
        link = partial(self._link, "../", region.id)
        size = 0
        for most in ROWS_SHOWN:
            looks = executed.Looks(
                partial(self._chart, result, most, link),
                partial(self._stored_table, tables, region, result, most, link),
                charts,
            )
            size = self._write(
                url, "notebook.html.j2", title, group=profile.name,
                path=[("Regions", "index.html"), (profile.name, f"{region.id}/index.html")],
                region=profile, result=result, body=self.renderer.body(notebook, looks), findings=findings,
                findings_csv=f"tables/{result.step}/findings.csv" if len(result.findings) else "",
                turn=self._turn(region, result), others=others,
            )  # fmt: skip
            if size <= PAGE_BYTES:
                return
        raise PageError(f"the page {url} has {size:,} bytes; at most {PAGE_BYTES:,} are allowed")

    def _turn(self, region: RegionResult, result: StepResult) -> Markup:
        there = [step for step in STEPS if region.steps[step].entry]
        at = there.index(result.step)
        parts = []
        for word, step in (
            (later("Previous"), there[at - 1] if at else ""),
            (later("Next"), there[at + 1] if at + 1 < len(there) else ""),
        ):
            if step:
                label = f"{STEPS[step].number} {self._label('step', step)}"
                rel = "prev" if word == "Previous" else "next"
                parts.append(
                    Markup('<a rel="{}" href="{}">{}: {}</a>').format(
                        rel, region.steps[step].page, gettext(word), label
                    )
                )
        inner = Markup(" ").join([Markup('<a href="index.html">{}</a>').format(gettext("All steps")), *parts])
        return Markup('<p class="turn">{}</p>').format(inner)

    def _chart_files(self, chart: Chart, result: StepResult) -> list[tuple[str, pd.DataFrame]]:
        return [
            (f"charts/{result.step}/{chart.name}{f'_{number + 1}' if number else ''}.csv", frame)
            for number, frame in enumerate(chart.frames)
        ]

    def _chart(self, result: StepResult, most: int, link: Any, chart: Chart) -> Markup:
        width, height = chart.size
        data = [
            markup.table(
                Sheet(frame, gettext("Data of the chart: {title}").format(title=chart.title), address),
                link,
                most,
            )
            for address, frame in self._chart_files(chart, result)
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
        self,
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

    # --- rows ----------------------------------------------------------------------------------------------------

    def _region_rows(self, region: RegionResult) -> tuple[list[dict[str, Any]], list[str]]:
        listed, absent = [], []
        pack: Pack = region.pack
        for name, schema in PACK_TABLES.items():
            if not pack.has(name):
                absent.append(markup.words(name).lower())
                continue
            sha256 = pack.sha256.get(schema.file)
            read = {
                item.sha256
                for result in region.steps.values()
                for item in (result.entry.inputs if result.entry else ())
                if item.name == f"{region.id}/{schema.file}"
            }
            self._rows_of(
                region.id, schema, pack.tables[name], group=pack.region.name,
                csv=(self.parameters / region.id / schema.file).read_bytes(),
                path=[("Regions", "index.html"), (pack.region.name, f"{region.id}/index.html")],
                title=f"{markup.words(name)}: {pack.region.name}", language=pack.region.languages[0],
                changed=bool(read) and sha256 is not None and read != {sha256},
            )  # fmt: skip
            listed.append(
                {
                    "url": page_of(name, 0), "label": markup.words(name), "count": len(pack.tables[name]),
                    "about": gettext(schema.about),
                }
            )  # fmt: skip
        return listed, absent

    def _common_rows(self) -> None:
        for name, schema in COMMON_TABLES.items():
            self._rows_of(
                "", schema, getattr(self.common, name), group="Tables all regions share",
                csv=(self.parameters / "_common" / schema.file).read_bytes(), path=[("Regions", "index.html")],
                title=markup.words(name), language="en", changed=False,
            )  # fmt: skip

    def _rows_of(
        self,
        region: str,
        schema: TableSchema,
        frame: pd.DataFrame,
        *,
        group: str,
        csv: bytes,
        path: list[tuple[str, str]],
        title: str,
        language: str,
        changed: bool,
    ) -> None:
        folder = region or COMMON_FOLDER
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        (self.folder / folder / schema.file).write_bytes(csv)
        starts = range(0, max(len(frame), 1), ROWS_PER_PAGE)
        parts = [page_of(schema.name, start) for start in starts]
        keys = list(keys_of(schema, frame))
        records = frame.to_dict("records")
        for place, (part, start) in enumerate(zip(parts, starts, strict=True), start=1):
            heading = title if place == 1 else f"{title}, " + gettext("part %(number)s") % {"number": place}
            rows = []
            for number in range(start, min(start + ROWS_PER_PAGE, len(frame))):
                anchor = f"{schema.name}:{keys[number]}"
                row = self.index.rows[region, anchor]
                cells = records[number]
                native = schema.name == "providers" and language != "en"
                rows.append(
                    {
                        "anchor": anchor, "name": row.name, "lang": language if native else "",
                        "fields": [
                            {"label": markup.words(column.name), "html": html}
                            for column in schema.columns
                            if (html := self._field(region, column, cells[column.name]))
                        ],
                    }
                )  # fmt: skip
                text = " ".join(
                    str(cells[name])
                    for name in ("name_en", "description", "summary", "story", "statement", "note")
                    if name in cells and pd.notna(cells[name])
                )
                if schema.name != "indicators":  # thousands of numbers are looked up in their file
                    self._find(title, row.name, row.url, text)
            self._write(
                f"{folder}/{part}", "rows.html.j2", heading, group=group,
                path=path, about=gettext(schema.about), count=len(frame), csv=schema.file, parts=parts, here_part=part,
                rows=rows, changed=changed,
            )  # fmt: skip

    def _field(self, region: str, column: Column, value: Any) -> Markup | str:
        items = list(value) if isinstance(value, tuple) else [] if pd.isna(value) else [value]
        parts = []
        for item in items:
            if column.kind == "url":
                parts.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(item))
            elif column.kind == "code":
                parts.append(Markup("{}").format(self._label(column.scheme, str(item))))
            elif (
                column.kind == "reference" and (row := self.index.find(region, f"{column.table}:{item}"))
            ) or (column.name == "evidence_ids" and (row := self.index.find(region, str(item)))):
                parts.append(Markup('<a href="../{}">{}</a>').format(row.url, row.name))
            else:
                year = column.kind in {"year", "integer"}
                parts.append(Markup("{}").format(str(int(item)) if year else markup.cell_text(item)))
        return Markup("; ").join(parts)

    def _sign_offs(self, region: RegionResult) -> Markup:
        frame = region.pack.sign_offs
        if frame.empty:
            return Markup("<p>{}</p>").format(gettext("Nobody has signed these results off yet."))
        rows = []
        for row in frame.itertuples():
            result = region.steps[str(row.step)]
            valid = result.sha256 == row.results_sha256
            counts = (
                gettext("for these results") if valid else gettext("out of date: given for other results")
            )
            rows.append(
                {
                    "step": f"{STEPS[str(row.step)].number} {self._label('step', str(row.step))}",
                    "verdict": self._label("verdict", str(row.verdict)),
                    "counts": counts,
                    "date": row.date,
                    "reviewer": f"{row.reviewer_role}, {row.reviewer_organisation}",
                    "remark": row.remark,
                    "points_at": row.anchor,
                    "response": row.owner_response,
                }
            )

        def link(_region: str, column: str, item: str) -> tuple[str, str] | None:
            page = item.split("#", maxsplit=1)[0]
            known = {result.page for result in region.steps.values() if result.entry}
            return (item, item) if column == "points_at" and page in known else None

        return markup.table(
            Sheet(pd.DataFrame(rows), later("What reviewers said of the results")), link, len(rows)
        )

    # --- over all regions ----------------------------------------------------------------------------------------

    def _compare(self) -> None:
        gathered = self.outputs / GATHERED_FOLDER
        names = {region.id: region.pack.region.name for region in self.regions}
        parts = [
            Markup('<p class="lead">{}</p>').format(
                gettext(
                    "The same measure, region by region. A dash says that a region has no such row; it is not a "
                    "zero. Regions record their landscapes in different depth, so a smaller number may only say that less is "
                    "on record."
                )
            ),
            Markup("<p>{}</p>").format(
                gettext(
                    "The regions stand at different levels, so read shares, not totals: {regions}."
                ).format(regions="; ".join(self._level(region) for region in self.regions))
            ),
        ]
        link = partial(self._link, "", "")
        if not gathered.is_dir():
            parts.append(
                Markup("<p>{}</p>").format(
                    gettext("Nothing is compared yet: step 4 gathers the tables of all regions.")
                )
            )
        parts += self._partnership(names, link)
        for table, how in COMPARED.items():
            path = gathered / f"{table}.csv"
            if not path.is_file():
                continue
            text = path.read_text("utf-8")
            self._keep(f"compare/{table}.csv", text)
            frame = how.across(frame_from_csv(text))
            ordered = [name for name in names if name in frame.columns]
            frame = frame[[how.rows, *ordered]].rename(columns=names)
            if how.scheme:
                frame[how.rows] = [self._label(how.scheme, str(code)) for code in frame[how.rows]]
            parts.append(Markup('<h2 id="{}">{}</h2>').format(table, gettext(how.title)))
            parts.append(markup.table(Sheet(frame, how.caption, f"compare/{table}.csv", how.note), link, 100))
            self._find("Comparison", how.title, f"compare.html#{table}", how.caption)
        pages = [
            Markup('<li><a href="{}/{}">{}</a></li>').format(
                region.id, region.steps["compare"].page, region.pack.region.name
            )
            for region in self.regions
            if region.steps["compare"].entry
        ]
        if pages:
            parts.append(
                Markup('<h2 id="own">{}</h2><ul>{}</ul>').format(
                    gettext("Each region against its partners"), Markup().join(pages)
                )
            )
        self._write(
            "compare.html", "page.html.j2", gettext("Comparison"), group="Overview", path=[("Regions", "index.html")],
            content=Markup().join(parts),
        )  # fmt: skip

    def _level(self, region: RegionResult) -> str:
        """Return a region with its level and its people, which a reader needs beside every comparison."""
        profile = region.pack.region
        if profile.population is None:
            return f"{profile.name} ({profile.level})"
        return gettext("{region} ({level}, {people} inhabitants)").format(
            region=profile.name, level=profile.level, people=f"{profile.population:,}"
        )

    def _partnership(self, names: Mapping[str, str], link: Any) -> list[Markup]:
        """Return who should visit whom about what, and who is strong where, from the step 4 that compared most regions."""
        found = []
        for region in self.regions:
            tables = [
                region.folder / "tables" / "compare" / f"{name}.csv" for name in ("exchange", "strong_where")
            ]
            if region.steps["compare"].entry is not None and all(path.is_file() for path in tables):
                visits, strong = (frame_from_csv(path.read_text("utf-8")) for path in tables)
                found.append((strong["region"].nunique() if len(strong) else 0, visits, strong))
        if not found or not (most := max(number for number, _, _ in found)):
            return []
        _, visits, strong = next(item for item in found if item[0] == most)
        self._keep("compare/exchange.csv", frame_to_csv(visits))
        self._keep("compare/strong_where.csv", frame_to_csv(strong))
        parts = []
        if len(visits):
            shown = pd.DataFrame(
                {
                    "visitor": visits["visitor_name"],
                    "host": visits["host_name"],
                    "about": visits["about_words"],
                    "practice_to_see_first": visits["first_practice"],
                    "share_of_gaps_met": [f"{share:.0%}" for share in visits["share_of_gaps"]],
                    "first_wish": visits["first_wish"],
                }
            )
            sheet = Sheet(
                shown,
                gettext("The exchange that meets most gaps if every region makes one visit and receives one"),
                "compare/exchange.csv",
                gettext(
                    "Gaps are candidates; a practice speaks to a gap if it answers the same need (half, at another stage). "
                    "First wish: whom the visitor would choose if hosts took everybody."
                ),
            )
            parts += [
                Markup('<h2 id="exchange">{}</h2>').format(gettext("Who should visit whom, and about what")),
                markup.table(sheet, link, 100),
            ]
            self._find(
                "Comparison", "Who should visit whom, and about what", "compare.html#exchange", sheet.caption
            )
        cells = strong.assign(
            need=[self._label("barrier", str(need)) for need in strong["need"]],
            cell=[
                standing if pd.isna(share) else f"{standing} ({share:.0%})"
                for standing, share in zip(strong["standing"], strong["served_share"], strict=True)
            ],
        )
        wide = cells.pivot_table(index="need", columns="region", values="cell", aggfunc="first", sort=False)
        wide = wide[[name for name in names if name in wide]].rename(columns=names).reset_index()
        sheet = Sheet(
            wide.rename_axis(columns=None),
            gettext(
                "Standing of each region by need, with the share of its own demand that services on record meet"
            ),
            "compare/strong_where.csv",
            gettext(
                "Strong: two thirds or more served; weak: a gap for half or more; cannot tell: more unknown than served (project "
                "convention). Needs asked for most come first."
            ),
        )
        parts += [
            Markup('<h2 id="strong">{}</h2>').format(gettext("Who is strong where")),
            markup.table(sheet, link, 100),
        ]
        self._find("Comparison", "Who is strong where", "compare.html#strong", sheet.caption)
        return parts

    def _vocabulary(self) -> None:
        schemes = []
        for name in self.vocabulary.schemes:
            terms = []
            for code in self.vocabulary.codes(name):
                term = self.vocabulary.terms[name][code]
                terms.append(term)
                self._find("Vocabulary", term.label, f"vocabulary.html#{name}:{code}", term.definition)
            schemes.append({"id": name, "label": markup.scheme_words(name), "terms": terms})
        self._write(
            "vocabulary.html", "vocabulary.html.j2", gettext("Vocabulary"), group="Overview", path=[("Regions", "index.html")],
            schemes=schemes,
        )  # fmt: skip

    def _made(self) -> None:
        entries = [
            (region, result, result.entry)
            for region in self.regions
            for result in region.steps.values()
            if result.entry is not None
        ]
        parts = [
            Markup(  # noqa: S704 - a message of ours
                gettext(
                    '<p class="lead">Every page of results is an executed notebook. For each one the run wrote down what it read, '
                    "with which versions, and what came out, as SHA-256 hashes: the fingerprint of a file's bytes.</p>"
                    "<p>To check that a folder of these pages is as it was made, call <code>sha256sum --check SHA256SUMS</code> in "
                    "it. To make the results again from their inputs and compare them byte by byte, call <code>eis verify</code> in "
                    "the project.</p>"
                )
            )
        ]
        link = partial(self._link, "", "")
        packages: dict[tuple[str, str], set[str]] = {}
        for region, result, entry in entries:
            for name, number in {**entry.packages, "Python": entry.python}.items():
                packages.setdefault((name, number), set()).add(f"{region.id} {result.step}")
        rows = [
            {
                "package": name, "version": number,
                "used_for": gettext("all results") if len(where) == len(entries) else ", ".join(sorted(where)),
            }
            for (name, number), where in sorted(packages.items(), key=lambda item: (item[0][0].lower(), item[0][1]))
        ]  # fmt: skip
        outcome = [
            {
                "region": region.id, "step": STEPS[result.step].stem, "state": gettext(STATES[result.state]),
                "files_left": len(entry.outputs), "hash_of_results": result.sha256[:16], "hash_of_code": entry.code[:16],
                "parameters": ", ".join(f"{name} = {value}" for name, value in sorted(entry.parameters.items()) if value is not None),
            }
            for region, result, entry in entries
        ]  # fmt: skip
        inputs = [
            {"region": region.id, "step": STEPS[result.step].stem, "kind": item.kind, "input": item.name, "sha256": item.sha256[:16] or "not there",
             "is_still_the_same": item.name not in changed}
            for region, result, entry in entries
            for changed in [changed_inputs(entry, self.outputs, self.parameters)]
            for item in entry.inputs
        ]  # fmt: skip
        for anchor, head, caption, data in (
            (
                "results",
                later("Results"),
                later("What each executed workbook left (first 16 digits of each hash)"),
                outcome,
            ),
            (
                "inputs",
                later("Inputs"),
                later("What each executed workbook read (first 16 digits of each hash)"),
                inputs,
            ),
            ("versions", later("Versions"), later("Libraries the results were made with"), rows),
        ):
            frame = pd.DataFrame(data)
            url = self._keep(f"made/{anchor}.csv", frame_to_csv(frame))
            parts.append(Markup('<h2 id="{}">{}</h2>').format(anchor, gettext(head)))
            parts.append(markup.table(Sheet(frame, caption, url), link, 400))
        self._write(
            "made.html", "page.html.j2", gettext("How this was made"), group="Overview", path=[("Regions", "index.html")],
            content=Markup().join(parts),
        )  # fmt: skip

    def _snapshots(self) -> None:
        kept = list_snapshots(self.outputs)
        lead = Markup(  # noqa: S704 - a message of ours
            gettext(
                '<p class="lead">A snapshot is a dated copy of packs and results, kept so that later results can be held against '
                "it. <code>eis run --snapshot 2026-11</code> keeps one.</p>"
            )
        )
        if kept:
            rows = [
                {
                    "snapshot": one.name,
                    "regions": "; ".join(one.regions),
                    "results": one.results,
                    "hash": one.sha256,
                }
                for one in kept
            ]
            body = markup.table(
                Sheet(pd.DataFrame(rows), later("Snapshots kept")), partial(self._link, "", ""), len(rows)
            )
            body += Markup().join(self._changes(region, kept) for region in self.regions)
        else:
            body = Markup("<p>{}</p>").format(gettext("No snapshot has been kept yet."))
        self._write(
            "snapshots.html", "page.html.j2", gettext("Snapshots"), group="Overview", path=[("Regions", "index.html")],
            content=lead + body,
        )  # fmt: skip

    def _changes(self, region: RegionResult, kept: Sequence[Snapshot]) -> Markup:
        """Return what changed in a region from each snapshot to the next, and from the last to now."""
        own = [one for one in kept if region.id in one.regions]
        parts = []
        for old, new in pairwise([*own, None]):
            if old is None:
                continue
            label = f"{region.pack.region.name}, {old.name} to {new.name if new else 'now'}"
            try:
                after = load_pack(new.parameters / region.id) if new else region.pack
                frame = changes(load_pack(old.parameters / region.id), after)
            except (PackError, ValueError) as error:
                text = "it does not fit today's tables" if isinstance(error, PackError) else str(error)
                parts.append(Markup("<h2>{}</h2><p>Cannot be compared: {}.</p>").format(label, text))
                continue
            if frame.empty:
                parts.append(Markup("<h2>{}</h2><p>Nothing changed.</p>").format(label))
                continue
            real = int((frame["nature"] == monitor.REAL).sum())
            better = int((frame["nature"] == monitor.BETTER_DATA).sum())
            rest = len(frame) - real - better
            url = self._keep(
                f"snapshots/{region.id}_{old.name}_{new.name if new else 'now'}.csv", frame_to_csv(frame)
            )
            parts.append(
                Markup("<h2>{}</h2><p>{}, {} from better data; of {} it cannot be told which.</p>").format(
                    label, count(real, "real change"), better, rest
                )
            )
            sheet = Sheet(frame, f"What changed: {label}", url, region=region.id)
            parts.append(markup.table(sheet, partial(self._link, "", region.id), ROWS_SHOWN[0]))
        return Markup().join(parts)

    def _accessibility(self) -> None:
        partners = {
            region.pack.region.name: [partner.name for partner in region.pack.region.partners]
            for region in self.regions
        }
        self._write(
            "accessibility.html", "page.html.j2", gettext("Accessibility statement"), group="Overview",
            path=[("Regions", "index.html")], content=statement(partners),
        )  # fmt: skip

    def _search(self) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for group, title, url in self.pages:
            groups.setdefault(group, []).append((title, url))
            self._find("Page", title, url)
        text = json.dumps(self.found, ensure_ascii=False, separators=(",", ":"))
        # in a script, so that a page opened from disk may load it
        safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        self._keep("assets/search-index.js", f"window.EIS_SEARCH={safe};\n")
        self._write(
            "search.html", "search.html.j2", gettext("Search"), group="Overview", groups=list(groups.items())
        )


_builder: Builder


def _begin_pages(builder: Builder) -> None:
    """Prepare a process that makes pages of regions: a fork of the one that has read what they need."""
    global _builder  # noqa: PLW0603 - what a process was forked with reaches its tasks by no other way
    _builder = builder
    leave_the_end_to_parent()


def _pages_of(number: int) -> tuple[list[tuple[str, str, str]], list[dict[str, str]]]:
    return _builder.pages_of(number)
