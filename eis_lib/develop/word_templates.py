"""Build the Word templates from which documents are made: ``python -m eis_lib.develop.word_templates``.

The templates are data: a region restyles a copy of one in Word and keeps it as ``parameters/<region>/templates/<name>.docx``.
What stands between double braces is filled in; ``{%p … %}`` repeats paragraphs, ``{%tr … %}`` rows of a table (docxtpl).
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from eis_lib.documents.word import TEMPLATES, with_fixed_times

DARK, LIGHT, GREY = RGBColor(0x1F, 0x3A, 0x5F), "E8EEF4", RGBColor(0x50, 0x50, 0x50)
MADE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""Stands in the templates alone; a document gets the day of its review."""


class Page:
    """A template being written, A4 upright, from top to bottom."""

    def __init__(self, margin_cm: float, size_pt: float) -> None:
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(margin_cm)
        section.top_margin = section.bottom_margin = Cm(margin_cm)
        self.width = 21 - 2 * margin_cm
        self._styles(size_pt)
        self._frame()

    def _styles(self, size: float) -> None:
        styles = self.document.styles
        for name, points, before, after in (
            ("Normal", size, 0, 5), ("Title", size + 11, 0, 4), ("Subtitle", size + 1, 0, 8),
            ("Heading 1", size + 5, 16, 5), ("Heading 2", size + 2.5, 12, 4), ("Heading 3", size + 0.5, 8, 2),
            ("Caption", size - 1, 2, 8), ("List Bullet", size, 0, 3), ("List Number", size, 0, 3),
        ):  # fmt: skip
            style: Any = styles[name]
            style.font.name, style.font.size = "Calibri", Pt(points)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{attribute}"), None)
            fonts.set(qn("w:hAnsi"), "Calibri")
            fonts.set(qn("w:cs"), "Calibri")
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
            if name.startswith(("Heading", "Title")):
                style.font.color.rgb, style.font.bold = DARK, True
                style.paragraph_format.keep_with_next = True
            elif name in ("Caption", "Subtitle"):
                style.font.color.rgb, style.font.italic, style.font.bold = GREY, False, False
        border = styles["Title"].element.find(qn("w:pPr")).find(qn("w:pBdr"))
        if border is not None:
            border.getparent().remove(border)
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        language = defaults.find(qn("w:lang"))
        for attribute in ("val", "eastAsia"):
            language.set(qn(f"w:{attribute}"), "en-GB")
        link: Any = styles.add_style("Hyperlink", 2)
        link.font.color.rgb, link.font.underline = RGBColor(0x0B, 0x4F, 0x9E), True

    def _frame(self) -> None:
        properties = self.document.core_properties
        properties.title, properties.language = "{{ title }}", "{{ language }}"
        properties.author, properties.subject, properties.comments = "EIS workbooks", "{{ subject }}", ""
        properties.last_modified_by, properties.keywords, properties.revision = "", "", 1
        properties.created = properties.modified = MADE
        section = self.document.sections[0]
        head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
        for paragraph, text in ((head, "{{ running_head }}"), (foot, "{{ running_foot }} · page ")):
            run = paragraph.add_run(text)
            run.font.size, run.font.color.rgb = Pt(8.5), GREY
        self._field(foot, "PAGE")

    @staticmethod
    def _field(paragraph: Any, name: str) -> None:
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), name)
        run = paragraph.add_run("1")
        run.font.size, run.font.color.rgb = Pt(8.5), GREY
        field.append(run._r)  # noqa: SLF001 - python-docx has no fields
        paragraph._p.append(field)  # noqa: SLF001

    def text(self, text: str, style: str = "Normal", *, new_page: bool = False) -> None:
        """Add a paragraph; ``**`` makes the part between two of them bold."""
        paragraph = self.document.add_paragraph(style=style)
        paragraph.paragraph_format.page_break_before = True if new_page else None
        self._runs(paragraph, text)

    @staticmethod
    def _runs(paragraph: Any, text: str) -> None:
        for index, part in enumerate(text.split("**")):
            if part:
                paragraph.add_run(part).bold = True if index % 2 else None

    def picture(self, name: str) -> None:
        """Add the place of a picture, which stays away where a run made none; its title and source stand in it."""
        self.text(f"{{%p if {name} %}}")
        self.text(f"{{{{ {name} }}}}")
        self.document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.text("{%p endif %}")

    def table(self, name: str, head: list[str], rows: list[list[str]], widths: list[float]) -> None:
        """Add a table: its name for who cannot see it, a marked header row, rows (one cell: a docxtpl row tag)."""
        table = self.document.add_table(rows=0, cols=len(head))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        table.autofit = False
        properties = table._tbl.tblPr  # noqa: SLF001
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), name)
        properties.append(caption)
        total = sum(widths)
        for index, cells in enumerate([head, *rows]):
            row = table.add_row()
            settings = row._tr.get_or_add_trPr()  # noqa: SLF001
            settings.append(OxmlElement("w:cantSplit"))
            if index == 0:
                settings.append(OxmlElement("w:tblHeader"))
            for column, cell in enumerate(row.cells):
                cell.width = Cm(widths[column] / total * self.width)
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(1)
                text = cells[column] if column < len(cells) else ""
                self._runs(paragraph, f"**{text}**" if index == 0 else text)
                if index == 0:
                    shade = OxmlElement("w:shd")
                    for attribute, value in (("val", "clear"), ("color", "auto"), ("fill", LIGHT)):
                        shade.set(qn(f"w:{attribute}"), value)
                    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001
        for column, grid in zip(table.columns, widths, strict=True):
            column.width = Cm(grid / total * self.width)
        gap = self.document.add_paragraph()
        gap.paragraph_format.space_after = Pt(0)
        gap.add_run().font.size = Pt(5)
        gap.paragraph_format.line_spacing = Pt(7)

    def save(self, path: Path) -> None:
        """Write the template, the same bytes each time."""
        self.document.save(str(path))
        path.write_bytes(with_fixed_times(path.read_bytes()))


