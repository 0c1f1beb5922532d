"""The region picker of a live page, and the form that begins a new region."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from eis_lib.lab.controls import FIELD, button, field
from eis_lib.notebook.showing import markdown
from eis_lib.pack.beginning import new_pack
from eis_lib.pack.folders import PROFILE_FILE, PackError, RegionError, find_parameters, list_regions
from eis_lib.pack.profile import NUTS_VERSIONS
from eis_lib.section.section import plain

if TYPE_CHECKING:
    from eis_lib.lab.host import Host


ADD = "add a region…"


def folder_name(name: str) -> str:
    """Return the folder name for a region's name: lower case, no accents, words joined by '-'.

    Examples
    --------
    >>> folder_name("Koprivnica-Križevci County")
    'koprivnica-krizevci-county'
    """
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def region_labels(parameters: Path) -> dict[str, str]:
    """Return what the picker shows for each region: its name and its folder → folder."""
    labels = {}
    for region in list_regions(parameters, invented=True):
        text = (parameters / region / PROFILE_FILE).read_text("utf-8", errors="replace")
        found = re.search(r"^name:\s*(.+?)\s*$", text, flags=re.MULTILINE)
        name = found[1].strip("'\"") if found else region
        labels[f"{name} ({region})"] = region
    return labels


class Picker:
    """A drop-down of regions; its last option opens the form for a new one.

    Attributes
    ----------
    widget, form : ipywidgets.Widget
        The drop-down, and the form, which is hidden until it is asked for.
    """

    def __init__(self, page: Host) -> None:
        """Make the picker of a page."""
        self._page = page
        self._quiet = False
        self._labels: dict[str, str] = {}
        self.widget: Any = ipywidgets.Dropdown(
            description="Region", style={"description_width": "initial"}, layout={"width": "28em"}
        )
        self.widget.observe(self._picked, names="value")
        self._name = field("Name in English", hint="North Savo")
        self._native = field("Name in its own language", hint="Pohjois-Savo; left empty: the English one")
        self._nuts = field("NUTS code", hint="FI1D2; the country is its first two letters")
        self._version: Any = ipywidgets.Dropdown(
            options=NUTS_VERSIONS, value=NUTS_VERSIONS[-1], description="NUTS version of the code",
            **FIELD,
        )  # fmt: skip
        self._languages = field("Languages", hint="fi;sv – two letters each, joined by ;")
        self._said = ipywidgets.Output()
        buttons = ipywidgets.HBox(
            [button("Begin this region", self._create, is_main=True), button("Cancel", self._close)]
        )
        self.form: Any = ipywidgets.VBox(
            [self._name, self._native, self._nuts, self._version, self._languages, buttons, self._said],
            layout={"display": "none", "border": "1px solid #bbb", "padding": "8px", "margin": "4px 0"},
        )

    def show(self, region: str) -> None:
        """Show which region is open, and every region there is."""
        self._quiet = True
        self._labels = region_labels(find_parameters())
        options = (*self._labels, ADD)
        if self.widget.options != options:
            self.widget.options = options
        here = [label for label, name in self._labels.items() if name == region]
        self.widget.value = here[0] if here else None
        self._quiet = False

    def _picked(self, change: Any) -> None:
        if self._quiet or change["new"] is None:
            return
        if change["new"] == ADD:
            self.form.layout.display = ""
            return
        self.form.layout.display = "none"
        unsaved = self._page.unsaved()
        if unsaved:
            self._page.say(f"First save or undo the edits of {unsaved}.")
            self.show(self._page.region)
            return
        self._page.switch(self._labels[change["new"]])

    def _close(self) -> None:
        self.form.layout.display = "none"
        self.show(self._page.region)

    def _create(self) -> None:
        from eis_lib.lab.output import fill
        from eis_lib.pack.schema import split_list

        name = self._name.value.strip()
        try:
            folder = new_pack(
                find_parameters(),
                folder_name(name),
                name=name,
                nuts_code=self._nuts.value.strip().upper(),
                nuts_version=str(self._version.value),
                languages=split_list(self._languages.value.replace(",", ";").lower()),
                review_date=dt.datetime.now(tz=dt.UTC).date().isoformat(),
                name_native=self._native.value.strip(),
            )
        except (PackError, RegionError) as error:
            lines = error.faults if isinstance(error, PackError) else [error]
            fill(
                self._said, [markdown("Nothing was written.\n\n" + "\n".join(f"- {plain(x)}" for x in lines))]
            )
            return
        fill(self._said, [])
        for text in (self._name, self._native, self._nuts, self._languages):
            text.value = ""
        self.form.layout.display = "none"
        self._page.switch(folder.name)
