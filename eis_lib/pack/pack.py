"""Load, check and save a region pack: one folder of ``parameters/``, and the tables all regions share."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from eis_lib.pack.common_tables import COMMON_TABLES, impossible_needs, missing_ages
from eis_lib.pack.csv_text import TableText
from eis_lib.pack.folders import COMMON_FOLDER, LAYERS_FOLDER, PROFILE_FILE, PackError
from eis_lib.pack.frames import column_or_missing, empty_frame, to_frame
from eis_lib.pack.layers import LAYER_FILE, Layer, list_layers, with_layers
from eis_lib.pack.profile import RegionProfile
from eis_lib.pack.reading import (
    ReadLayer,
    ReadPack,
    read_if_sound,
    read_layer,
    read_pack,
    read_tables,
    unknown_files,
)
from eis_lib.pack.schema import Fault
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary, VocabularyError, load_vocabulary


@dataclass(frozen=True)
class Pack:
    """A checked region pack in memory.

    Attributes
    ----------
    id : str
        Name of the folder.
    region : RegionProfile
    tables : mapping of str to DataFrame
        Every table of :data:`~eis_lib.pack.tables.PACK_TABLES`; an absent optional table is an empty typed frame. Those
        that layers hold have the column ``layer``: whose a row is, empty for the region's own.
    present : frozenset of str
        Names of the tables the pack, or a layer of its region, really has a file for.
    sha256 : mapping of str to str
        File within ``parameters/``, e.g. ``donegal/services.csv`` or ``_layers/eu/services.csv``, → hash of its bytes,
        for every file that a review rests on.
    layers : tuple of Layer
        The layers of the region.
    """

    id: str
    region: RegionProfile
    tables: Mapping[str, pd.DataFrame]
    present: frozenset[str]
    sha256: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()

    def has(self, table: str) -> bool:
        """Return whether the pack has a file for `table` with at least one row."""
        return table in self.present and not self.tables[table].empty

    def own(self, table: str) -> pd.DataFrame:
        """Return the rows of a table that are the region's own."""
        return self._whose(table, own=True)

    def lent(self, table: str) -> pd.DataFrame:
        """Return the rows of a table that the region has from its layers; ``layer`` says from which."""
        return self._whose(table, own=False)

    def _whose(self, table: str, *, own: bool) -> pd.DataFrame:
        frame = self.tables[table]
        layers = column_or_missing(frame, "layer").fillna("")
        return frame[layers.eq("") == own]

    @property
    def providers(self) -> pd.DataFrame:
        """Return the organisations; key ``provider_id``."""
        return self.tables["providers"]

    @property
    def services(self) -> pd.DataFrame:
        """Return the services; key ``service_id``."""
        return self.tables["services"]

    @property
    def policies(self) -> pd.DataFrame:
        """Return the policies; key ``policy_id``."""
        return self.tables["policies"]

    @property
    def good_practices(self) -> pd.DataFrame:
        """Return the good practices; key ``practice_id``."""
        return self.tables["good_practices"]

    @property
    def actions(self) -> pd.DataFrame:
        """Return the actions; key ``action_id``."""
        return self.tables["actions"]

    @property
    def referrals(self) -> pd.DataFrame:
        """Return the ways from service to service; key (``from_service``, ``to_service``)."""
        return self.tables["referrals"]

    @property
    def relations(self) -> pd.DataFrame:
        """Return how services stand to one another; key (``service_id``, ``other_service``, ``relation``)."""
        return self.tables["relations"]

    @property
    def codings(self) -> pd.DataFrame:
        """Return what coders read out of services; key (``service_id``, ``coder``)."""
        return self.tables["codings"]

    @property
    def searches(self) -> pd.DataFrame:
        """Return where it was looked for what; key ``search_id``."""
        return self.tables["searches"]

    @property
    def governance(self) -> pd.DataFrame:
        """Return the roles organisations hold; key ``governance_id``."""
        return self.tables["governance"]

    @property
    def assessments(self) -> pd.DataFrame:
        """Return the judgements of policies; key ``assessment_id``."""
        return self.tables["assessments"]

    @property
    def coherence(self) -> pd.DataFrame:
        """Return how policies act on one another; key (``policy_from``, ``policy_to``, ``rater``)."""
        return self.tables["coherence"]

    @property
    def peer_reviews(self) -> pd.DataFrame:
        """Return the remarks of peers; key ``review_id``."""
        return self.tables["peer_reviews"]

    @property
    def measurements(self) -> pd.DataFrame:
        """Return the monitored values; key (``indicator_id``, ``period``)."""
        return self.tables["measurements"]

    @property
    def decisions(self) -> pd.DataFrame:
        """Return what people decided; key ``decision_id``."""
        return self.tables["decisions"]

    @property
    def sign_offs(self) -> pd.DataFrame:
        """Return what outside reviewers said of the results; key ``sign_off_id``."""
        return self.tables["sign_offs"]


@dataclass(frozen=True)
class Common:
    """The tables all regions share, checked.

    Attributes
    ----------
    barriers, indicators, personas, support_type_barriers, related_support_types, impossible_needs, ages : DataFrame
        See :data:`~eis_lib.pack.common_tables.COMMON_TABLES`.
    vocabulary : Vocabulary
    sha256 : mapping of str to str
        File name → hash of its bytes.
    """

    barriers: pd.DataFrame
    indicators: pd.DataFrame
    personas: pd.DataFrame
    support_type_barriers: pd.DataFrame
    related_support_types: pd.DataFrame
    impossible_needs: pd.DataFrame
    ages: pd.DataFrame
    vocabulary: Vocabulary
    sha256: Mapping[str, str]


