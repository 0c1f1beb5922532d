"""The questions of a notebook, read off its headings."""

from __future__ import annotations

import json
from pathlib import Path

from eis_lib.pages import markup


def _questions(notebook: Path) -> list[tuple[str, str]]:
    """Return cell id and text of each second-level heading."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    found = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and text.startswith("## "):
            found.append((str(cell["id"]), markup.plain_text(text.splitlines()[0].removeprefix("## "))))
    return found
