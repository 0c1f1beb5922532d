"""Load, check and save a region pack: one folder of ``parameters/``, and the tables all regions share."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from eis_lib.pack.checks import check_cells, check_references
from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.csv_text import TableText, _parse_table, read_table_text
from eis_lib.pack.folders import COMMON_FOLDER, PROFILE_FILE, PackError
from eis_lib.pack.frames import empty_frame, to_frame
from eis_lib.pack.profile import RegionProfile, read_profile
from eis_lib.pack.schema import Fault, TableSchema, nearest_of
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import VOCABULARY_FILE, Vocabulary, VocabularyError, load_vocabulary


@dataclass(frozen=True)
class Pack:
    """A checked region pack in memory.

    Attributes
    ----------
    id : str
        Name of the folder.
    region : RegionProfile
    tables : mapping of str to DataFrame
        Every table of :data:`~eis_lib.pack.tables.PACK_TABLES`; an absent optional table is an empty typed frame.
    present : frozenset of str
        Names of the tables the pack really has a file for.
    sha256 : mapping of str to str
        File name within the pack → hash of its bytes, for every file that a review rests on.
    """

    id: str
    region: RegionProfile
    tables: Mapping[str, pd.DataFrame]
    present: frozenset[str]
    sha256: Mapping[str, str] = field(default_factory=dict)

    def has(self, table: str) -> bool:
        """Return whether the pack has a file for `table` with at least one row."""
        return table in self.present and not self.tables[table].empty

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
    barriers, indicators, personas, support_type_barriers : DataFrame
        See :data:`~eis_lib.pack.common_tables.COMMON_TABLES`.
    vocabulary : Vocabulary
    sha256 : mapping of str to str
        File name → hash of its bytes.
    """

    barriers: pd.DataFrame
    indicators: pd.DataFrame
    personas: pd.DataFrame
    support_type_barriers: pd.DataFrame
    vocabulary: Vocabulary
    sha256: Mapping[str, str]


# --- packs -----------------------------------------------------------------------------------------------------


def _read_tables(
    folder: Path,
    schemas: Mapping[str, TableSchema],
    vocabulary: Vocabulary,
    instead: Mapping[str, TableText] | None = None,
    checked: Collection[str] = (),
) -> tuple[dict[str, TableText], list[Fault]]:
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
    if all(text.sha256 in checked for text in texts.values()):
        return texts, faults
    keys = {name: set(text.frame[schemas[name].key[0]]) for name, text in texts.items()}
    for name, text in texts.items():
        # a table that cannot be read has its own fault; its keys are unknown, not absent
        pointing = [c for c in schemas[name].columns if not (c.kind == "reference" and c.table in unreadable)]
        table = TableSchema(name, "", schemas[name].key, tuple(pointing))
        faults.extend(check_references(table, text.frame, keys, f"{folder.name}/{name}.csv"))
    return texts, faults


def _unknown_files(
    folder: Path, schemas: Mapping[str, TableSchema], others: Iterable[str] = ()
) -> list[Fault]:
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


def _check(
    folder: Path, instead: Mapping[str, TableText] | None = None, checked: Collection[str] = ()
) -> tuple[RegionProfile | None, dict[str, TableText], Vocabulary | None, list[Fault]]:
    try:
        vocabulary = load_vocabulary(folder.parent / COMMON_FOLDER)
    except VocabularyError as error:
        return None, {}, None, [Fault(COMMON_FOLDER, 0, "", str(error), "a readable vocabularies.csv")]
    profile, faults = read_profile(folder / PROFILE_FILE, f"{folder.name}/{PROFILE_FILE}")
    texts, table_faults = _read_tables(folder, PACK_TABLES, vocabulary, instead, checked)
    faults = [*faults, *table_faults, *_faults_around(folder, profile, texts)]
    return profile, texts, vocabulary, sorted(set(faults))


def _faults_around(
    folder: Path, profile: RegionProfile | None, texts: Mapping[str, TableText]
) -> list[Fault]:
    """Return the faults of a pack that stand in none of its tables: files it should not hold, partners it does not list."""
    faults = _unknown_files(folder, PACK_TABLES)
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


