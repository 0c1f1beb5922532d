"""Outputs put into a widget, and errors said in words for a reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eis_lib.notebook.showing import Output
from eis_lib.pack.folders import PackError
from eis_lib.section.section import plain

FAULTS_SHOWN = 10
"""Faults of a pack that are shown at once; the grid shows each in its cell."""


def fill(out: Any, outputs: Iterable[Output]) -> None:
    """Show outputs in an output widget, all at once, in place of what it shows."""
    out.outputs = tuple(
        {"output_type": "display_data", "data": dict(o.data), "metadata": dict(o.metadata)} for o in outputs
    )


def in_words(error: Exception) -> str:
    """Return what went wrong, for a reader."""
    if isinstance(error, PackError):
        lines = [plain(fault) for fault in error.faults[:FAULTS_SHOWN]]
        rest = len(error.faults) - len(lines)
        more = f"\n- and {rest} more" if rest > 0 else ""
        return "The pack has faults:\n\n" + "\n".join(f"- {line}" for line in lines) + more
    text = plain(error)
    if isinstance(error, (ValueError, LookupError, OSError)) and " " in text.strip():
        return text
    return f"It ran into something unforeseen ({type(error).__name__}: {text})."