def repeat(items: str, cells: list[str], one: str = "row") -> list[list[str]]:
    """Return the rows of a template table that repeats `cells` for each of `items`."""
    return [[f"{{%tr for {one} in {items} %}}"], cells, ["{%tr endfor %}"]]


def build_action_plan(folder: Path) -> None:
    """Build the template of the Action Plan."""
    page = Page(margin_cm=2.2, size_pt=10.5)
    page.text("{{ title }}", "Title")
    page.text("{{ subtitle }}", "Subtitle")
    page.text("{{ standing }}")
    page.text("{%p if warning %}")
    page.text("**{{ warning }}**")
    page.text("{%p endif %}")
    page.text("Part I – General information", "Heading 1")
    field = ["{{ row.field }}", "{{ row.entry }}"]
    page.table("General information", ["Field", "Entry"], repeat("general", field), [6, 11])
    page.text("Part II – Policy context", "Heading 1")
    page.text("The Action Plan aims to have an effect on:")
    page.text("{%p for kind in instrument_kinds %}")
    page.text("{{ kind.box }} {{ kind.words }}")
    page.text("{%p endfor %}")
    page.table("Policy instrument", ["Field", "Entry"], repeat("instrument", field), [6, 11])
    page.text("Part III – Details of the actions envisaged", "Heading 1", new_page=True)
    page.text("{{ overview }}")
    page.picture("timetable")
    _actions(page)
    page.text("Signature", "Heading 1")
    page.text("To be filled in by the organisation named in part I. Nothing here is filled in by software.")
    page.document.paragraphs[-1].paragraph_format.keep_with_next = True
    page.table("Signature", ["Date", "Signature", "Stamp (if available)"], [["", "", ""]], [4, 7, 6])
    page.document.tables[-1].rows[1].height = Cm(2.6)
    _annexes(page)
    page.save(folder / "action_plan.docx")


def _actions(page: Page) -> None:
    """Add the block of each action."""
    page.text("{%p for action in actions %}")
    page.text("Action {{ action.number }}: {{ action.title }}", "Heading 2")
    page.text("{{ action.standing }}")
    page.text("1. Background", "Heading 3")
    page.text("{{ action.background }}")
    page.text("{%p if action.findings %}")
    page.text("**Findings it rests on**")
    page.document.paragraphs[-1].paragraph_format.keep_with_next = True
    page.table(
        "Findings the action rests on",
        ["No.", "What it says", "Step", "How sure"],
        repeat("action.findings", ["{{ row.number }}", "{{ row.says }}", "{{ row.step }}", "{{ row.sure }}"]),
        [1.3, 10.6, 1.6, 3.5],
    )
    page.text("{%p endif %}")
    page.text("{%p if action.lessons %}")
    page.text("**Lessons from partners and peers**")
    page.document.paragraphs[-1].paragraph_format.keep_with_next = True
    page.text("{%p endif %}")
    page.text("{%p for lesson in action.lessons %}")
    page.text("**{{ lesson.head }}** {{ lesson.says }} Source: {{r lesson.source }}.", "List Bullet")
    page.text("{%p endfor %}")
    page.text("2. Action", "Heading 3")
    page.text("{{ action.what }}")
    page.text("**How it will be seen:** {{ action.indicator }}")
    page.text("3. Players involved", "Heading 3")
    page.table(
        "Players involved",
        ["Organisation", "Role (proposed)"],
        repeat("action.players", ["{{ row.name }}", "{{ row.role }}"]),
        [8.5, 8.5],
    )
    for heading, entry in (
        ("4. Timeframe", "timeframe"), ("5. Costs", "costs"), ("6. Funding sources", "funding"),
    ):  # fmt: skip
        page.text(heading, "Heading 3")
        page.text(f"{{{{ action.{entry} }}}}")
    page.text("{%p endfor %}")