# --- packs -----------------------------------------------------------------------------------------------------


def check_pack(folder: Path) -> list[Fault]:
    """Return every fault of a region pack, sorted by file, row and column; an empty list means it is sound.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``; the vocabularies are read from ``_common`` beside it.
    """
    return list(read_pack(folder).faults)


class _Frames(Mapping[str, pd.DataFrame]):
    """The typed frames of a pack's tables, each made when it is first asked for: of a peer hardly any is."""

    def __init__(self, texts: Mapping[str, TableText], country: str, layers: Iterable[ReadLayer]) -> None:
        self._texts = texts
        self._own: dict[str, pd.DataFrame] = {}
        self._made: dict[str, pd.DataFrame] = {}
        self.layers = tuple(
            Layer(layer.name, layer.profile, layer.texts, country, self._own_frame) for layer in layers
        )

    def _own_frame(self, name: str) -> pd.DataFrame:
        if name not in self._own:
            schema, text = PACK_TABLES[name], self._texts.get(name)
            self._own[name] = empty_frame(schema) if text is None else to_frame(schema, text.frame)
        return self._own[name]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = with_layers(name, self._own_frame(name), self.layers)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PACK_TABLES)

    def __len__(self) -> int:
        return len(PACK_TABLES)


def load_pack(folder: Path, checked: Collection[str] = ()) -> Pack:
    """Return a checked region pack, with what the region has from its layers.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``.
    checked : collection of str
        Hashes of tables that have been checked, with these same bytes and beside one another, and found sound: a run
        checks a pack once, and not again in each of its notebooks.

    Raises
    ------
    PackError
        With all faults, if there are any.
    """
    return pack_of(folder, read_if_sound(folder, checked) or read_pack(folder, checked=checked))


def pack_of(folder: Path, read: ReadPack) -> Pack:
    """Return a pack that has been read.

    Raises
    ------
    PackError
        With all faults, if there are any.
    """
    if read.faults or read.profile is None:
        raise PackError(read.faults)
    present = {*read.texts, *(name for layer in read.layers for name in layer.texts)}
    tables = _Frames(read.texts, read.profile.country, read.layers)
    return Pack(folder.name, read.profile, tables, frozenset(present), _hashes(folder, read), tables.layers)


def _hashes(folder: Path, read: ReadPack) -> dict[str, str]:
    """Return file within ``parameters/`` → hash, for every file that a review rests on: of the bytes that were read."""
    parameters = folder.parent
    places = [(folder, PROFILE_FILE, read.sha256)]
    places += [(parameters / LAYERS_FOLDER / layer.name, LAYER_FILE, layer.sha256) for layer in read.layers]
    found: dict[str, str] = {}
    for place, profile, tables in places:
        name = place.relative_to(parameters).as_posix()
        found |= {
            f"{name}/{table}.csv": sha
            for table, sha in tables.items()
            if not PACK_TABLES[table].about_results
        }
        found[f"{name}/{profile}"] = hashlib.sha256((place / profile).read_bytes()).hexdigest()
    return found


def _check_common(
    parameters: Path, checked: Collection[str] = ()
) -> tuple[dict[str, TableText], Vocabulary | None, list[Fault]]:
    folder = parameters / COMMON_FOLDER
    try:
        vocabulary = load_vocabulary(folder)
    except VocabularyError as error:
        return {}, None, [Fault(COMMON_FOLDER, 0, "", str(error), "a readable vocabularies.csv")]
    texts, faults = read_tables(folder, COMMON_TABLES, vocabulary, checked=checked)
    faults += unknown_files(folder, COMMON_TABLES, ["vocabularies.csv"])
    if {"personas", "impossible_needs"} <= texts.keys():
        file = f"{folder.name}/personas.csv"
        faults += impossible_needs(texts["personas"].frame, texts["impossible_needs"].frame, file)
    if "ages" in texts:
        faults += missing_ages(texts["ages"].frame, f"{folder.name}/ages.csv")
    return texts, vocabulary, sorted(faults)


def read_common(parameters: Path) -> tuple[Common | None, list[Fault]]:
    """Return the tables all regions share, None where they have faults, and every fault of them and of the layers.

    All layers are looked at, also one that no region has.
    """
    texts, vocabulary, faults = _check_common(parameters)
    if vocabulary is None:
        return None, faults
    common = None if faults else _common_of(texts, vocabulary)
    for name in list_layers(parameters):
        faults += read_layer(parameters / LAYERS_FOLDER / name, vocabulary)[1]
    return common, sorted(set(faults))


def check_common(parameters: Path) -> list[Fault]:
    """Return every fault of the tables all regions share, and of the layers, of which some region may have none."""
    return read_common(parameters)[1]


def _common_of(texts: Mapping[str, TableText], vocabulary: Vocabulary) -> Common:
    frames = {name: to_frame(COMMON_TABLES[name], text.frame) for name, text in texts.items()}
    sha256 = {f"{name}.csv": text.sha256 for name, text in texts.items()}
    sha256["vocabularies.csv"] = vocabulary.sha256
    return Common(vocabulary=vocabulary, sha256=sha256, **frames)


def load_common(parameters: Path, checked: Collection[str] = ()) -> Common:
    """Return the tables all regions share.

    Parameters
    ----------
    parameters : Path
        Folder of region packs.
    checked : collection of str
        Hashes of tables that need no check, as for :func:`load_pack`.

    Raises
    ------
    PackError
        With all faults, if there are any.
    """
    texts, vocabulary, faults = _check_common(parameters, checked)
    if faults or vocabulary is None:
        raise PackError(faults)
    return _common_of(texts, vocabulary)
