"""A new region pack: region.yaml, the required tables with their headers, and the searches that are to be made."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import yaml

from eis_lib.pack.folders import (
    COMMON_FOLDER,
    LAYERS_FOLDER,
    PROFILE_FILE,
    REGION_NAME,
    PackError,
    RegionError,
)
from eis_lib.pack.layers import LAYER_FILE, list_layers, read_layer_profile
from eis_lib.pack.profile import read_profile
from eis_lib.pack.saving import read_rows
from eis_lib.pack.schema import split_list
from eis_lib.pack.tables import PACK_TABLES, SEARCHES
from eis_lib.pack.vocabulary import Vocabulary, load_vocabulary

BY_KIND = "A"
"""The question of the protocol that is asked of every kind of support."""


def new_pack(
    parameters: Path,
    region: str,
    *,
    name: str,
    nuts_code: str,
    nuts_version: str,
    languages: Sequence[str],
    review_date: str,
    name_native: str = "",
    level: str = "",
    currency: str = "EUR",
    more: Mapping[str, object] = MappingProxyType({}),
) -> Path:
    """Write a valid, nearly empty pack and return its folder.

    It holds ``region.yaml`` with the layers of its country, the headers of the required tables, and the searches to be made.

    Parameters
    ----------
    parameters : Path
        Folder of region packs.
    region : str
        Name of the new folder.
    name, name_native : str
        Name in English, and in the region's own language (English where left out).
    nuts_code, nuts_version : str
        Code and the version it belongs to; the country is its first two letters.
    languages : sequence of str
        Two-letter codes.
    review_date : str
        Day as of which the region is reviewed, YYYY-MM-DD.
    more : mapping, optional
        Further keys of ``region.yaml``; they go before what follows from the NUTS code.

    Raises
    ------
    RegionError
        If the name is taken or could not be a folder.
    PackError
        If an answer is not allowed; nothing is written then.
    """
    _refuse_name(parameters, region)
    profile = {
        "name": name,
        "name_native": name_native or name,
        "nuts_code": nuts_code,
        "nuts_version": nuts_version,
        "nuts_level": str(len(nuts_code) - 2),
        "level": level or f"NUTS {len(nuts_code) - 2} region",
        "country": nuts_code[:2],
        **_layers_of(parameters, nuts_code[:2]),
        "languages": list(languages),
        "currency": currency,
        "review_date": review_date,
        "indicator_areas": _areas(nuts_code, nuts_version),
        **more,
    }
    return _write_pack(parameters, region, profile)


def _areas(nuts_code: str, nuts_version: str) -> list[dict[str, str]]:
    """Return the areas whose indicators may stand for a region: itself and its country."""
    country = [{"code": nuts_code[:2]}] if len(nuts_code) > 2 else []
    return [{"code": nuts_code, "version": nuts_version}, *country]


def _layers_of(parameters: Path, country: str) -> dict[str, list[str]]:
    """Return the key ``layers`` with those that hold something for firms of a country; nothing where none does."""
    found = []
    for name in list_layers(parameters):
        folder = parameters / LAYERS_FOLDER / name
        profile, _faults = read_layer_profile(folder / LAYER_FILE, LAYER_FILE)
        services, _hash = read_rows(folder, "services")
        named = {code for row in services for code in split_list(row.get("available_in", ""))}
        if country in {*(profile.countries if profile else ()), *named}:
            found.append(name)
    return {"layers": found} if found else {}


def _searches_to_make(vocabulary: Vocabulary) -> Iterator[dict[str, str]]:
    """Yield a row without an outcome for each question of the protocol, the first for each kind of support."""
    for topic in vocabulary.codes("search_topic"):
        for kind in vocabulary.codes("support_type") if topic == BY_KIND else [""]:
            name = "-".join(part for part in ("search", topic.lower(), kind) if part)
            yield {"search_id": name, "topic": topic, "support_type": kind, "level": "any"}


def _refuse_name(parameters: Path, region: str) -> None:
    """Raise ``RegionError`` if a name is taken or could not be a folder."""
    if not REGION_NAME.fullmatch(region):
        raise RegionError(
            f"'{region}' cannot be the name of a region: use lower-case letters, digits and '-', e.g. 'north-savo'."
        )
    if (parameters / region).exists():
        raise RegionError(f"there is a folder '{region}' already; nothing was written.")


def _write_pack(parameters: Path, region: str, profile: Mapping[str, object]) -> Path:
    """Write a pack beside the others and move it among them once it is valid; return its folder."""
    beside = Path(tempfile.mkdtemp(dir=parameters, prefix=f".{region}."))
    try:
        text = yaml.safe_dump(profile, allow_unicode=True, sort_keys=False)
        (beside / PROFILE_FILE).write_text(text, "utf-8")
        for table in PACK_TABLES.values():
            if table.required:
                header = ",".join(column.name for column in table.columns if column.present)
                (beside / table.file).write_text(f"{header}\n", "utf-8")
        _write_searches(beside / SEARCHES.file, load_vocabulary(parameters / COMMON_FOLDER))
        _profile, faults = read_profile(beside / PROFILE_FILE, f"{region}/{PROFILE_FILE}")
        if faults:
            raise PackError(faults)
        beside.chmod(0o755)
        return beside.replace(parameters / region)
    except BaseException:
        for path in beside.glob("*"):
            path.unlink()
        beside.rmdir()
        raise


def _write_searches(path: Path, vocabulary: Vocabulary) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in SEARCHES.columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(_searches_to_make(vocabulary))
    path.write_text(text.getvalue(), "utf-8")
