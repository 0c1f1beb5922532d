"""Layers: what Europe or a country offers every firm stands once, and each region that is entitled to it has it.

A layer is a folder ``parameters/_layers/<name>/`` with ``layer.yaml`` and tables like those of a pack. A region names its
layers in ``region.yaml``. Its own row of the same offer (``instance_of``) stands in the place of the layer's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pydantic
from pydantic import ConfigDict, Field

from eis_lib.pack.csv_text import TableText
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.frames import empty_frame, to_frame
from eis_lib.pack.profile import read_yaml
from eis_lib.pack.schema import Fault, TableSchema, nearest_of
from eis_lib.pack.tables import PACK_TABLES

LAYER_FILE = "layer.yaml"
EVERY_COUNTRY = "all"
"""In ``available_in``: every country of the layer, when others are named beside it."""

LAYER_TABLES: Mapping[str, TableSchema] = {
    name: replace(PACK_TABLES[name], required=name in {"providers", "services"})
    for name in ("providers", "services", "policies", "relations", "codings", "searches")
}
"""The tables that a layer may hold; providers and services it must."""


class LayerProfile(pydantic.BaseModel):
    """What ``layer.yaml`` says of a layer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="Name in English")
    countries: tuple[str, ...] = Field(
        min_length=1,
        description="a list of countries, two capital letters each, as Eurostat writes them (EL, UK)",
    )
    note: str = Field("", description="text")


def read_layer_profile(path: Path, file: str) -> tuple[LayerProfile | None, list[Fault]]:
    """Return what a ``layer.yaml`` says, and its faults."""
    data, _lines, faults = read_yaml(path, file, LayerProfile.model_fields)
    if data is None:
        return None, faults
    try:
        return LayerProfile(**data), faults
    except pydantic.ValidationError as error:
        for problem in error.errors():
            top = str(problem["loc"][0])
            info = LayerProfile.model_fields.get(top)
            allowed = (info.description if info else "") or ", ".join(LayerProfile.model_fields)
            holds = "is missing" if problem["type"] == "missing" else f"holds '{problem['input']}'"
            faults.append(Fault(file, 0, top, holds, allowed))
        return None, faults


def list_layers(parameters: Path) -> tuple[str, ...]:
    """Return the names of all layers, sorted."""
    return tuple(sorted(path.parent.name for path in (parameters / LAYERS_FOLDER).glob(f"*/{LAYER_FILE}")))


def layer_files(folder: Path) -> list[Path]:
    """Return the files of a layer that a review rests on, those that are there."""
    return [
        path
        for path in (folder / LAYER_FILE, *(folder / table.file for table in LAYER_TABLES.values()))
        if path.is_file()
    ]


def unknown_layers(parameters: Path, names: Iterable[str], file: str) -> list[Fault]:
    """Return a fault for each layer that a region names and nobody wrote."""
    known = list_layers(parameters)
    return [
        Fault(
            file,
            0,
            "layers",
            f"holds '{name}'",
            ", ".join(known) or "no layer is there",
            nearest_of(name, known),
        )
        for name in names
        if name not in known
    ]


def collisions(
    own: Mapping[str, TableText], layer: str, keys: Mapping[str, set[str]], folder: str
) -> list[Fault]:
    """Return a fault for each row of a pack that has the key of a row of its layer."""
    faults = []
    for name in own.keys() & keys.keys():
        if len(PACK_TABLES[name].key) > 1:
            continue
        key = PACK_TABLES[name].key[0]
        for index, value in own[name].frame[key].items():
            if value in keys[name]:
                faults.append(
                    Fault(
                        f"{folder}/{name}.csv", int(str(index)) + 2, key,
                        f"holds '{value}', which is a row of the layer '{layer}'",
                        "a key that no layer of the region has; the region's own row of the same service says instance_of",
                    )
                )  # fmt: skip
    return faults


@dataclass(frozen=True)
class Layer:
    """A layer as one region has it.

    Attributes
    ----------
    name : str
        Name of the folder.
    profile : LayerProfile
    texts : mapping of str to TableText
        Its tables, checked.
    country : str
        Country of the region, which decides what its firms may use.
    own : callable
        Name of a table → the region's own typed frame.
    """

    name: str
    profile: LayerProfile
    texts: Mapping[str, TableText]
    country: str
    own: Callable[[str], pd.DataFrame] = field(repr=False)

    def rows(self, table: str) -> pd.DataFrame:
        """Return the rows of a table that the region has from this layer, typed; none for a table layers do not hold."""
        whole = self._whole(table)
        if whole.empty:
            return whole
        rows: pd.DataFrame = getattr(self, f"_{table}", lambda: whole)()
        return rows

    def _whole(self, table: str) -> pd.DataFrame:
        schema, text = PACK_TABLES[table], self.texts.get(table)
        return empty_frame(schema) if text is None else to_frame(schema, text.frame)

    @cached_property
    def instances(self) -> dict[str, str]:
        """Return service of the layer → the region's own row that stands for it."""
        services = self.own("services")
        own = services[services["instance_of"].notna()]
        return dict(zip(own["instance_of"], own["service_id"], strict=True))

    def stood_for(self) -> pd.DataFrame:
        """Return the services of the layer that own rows of the region stand for."""
        services = self._whole("services")
        return services[services["service_id"].isin(self.instances)]

    def _services(self) -> pd.DataFrame:
        return self.entitled

    @cached_property
    def entitled(self) -> pd.DataFrame:
        """Return the services of the layer that the region's firms may use and that no own row stands for."""
        services = self._whole("services")
        open_to_them = services["available_in"].map(self._is_entitled).astype(bool)
        return services[open_to_them & ~services["service_id"].isin(self.instances)]

    def _is_entitled(self, available_in: tuple[str, ...]) -> bool:
        everywhere = self.country in self.profile.countries and (
            not available_in or EVERY_COUNTRY in available_in
        )
        return everywhere or self.country in available_in

    def _providers(self) -> pd.DataFrame:
        """Return the bodies that give the region's firms something, or that its own rows name."""
        providers, services = self._whole("providers"), self.entitled
        named = set(services["provider_id"]) | {i for ids in services["co_providers"] for i in ids}
        for name, schema in PACK_TABLES.items():
            for column in schema.columns:
                if column.table == "providers":
                    cells = self.own(name)[column.name].dropna()
                    named |= {i for cell in cells for i in (cell if column.many else [cell])}
        return providers[providers["provider_id"].isin(named)]

    def _relations(self) -> pd.DataFrame:
        relations = self._whole("relations")
        for column in ("service_id", "other_service"):
            relations[column] = relations[column].replace(self.instances)
        known = {*self.entitled["service_id"], *self.instances.values()}
        kept = relations["service_id"].isin(known) & relations["other_service"].isin(known)
        return relations[kept & (relations["service_id"] != relations["other_service"])]

    def _codings(self) -> pd.DataFrame:
        codings = self._whole("codings")
        return codings[codings["service_id"].isin(self.entitled["service_id"])]


def with_layers(table: str, own: pd.DataFrame, layers: Iterable[Layer]) -> pd.DataFrame:
    """Return the rows a region has: its own and, below them, those of its layers; ``layer`` says whose a row is."""
    if table not in LAYER_TABLES:
        return own
    key = list(PACK_TABLES[table].key)
    parts = [own.assign(layer="")]
    parts += [rows.assign(layer=layer.name) for layer in layers if len(rows := layer.rows(table))]
    if len(parts) == 1:
        return parts[0]
    both = pd.concat(parts, ignore_index=True)
    return both[~both.duplicated(key)].reset_index(drop=True)
