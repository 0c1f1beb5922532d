"""The text of packs, layers and shared tables as their files have it, with every fault of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eis_lib.pack.checks import check_cells, check_references
from eis_lib.pack.csv_text import TableText, _parse_table, read_table_text
from eis_lib.pack.folders import COMMON_FOLDER, LAYERS_FOLDER, PROFILE_FILE, PackError
from eis_lib.pack.layers import (
    LAYER_FILE,
    LAYER_TABLES,
    LayerProfile,
    collisions,
    list_layers,
    read_layer_profile,
    unknown_layers,
)
from eis_lib.pack.profile import RegionProfile, read_profile
from eis_lib.pack.schema import Fault, TableSchema, nearest_of
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import VOCABULARY_FILE, Vocabulary, VocabularyError, load_vocabulary


def read_tables(
    folder: Path,
    schemas: Mapping[str, TableSchema],
    vocabulary: Vocabulary,
    instead: Mapping[str, TableText] | None = None,
    checked: Collection[str] = (),
    more_keys: Mapping[str, set[str]] | None = None,
) -> tuple[dict[str, TableText], list[Fault]]:
    """Return the tables of a folder as text, and their faults.

    Parameters
    ----------
    folder : Path
    schemas : mapping
        The tables it may hold.
    vocabulary : Vocabulary
    instead : mapping, optional
        Table → text that stands for what the file has: an edit that is not saved yet.
    checked : collection of str
        Hashes of tables, and of the code lists, that need no check.
    more_keys : mapping, optional
        Table → keys of other folders, at which a reference may point as well.
    """
    texts: dict[str, TableText] = {}
    faults: list[Fault] = []
    unreadable: set[str] = set()
    if vocabulary.sha256 not in checked:  # what was sound by other code lists has to be checked by these
        checked = ()
    for table in schemas.values():
        path = folder / table.file
        file = f"{folder.name}/{table.file}"
        if instead and table.name in instead:
            texts[table.name] = instead[table.name]
            faults.extend(check_cells(table, texts[table.name].frame, vocabulary, file))
            continue
        if path.is_dir():
            faults.append(Fault(file, 0, "", "is a folder", "a file"))
            unreadable.add(table.name)
            continue
        if not path.is_file():
            if table.required:
                faults.append(Fault(file, 0, "", "is missing", f"a table: {table.about}"))
                unreadable.add(table.name)
            continue
        text, problems = read_table_text(path, table, file)
        faults.extend(problems)
        if text is None:
            unreadable.add(table.name)
        else:
            texts[table.name] = text
            if text.sha256 not in checked:
                faults.extend(check_cells(table, text.frame, vocabulary, file))
    if not all(text.sha256 in checked for text in texts.values()):
        faults += _dangling(folder, schemas, texts, unreadable, more_keys or {})
    return texts, faults


def _dangling(
    folder: Path,
    schemas: Mapping[str, TableSchema],
    texts: Mapping[str, TableText],
    unreadable: Collection[str],
    more_keys: Mapping[str, set[str]],
) -> list[Fault]:
    """Return a fault for each reference that points at no row."""
    keys = {
        name: set(text.frame[schemas[name].key[0]]) | more_keys.get(name, set())
        for name, text in texts.items()
    }
    faults: list[Fault] = []
    for name, text in texts.items():
        # a table that cannot be read has its own fault; its keys are unknown, not absent
        pointing = [c for c in schemas[name].columns if not (c.kind == "reference" and c.table in unreadable)]
        table = TableSchema(name, "", schemas[name].key, tuple(pointing))
        faults += check_references(table, text.frame, keys, f"{folder.name}/{name}.csv")
    return faults


def unknown_files(
    folder: Path, schemas: Mapping[str, TableSchema], others: Iterable[str] = ()
) -> list[Fault]:
    """Return a fault for each table in a folder that it should not hold."""
    known = [table.file for table in schemas.values()] + list(others)
    return [
        Fault(
            f"{folder.name}/{path.name}",
            0,
            "",
            "is not a table",
            ", ".join(known),
            nearest_of(path.name, known),
        )
        for path in sorted(folder.glob("*.csv"))
        if path.name not in known
    ]


@dataclass(frozen=True)
class ReadLayer:
    """A layer as it stands in its folder."""

    name: str
    profile: LayerProfile
    texts: Mapping[str, TableText]
    sha256: Mapping[str, str]

    @property
    def keys(self) -> dict[str, set[str]]:
        """Return table → keys, at which tables of a pack may point."""
        return {name: set(text.frame[PACK_TABLES[name].key[0]]) for name, text in self.texts.items()}


def read_layer(
    folder: Path, vocabulary: Vocabulary, checked: Collection[str] = ()
) -> tuple[ReadLayer | None, list[Fault]]:
    """Return a layer and its faults."""
    profile, faults = read_layer_profile(folder / LAYER_FILE, f"{LAYERS_FOLDER}/{folder.name}/{LAYER_FILE}")
    texts, table_faults = read_tables(folder, LAYER_TABLES, vocabulary, checked=checked)
    faults += [
        replace(fault, file=f"{LAYERS_FOLDER}/{fault.file}")
        for fault in (*table_faults, *unknown_files(folder, LAYER_TABLES))
    ]
    if profile is None or faults:
        return None, faults
    return ReadLayer(folder.name, profile, texts, {name: text.sha256 for name, text in texts.items()}), []


def _read_layers(
    parameters: Path, names: Iterable[str], vocabulary: Vocabulary, file: str, checked: Collection[str]
) -> tuple[list[ReadLayer], list[Fault]]:
    faults = unknown_layers(parameters, names, file)
    found = []
    for name in names:
        if name in list_layers(parameters):
            layer, problems = read_layer(parameters / LAYERS_FOLDER / name, vocabulary, checked)
            faults += problems
            found += [layer] if layer else []
    return found, faults


@dataclass(frozen=True)
class ReadPack:
    """A pack as its files have it, with its faults."""

    profile: RegionProfile | None
    texts: Mapping[str, TableText]
    layers: Sequence[ReadLayer]
    faults: Sequence[Fault]
    sha256: Mapping[str, str]


def read_pack(
    folder: Path, instead: Mapping[str, TableText] | None = None, checked: Collection[str] = ()
) -> ReadPack:
    """Return a pack with its layers as text, every cell looked at."""
    try:
        vocabulary = load_vocabulary(folder.parent / COMMON_FOLDER)
    except VocabularyError as error:
        return ReadPack(
            None, {}, (), [Fault(COMMON_FOLDER, 0, "", str(error), "a readable vocabularies.csv")], {}
        )
    file = f"{folder.name}/{PROFILE_FILE}"
    profile, faults = read_profile(folder / PROFILE_FILE, file)
    names = profile.layers if profile else ()
    layers, layer_faults = _read_layers(folder.parent, names, vocabulary, file, checked)
    more_keys: dict[str, set[str]] = {}
    for layer in layers:
        for name, keys in layer.keys.items():
            more_keys.setdefault(name, set()).update(keys)
    texts, table_faults = read_tables(folder, PACK_TABLES, vocabulary, instead, checked, more_keys)
    faults = [*faults, *layer_faults, *table_faults, *_faults_around(folder, profile, texts)]
    for layer in layers:
        faults += collisions(texts, layer.name, layer.keys, folder.name)
    hashes = {name: text.sha256 for name, text in texts.items()}
    return ReadPack(profile, texts, layers, sorted(set(faults)), hashes)


def _faults_around(
    folder: Path, profile: RegionProfile | None, texts: Mapping[str, TableText]
) -> list[Fault]:
    """Return the faults of a pack that stand in none of its tables: files it should not hold, partners it does not list."""
    faults = unknown_files(folder, PACK_TABLES)
    named = [partner.provider_id for partner in profile.partners if partner.provider_id] if profile else []
    if named and "providers" in texts:
        known = set(texts["providers"].frame["provider_id"])
        faults += [
            Fault(
                f"{folder.name}/{PROFILE_FILE}", 0, "partners",
                f"holds '{provider}', which providers.csv does not list",
                "a key of providers.csv", nearest_of(provider, known),
            )
            for provider in named
            if provider not in known
        ]  # fmt: skip
    return faults


class _SoundTables(Mapping[str, TableText]):
    """The texts of tables that were found sound, each parsed when it is first asked for."""

    def __init__(self, folder: str, contents: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._contents = contents
        self._parsed: dict[str, TableText] = {}

    def __getitem__(self, name: str) -> TableText:
        if name not in self._parsed:
            schema = PACK_TABLES[name]
            text, faults = _parse_table(self._contents[name], schema, f"{self._folder}/{schema.file}")
            if text is None:
                raise PackError(faults)
            self._parsed[name] = text
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)


def _sound_tables(
    folder: Path, schemas: Mapping[str, TableSchema], checked: Collection[str]
) -> dict[str, bytes] | None:
    """Return the bytes of a folder's tables, if all of them have been checked."""
    files = {
        table.name: folder / table.file
        for table in schemas.values()
        if table.required or (folder / table.file).exists()
    }
    if not all(path.is_file() for path in files.values()):
        return None
    contents = {name: path.read_bytes() for name, path in files.items()}
    return contents if all(mark in checked for mark in _hashes(contents).values()) else None


