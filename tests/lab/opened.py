"""A JupyterLab that runs, and workbooks open in it as their reader has them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

PATIENCE = 300_000
"""Milliseconds that a loaded machine may take over one thing; a wait is for what is to come, and ends when it is there."""

# Resolves when the kernel has dealt with everything that was asked of it. It takes one thing after the other, so what
# was asked before is done once an empty request is; twice, as a widget holds back a change while another is on its way.
ANSWERED = """
async () => {
  for (let time = 0; time < 2; time += 1) {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    await kernel.requestExecute({ code: "", silent: true, store_history: false }).done;
  }
}
"""


@dataclass
class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    root : Path
        The copy of the project it works on; its packs may be edited.
    address : str
        With the token.
    """

    root: Path
    address: str

    def url(self, workbook: str) -> str:
        """Where a workbook is opened."""
        base, _, token = self.address.partition("/lab/tree/workbooks/1_map.ipynb")
        return f"{base}/lab/tree/workbooks/{workbook}.ipynb{token}&reset"

    def git(self, *words: str) -> str:
        """What git says in the copy."""
        return subprocess.run(
            ["git", *words], cwd=self.root, capture_output=True, text=True, check=True
        ).stdout


@dataclass
class Book:
    """A workbook open in a browser: what is on its page, and what the browser said meanwhile."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def section(self, heading: str) -> Locator:
        """The code cells below a heading, up to the next, as their outputs are."""
        return self.page.locator(f'.jp-Cell:has(h2:text-is("{heading}")) ~ .jp-CodeCell')

    def output(self, text: str) -> Locator:
        """The output of the cell that holds a text."""
        return self.page.locator(".jp-CodeCell", has_text=text).first

    def choose_region(self, region: str) -> None:
        """Switch by the picker and wait until the page is drawn."""
        picker = self.page.get_by_label("Region", exact=True)
        label = next(x for x in picker.locator("option").all_text_contents() if x.endswith(f"({region})"))
        picker.select_option(label)
        self.wait()

    def wait(self) -> None:
        """Wait until the kernel has dealt with everything that was asked of it."""
        self.page.evaluate(ANSWERED)

    def top(self) -> None:
        """Go back to the top of the page."""
        self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")


class Shelf:
    """Opens workbooks, each in a tab of its own."""

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self.lab = lab
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(PATIENCE)

    def open(self, workbook: str) -> Book:
        """Open a workbook as its reader does, and wait until it has run."""
        page = self.context.new_page()
        book = Book(page)
        page.on("console", lambda m: book.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: book.errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                book.hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None
            ),
        )
        page.goto(self.lab.url(workbook), timeout=PATIENCE)
        page.wait_for_selector(".eis-workbook .jp-OutputArea-output", timeout=PATIENCE)
        page.wait_for_function("window.eisWorkbookHasRun === true", timeout=PATIENCE)
        book.wait()
        return book
