"""The rows of a pack as CPSV-AP takes them: the region's own, and below them those of its layers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.frames import to_text
from eis_lib.pack.layers import EVERY_COUNTRY, LAYER_FILE, LayerProfile, read_layer_profile
from eis_lib.pack.pack import Pack
from eis_lib.pack.saving import read_rows
from eis_lib.pack.tables import PACK_TABLES


def rows_to_export(folder: Path, pack: Pack, table: str) -> list[dict[str, str]]:
    """Return the rows of a table as text; ``layer`` says whose a row is, empty for the region's own."""
    own = [{**row, "layer": ""} for row in read_rows(folder, table)[0]]
    lent = pack.lent(table)
    if lent.empty:
        return own
    rows = to_text(PACK_TABLES[table], lent)
    return own + [{**row, "layer": layer} for row, layer in zip(rows, lent["layer"], strict=True)]


@dataclass(frozen=True)
class ExportedLayer:
    """A layer of the region that is exported.

    Attributes
    ----------
    profile : LayerProfile
    keys : mapping of str to frozenset of str
        Table → keys of all rows, also of those that the region has not.
    """

    profile: LayerProfile
    keys: Mapping[str, frozenset[str]]

    def countries(self, available_in: Collection[str]) -> list[str]:
        """Return the countries whose firms may use a service."""
        everywhere = not available_in or EVERY_COUNTRY in available_in
        return sorted({*available_in, *(self.profile.countries if everywhere else ())} - {EVERY_COUNTRY})


def layers_to_export(folder: Path, names: Iterable[str]) -> dict[str, ExportedLayer]:
    """Return the layers of a region by name."""
    found = {}
    for name in names:
        place = folder.parent / LAYERS_FOLDER / name
        profile, _faults = read_layer_profile(place / LAYER_FILE, LAYER_FILE)
        keys = {
            table: frozenset(row[PACK_TABLES[table].key[0]] for row in read_rows(place, table)[0])
            for table in ("providers", "services")
        }
        if profile:
            found[name] = ExportedLayer(profile, keys)
    return found
