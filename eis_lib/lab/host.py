"""What the parts of a page in JupyterLab may ask of the page they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from eis_lib.notebook.showing import Output
from eis_lib.section.review import Review
from eis_lib.section.section import Section


class Host(Protocol):
    """A page as its parts see it; :class:`eis_lib.lab.page.Page` is the one there is.

    Attributes
    ----------
    step, region : str
    review : Review or None
        None where the region's pack cannot be opened.
    """

    step: str
    region: str
    review: Review | None

    @property
    def folder(self) -> Path:
        """Return the folder of the region's pack."""

    def made(self, section: Callable[..., Section], chosen: Mapping[str, Any]) -> Section:
        """Return a section of the review, computed at most once for the same choices."""

    def switch(self, region: str) -> None:
        """Draw the whole page for another region."""

    def reload(self) -> None:
        """Read the pack again and draw the whole page."""

    def unsaved(self) -> str:
        """Return the names of the tables with edits that were not saved; empty if there are none."""

    def say(self, text: str) -> None:
        """Say beside the picker what goes on."""

    def guarded(self, out: Any, outputs: Callable[[Review], Iterable[Output]]) -> bool:
        """Show outputs of the review, or in words why they cannot be shown; return whether they could."""

    def register(self, draw: Callable[[], None]) -> None:
        """Have `draw` called now and whenever the page is drawn anew."""