def _annexes(page: Page) -> None:
    """Add what a plan rests on and how it is read."""
    page.text("Annex 1 – Checks before signing", "Heading 1", new_page=True)
    page.text("{{ checks_summary }}")
    page.table(
        "Checks before signing",
        ["Check", "Passed by action", "Not passed by action", "Cannot be checked"],
        repeat("checks", ["{{ row.asks }}", "{{ row.yes }}", "{{ row.no }}", "{{ row.open }}"]),
        [6, 3, 4.5, 4.5],
    )
    page.text("Annex 2 – What the region itself did or planned", "Heading 1")
    page.text("{{ published_summary }}")
    page.text("{%p if published %}")
    page.table(
        "Actions the region published",
        ["Action", "Years", "Status", "Source"],
        repeat("published", ["{{ row.title }}", "{{ row.years }}", "{{ row.status }}", "{{r row.source }}"]),
        [5.6, 2.2, 3.2, 6],
    )
    page.text("{%p endif %}")
    page.text("Annex 3 – How to read this plan", "Heading 1")
    page.text("{%p for line in reading %}")
    page.text("{{ line }}", "List Bullet")
    page.text("{%p endfor %}")
    page.text("{%p if names %}")
    page.text("Annex 4 – What the workbooks call the actions and findings", "Heading 1")
    page.table(
        "Names in the workbooks",
        ["No.", "Name in the workbooks"],
        repeat("names", ["{{ row.what }}", "{{ row.name }}"]),
        [4, 13],
    )
    page.text("{%p endif %}")


def build_dossier(folder: Path) -> None:
    """Build the template of the two-page dossier for peers."""
    page = Page(margin_cm=1.7, size_pt=9.5)
    page.text("{{ title }}", "Title")
    page.text("{{ subtitle }}", "Subtitle")
    page.text("{%p if warning %}")
    page.text("**{{ warning }}**")
    page.text("{%p endif %}")
    page.text("Context", "Heading 1")
    for entry in ("context", "instrument", "peers", "note"):
        page.text(f"{{{{ {entry} }}}}")
    page.text("The landscape in figures", "Heading 1")
    page.text("{{ landscape }}")
    page.table(
        "The landscape in figures",
        ["Measure", "{{ region }}", "Median of the regions compared", "Lowest to highest"],
        repeat("figures", ["{{ row.label }}", "{{ row.value }}", "{{ row.median }}", "{{ row.range }}"]),
        [7, 3, 4, 4],
    )
    page.text("{%p for line in findings %}")
    page.text("**{{ line.says }}** ({{ line.how }})", "List Bullet")
    page.text("{%p endfor %}")
    page.text("What peers said before", "Heading 1")
    page.text("{%p for remark in remarks %}")
    page.text(
        "**{{ remark.kind }}:** {{ remark.says }} ({{ remark.who }}; {{r remark.source }})", "List Bullet"
    )
    page.text("{%p endfor %}")
    page.text("{%p if not remarks %}")
    page.text("No remark of peers is on record; that is not the same as none having been made.")
    page.text("{%p endif %}")
    page.text("Three questions to peers", "Heading 1", new_page=True)
    page.text("{%p for question in questions %}")
    page.text("{{ question.number }}. {{ question.asks }}", "Heading 2")
    page.text("{{ question.why }}")
    page.text("**Whom to ask:** {{ question.whom }}")
    page.text("{%p endfor %}")
    page.text("{%p if not questions %}")
    page.text("The review left no finding to ask peers about.")
    page.text("{%p endif %}")
    page.picture("picture")
    page.save(folder / "dossier.docx")


def build_practices(folder: Path) -> None:
    """Build the template of the good-practice sheets, one page each."""
    page = Page(margin_cm=2, size_pt=10)
    page.text("{{ title }}", "Title")
    page.text("{{ subtitle }}", "Subtitle")
    page.text("{%p if warning %}")
    page.text("**{{ warning }}**")
    page.text("{%p endif %}")
    page.text("{{ overview }}")
    page.text("{%p if practices %}")
    page.table(
        "Good practices on record",
        ["Good practice", "Evidence of success", "Main institution"],
        repeat("practices", ["{{ row.title }}", "{{ row.evidence }}", "{{ row.institution }}"]),
        [7, 5, 5],
    )
    page.text("{%p endif %}")
    page.text("{%p for practice in practices %}")
    page.text("{{ practice.title }}", "Heading 1", new_page=True)
    page.table(
        "Good practice",
        ["Field", "Entry"],
        repeat("practice.fields", ["**{{ row.field }}**", "{{ row.entry }}"]),
        [5, 12],
    )
    page.text("Source: {{r practice.source }}. {{ practice.note }}", "Caption")
    page.text("{%p endfor %}")
    page.save(folder / "good_practices.docx")


def build(folder: Path) -> None:
    """Build all templates into a folder."""
    build_action_plan(folder)
    build_dossier(folder)
    build_practices(folder)


if __name__ == "__main__":
    build(TEMPLATES)
    print(f"templates written to {TEMPLATES.name}", file=sys.stderr)