def _hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def read_if_sound(folder: Path, checked: Collection[str]) -> ReadPack | None:
    """Return a pack without looking at its tables, if all of them have been checked by the code lists there are."""
    vocabulary = folder.parent / COMMON_FOLDER / VOCABULARY_FILE
    if not checked or not vocabulary.is_file():
        return None
    contents = _sound_tables(folder, PACK_TABLES, checked)
    if contents is None or hashlib.sha256(vocabulary.read_bytes()).hexdigest() not in checked:
        return None
    profile, faults = read_profile(folder / PROFILE_FILE, f"{folder.name}/{PROFILE_FILE}")
    texts = _SoundTables(folder.name, contents)
    layers = []
    for name in profile.layers if profile else ():
        place = folder.parent / LAYERS_FOLDER / name
        about, problems = read_layer_profile(place / LAYER_FILE, f"{LAYERS_FOLDER}/{name}/{LAYER_FILE}")
        rows = _sound_tables(place, LAYER_TABLES, checked)
        if about is None or rows is None:
            return None
        faults += problems
        layers.append(ReadLayer(name, about, _SoundTables(f"{LAYERS_FOLDER}/{name}", rows), _hashes(rows)))
    faults = sorted({*faults, *_faults_around(folder, profile, texts)})
    return ReadPack(profile, texts, layers, faults, _hashes(contents))