def check_pack(folder: Path) -> list[Fault]:
    """Return every fault of a region pack, sorted by file, row and column; an empty list means it is sound.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``; the vocabularies are read from ``_common`` beside it.
    """
    return _check(folder)[3]


class _Frames(Mapping[str, pd.DataFrame]):
    """The typed frames of a pack's tables, each made when it is first asked for: of a peer hardly any is."""

    def __init__(self, texts: Mapping[str, TableText]) -> None:
        self._texts = texts
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            schema = PACK_TABLES[name]
            text = self._texts.get(name)
            self._made[name] = empty_frame(schema) if text is None else to_frame(schema, text.frame)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PACK_TABLES)

    def __len__(self) -> int:
        return len(PACK_TABLES)


class _SoundTables(Mapping[str, TableText]):
    """The texts of tables that were found sound, each parsed when it is first asked for."""

    def __init__(self, folder: Path, contents: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._contents = contents
        self._parsed: dict[str, TableText] = {}

    def __getitem__(self, name: str) -> TableText:
        if name not in self._parsed:
            schema = PACK_TABLES[name]
            text, faults = _parse_table(self._contents[name], schema, f"{self._folder.name}/{schema.file}")
            if text is None:
                raise PackError(faults)
            self._parsed[name] = text
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)


def _contents_if_sound(
    folder: Path, checked: Collection[str]
) -> tuple[dict[str, bytes], dict[str, str]] | None:
    """Return the bytes of a pack's tables and their hashes, if all of them have been checked by the code lists there are."""
    vocabulary = folder.parent / COMMON_FOLDER / VOCABULARY_FILE
    files = {
        table.name: folder / table.file
        for table in PACK_TABLES.values()
        if table.required or (folder / table.file).exists()
    }
    if not checked or not all(path.is_file() for path in (vocabulary, *files.values())):
        return None
    contents = {name: path.read_bytes() for name, path in files.items()}
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    code_lists = hashlib.sha256(vocabulary.read_bytes()).hexdigest()
    return (contents, sha256) if all(mark in checked for mark in (code_lists, *sha256.values())) else None


def load_pack(folder: Path, checked: Collection[str] = ()) -> Pack:
    """Return a checked region pack.

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
    sound = _contents_if_sound(folder, checked)
    texts: Mapping[str, TableText]
    if sound is None:
        profile, texts, _vocabulary, faults = _check(folder, checked=checked)
        hashes = {name: text.sha256 for name, text in texts.items()}
    else:
        profile, faults = read_profile(folder / PROFILE_FILE, f"{folder.name}/{PROFILE_FILE}")
        texts, hashes = _SoundTables(folder, sound[0]), sound[1]
        faults = sorted({*faults, *_faults_around(folder, profile, texts)})
    if faults or profile is None:
        raise PackError(faults)
    sha256 = {f"{name}.csv": mark for name, mark in hashes.items() if not PACK_TABLES[name].about_results}
    sha256[PROFILE_FILE] = hashlib.sha256((folder / PROFILE_FILE).read_bytes()).hexdigest()
    return Pack(folder.name, profile, _Frames(texts), frozenset(texts), sha256)


def _check_common(
    parameters: Path, checked: Collection[str] = ()
) -> tuple[dict[str, TableText], Vocabulary | None, list[Fault]]:
    folder = parameters / COMMON_FOLDER
    try:
        vocabulary = load_vocabulary(folder)
    except VocabularyError as error:
        return {}, None, [Fault(COMMON_FOLDER, 0, "", str(error), "a readable vocabularies.csv")]
    texts, faults = _read_tables(folder, COMMON_TABLES, vocabulary, checked=checked)
    return texts, vocabulary, sorted([*faults, *_unknown_files(folder, COMMON_TABLES, ["vocabularies.csv"])])


def check_common(parameters: Path) -> list[Fault]:
    """Return every fault of the tables all regions share."""
    return _check_common(parameters)[2]


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
    frames = {name: to_frame(COMMON_TABLES[name], text.frame) for name, text in texts.items()}
    sha256 = {f"{name}.csv": text.sha256 for name, text in texts.items()}
    sha256["vocabularies.csv"] = vocabulary.sha256
    return Common(vocabulary=vocabulary, sha256=sha256, **frames)
