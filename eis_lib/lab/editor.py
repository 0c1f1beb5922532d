"""The place of a page where the tables of a pack are corrected or added to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from eis_lib.lab.grid import Grid

if TYPE_CHECKING:
    from eis_lib.lab.host import Host


class Editor:
    """The place of a page where tables are edited: closed at first, then a drop-down of tables and the grid.

    Attributes
    ----------
    widget : ipywidgets.Widget
    """

    def __init__(self, page: Host, tables: Sequence[str]) -> None:
        """Offer some tables of the page's pack."""
        self._page = page
        self._region = ""
        self._grids: dict[str, Grid] = {}
        self._toggle: Any = ipywidgets.ToggleButton(
            description="Correct or add data",
            icon="pencil",
            layout={"width": "auto", "align_self": "flex-start"},
        )
        self._table: Any = ipywidgets.Dropdown(
            options=[(f"{name}.csv", name) for name in tables], description="Table",
            style={"description_width": "initial"}, layout={"width": "22em"},
        )  # fmt: skip
        self._place: Any = ipywidgets.VBox()
        self._inside: Any = ipywidgets.VBox([self._table, self._place], layout={"display": "none"})
        self.widget: Any = ipywidgets.VBox([self._toggle, self._inside])
        self._toggle.observe(lambda _change: self._open(), names="value")
        self._table.observe(lambda _change: self._open(), names="value")

    def unsaved(self) -> list[str]:
        """Return the tables with edits that were not saved."""
        return [name for name, grid in self._grids.items() if grid.is_changed()]

    def follow(self) -> None:
        """Follow the page to another region, or to what has changed on disk."""
        if self._page.region != self._region:
            self._region = self._page.region
            for grid in self._grids.values():
                grid.close()
            self._grids = {}
            self._open()
            return
        for grid in self._grids.values():
            grid.follow()

    def _open(self) -> None:
        self._inside.layout.display = "" if self._toggle.value else "none"
        if not self._toggle.value:
            return
        name = self._table.value
        if name not in self._grids:
            self._grids[name] = Grid(self._page.folder, name, self._page.reload)
        self._place.children = (self._grids[name],)
