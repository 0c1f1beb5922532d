"""How the pages were made, and what helps to read them: vocabulary, accessibility statement, search."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import gettext, later
from eis_lib.pages import markup
from eis_lib.pages.accessibility import statement
from eis_lib.pages.frame import Frame
from eis_lib.pages.markup import Sheet
from eis_lib.record.manifest import Entry
from eis_lib.record.results import STATES, RegionResult, StepResult, changed_inputs
from eis_lib.section.method import STEPS
from eis_lib.section.table_text import frame_to_csv

_Entry = tuple[RegionResult, StepResult, Entry]
"""A result, its region, and what its run wrote down."""


def write_made(site: Frame) -> None:
    """Write what each result was made from, and with what."""
    entries = [
        (region, result, result.entry)
        for region in site.regions
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
    link = partial(site.link, "", "")
    for anchor, head, caption, data in (
        (
            "results",
            later("Results"),
            later("What each executed workbook left (first 16 digits of each hash)"),
            _outcomes(entries),
        ),
        (
            "inputs",
            later("Inputs"),
            later("What each executed workbook read (first 16 digits of each hash)"),
            _inputs(site, entries),
        ),
        ("versions", later("Versions"), later("Libraries the results were made with"), _versions(entries)),
    ):
        frame = pd.DataFrame(data)
        url = site.keep(f"made/{anchor}.csv", frame_to_csv(frame))
        parts.append(Markup('<h2 id="{}">{}</h2>').format(anchor, gettext(head)))
        parts.append(markup.table(Sheet(frame, caption, url), link, 400))
    site.write(
        "made.html", "page.html.j2", gettext("How this was made"), group="Overview", path=[("Regions", "index.html")],
        content=Markup().join(parts),
    )  # fmt: skip


def _outcomes(entries: list[_Entry]) -> list[dict[str, Any]]:
    return [
        {
            "region": region.id, "step": STEPS[result.step].stem, "state": gettext(STATES[result.state]),
            "files_left": len(entry.outputs), "hash_of_results": result.sha256[:16], "hash_of_code": entry.code[:16],
            "parameters": ", ".join(f"{name} = {value}" for name, value in sorted(entry.parameters.items()) if value is not None),
        }
        for region, result, entry in entries
    ]  # fmt: skip


def _inputs(site: Frame, entries: list[_Entry]) -> list[dict[str, Any]]:
    return [
        {"region": region.id, "step": STEPS[result.step].stem, "kind": item.kind, "input": item.name, "sha256": item.sha256[:16] or "not there",
         "is_still_the_same": item.name not in changed}
        for region, result, entry in entries
        for changed in [changed_inputs(entry, site.outputs, site.parameters)]
        for item in entry.inputs
    ]  # fmt: skip


def _versions(entries: list[_Entry]) -> list[dict[str, Any]]:
    """Return the libraries by name, each version with the results that were made with it."""
    packages: dict[tuple[str, str], set[str]] = {}
    for region, result, entry in entries:
        for name, number in {**entry.packages, "Python": entry.python}.items():
            packages.setdefault((name, number), set()).add(f"{region.id} {result.step}")
    return [
        {
            "package": name, "version": number,
            "used_for": gettext("all results") if len(where) == len(entries) else ", ".join(sorted(where)),
        }
        for (name, number), where in sorted(packages.items(), key=lambda item: (item[0][0].lower(), item[0][1]))
    ]  # fmt: skip


def write_accessibility(site: Frame) -> None:
    """Write the accessibility statement."""
    partners = {
        region.pack.region.name: [partner.name for partner in region.pack.region.partners]
        for region in site.regions
    }
    site.write(
        "accessibility.html", "page.html.j2", gettext("Accessibility statement"), group="Overview",
        path=[("Regions", "index.html")], content=statement(partners),
    )  # fmt: skip


def write_vocabulary(site: Frame) -> None:
    """Write the code lists."""
    schemes = []
    for name in site.vocabulary.schemes:
        terms = []
        for code in site.vocabulary.codes(name):
            term = site.vocabulary.terms[name][code]
            terms.append(term)
            site.find("Vocabulary", term.label, f"vocabulary.html#{name}:{code}", term.definition)
        schemes.append({"id": name, "label": markup.scheme_words(name), "terms": terms})
    site.write(
        "vocabulary.html", "vocabulary.html.j2", gettext("Vocabulary"), group="Overview", path=[("Regions", "index.html")],
        schemes=schemes,
    )  # fmt: skip


def write_search(site: Frame) -> None:
    """Write the search: what it looks through, and its page, which lists every page."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, title, url in site.pages:
        groups.setdefault(group, []).append((title, url))
        site.find("Page", title, url)
    text = json.dumps(site.found, ensure_ascii=False, separators=(",", ":"))
    # in a script, so that a page opened from disk may load it
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    site.keep("assets/search-index.js", f"window.EIS_SEARCH={safe};\n")
    site.write(
        "search.html", "search.html.j2", gettext("Search"), group="Overview", groups=list(groups.items())
    )
