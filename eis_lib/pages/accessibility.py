"""The accessibility statement, written from the last check of the pages in a real browser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from markupsafe import Markup

from eis_lib.pages.markup import Sheet, table

TEMPLATES = Path(__file__).parent / "templates"
CHECK_FILE = TEMPLATES / "accessibility_check.json"

_MEASURE = Markup(
    "<p>These pages are meant to be used by everybody, as Directive (EU) 2016/2102 asks of public bodies. The measure is "
    "EN 301 549, which takes up the Web Content Accessibility Guidelines (WCAG) 2.1, level AA.</p>"
)

_CARE = Markup(
    '<h2 id="known">Content that needs care</h2><ul>'
    "<li>Charts are pictures. Each has a description as its alternative text, and the rows it draws as a table below it.</li>"
    "<li>On a dark screen charts keep a white ground, because their colours were chosen on it.</li>"
    "<li>Wide tables and charts scroll within their own frame, which the keyboard reaches; at 400 % zoom nothing else "
    "scrolls sideways.</li>"
    "<li>Names of organisations are in their own language and marked so in their table. Names inside running text and "
    "titles of sources may be in other languages without being marked.</li>"
    "<li>Linked pages of other organisations and downloaded documents are not covered by this statement.</li>"
    "<li>Search and sorting need JavaScript; everything else works without it.</li></ul>"
)


@dataclass(frozen=True)
class PageCheck:
    """What the check found on one kind of page, in light and dark.

    Attributes
    ----------
    kind : str
    rules_passed : int
    violations : int
    to_judge : tuple of str
        Rules the tool could not decide and a person has to.
    """

    kind: str
    rules_passed: int
    violations: int
    to_judge: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """The last check of the pages.

    Attributes
    ----------
    date : str
        Day of the check.
    tool, browser : str
        With their versions.
    looks : str
        Hash of the templates, style and scripts that were checked.
    pages : tuple of PageCheck
    """

    date: str
    tool: str
    browser: str
    looks: str
    pages: tuple[PageCheck, ...]


def looks_sha256() -> str:
    """Return one hash over everything that decides how a page is built: templates, style, scripts."""
    digest = hashlib.sha256()
    for path in sorted(TEMPLATES.iterdir()):
        if path.suffix in {".j2", ".css", ".js"}:
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def read_check() -> Check | None:
    """Return the last check, or ``None`` where there was none yet."""
    if not CHECK_FILE.is_file():
        return None
    data = json.loads(CHECK_FILE.read_text("utf-8"))
    pages = tuple(PageCheck(**{**page, "to_judge": tuple(page["to_judge"])}) for page in data.pop("pages"))
    return Check(**data, pages=pages)


def format_check(check: Check) -> str:
    """Return a check as the text of its file."""
    return json.dumps(asdict(check), indent=1) + "\n"


def statement(partners: Mapping[str, Sequence[str]]) -> Markup:
    """Return the accessibility statement, in the order of Commission Implementing Decision (EU) 2018/1523.

    Parameters
    ----------
    partners : mapping
        Region → organisations that answer for its pages.
    """
    check = read_check()
    return _MEASURE + _status(check) + _CARE + _preparation(check) + _feedback(partners)


def _status(check: Check | None) -> Markup:
    if check is None:
        return Markup("<h2>Compliance status</h2><p><strong>Not yet checked.</strong></p>")
    violations = sum(page.violations for page in check.pages)
    current = check.looks == looks_sha256()
    verdict = (
        f"The automatic check found {violations} violations." if violations
        else "The automatic check found no violation on any kind of page."
    )  # fmt: skip
    since = (
        "" if current
        else " The look of the pages has changed since that check, so it has to be repeated before it can be relied on."
    )  # fmt: skip
    return Markup(
        '<h2 id="status">Compliance status</h2><p><strong>{}</strong>{} An automatic check finds only part of what WCAG '
        "asks for; what it cannot judge is listed below, and the reading order, wording and keyboard path were "
        "designed for, not certified.</p>"
    ).format(verdict, since)


def _preparation(check: Check | None) -> Markup:
    if check is None:
        return Markup()
    import pandas as pd

    rows = [
        {
            "kind_of_page": page.kind, "rules_passed": page.rules_passed, "violations": page.violations,
            "to_be_judged_by_a_person": ", ".join(page.to_judge) or "nothing",
        }
        for page in check.pages
    ]  # fmt: skip
    return Markup(
        '<h2 id="check">Preparation of this statement</h2><p>This statement was written from an automatic check on {} '
        "with {} in {}, over every kind of page, in light and dark. It is a self-assessment.</p>"
    ).format(check.date, check.tool, check.browser) + table(
        Sheet(pd.DataFrame(rows), "What the check found, by kind of page"), lambda *_: None, len(rows)
    )


def _feedback(partners: Mapping[str, Sequence[str]]) -> Markup:
    who = Markup().join(
        Markup("<li>{}: {}</li>").format(region, "; ".join(names) or "no organisation named")
        for region, names in partners.items()
    )
    return Markup(
        '<h2 id="feedback">Feedback and contact</h2><p>Tell the organisation that gave you these pages what you could not read or '
        "use; ask it for another form. The organisations behind the regions are:</p><ul>{}</ul>"
        '<h2 id="enforcement">Enforcement procedure</h2><p>If the answer does not satisfy you, turn to the body that enforces '
        "Directive (EU) 2016/2102 in the country of that organisation.</p>"
    ).format(who or Markup("<li>none yet</li>"))
