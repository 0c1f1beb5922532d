"""Load, check and save a region pack: one folder of ``parameters/``, and the tables all regions share."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pydantic
import yaml
from pydantic import ConfigDict, Field

from eis_lib.folders import (  # noqa: F401 - who loads a pack finds here, too, where it lies
    COMMON_FOLDER,
    PROFILE_FILE,
    REGION_NAME,
    NoParametersError,
    PackError,
    RegionError,
    find_parameters,
    list_regions,
    region_folder,
)
from eis_lib.language import ENGLISH, LANGUAGES, Language, nearest_language
from eis_lib.settings import PARAMETERS, allowed_values, unknown_parameter
from eis_lib.tables import (
    COMMON_TABLES,
    PACK_TABLES,
    Fault,
    TableSchema,
    check_cells,
    check_references,
    empty_frame,
    nearest_of,
    to_frame,
)
from eis_lib.vocabulary import VOCABULARY_FILE, Vocabulary, VocabularyError, load_vocabulary

NUTS_VERSIONS = ("2003", "2006", "2010", "2013", "2016", "2021", "2024")


class ChangedOnDiskError(RuntimeError):
    """Raised when a file to be saved is no longer the one that was read."""


class Partner(pydantic.BaseModel):
    """An EIS partner organisation of the region."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(description="Name of the organisation")
    provider_id: str = Field("", description="Its row in providers.csv, where it has one")


class IndicatorArea(pydantic.BaseModel):
    """An area whose indicators may stand for the region."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str = Field(
        pattern=r"^([A-Z]{2}[0-9A-Z]{0,3}|EU[0-9_]+)$", description="NUTS code, country or EU aggregate"
    )
    version: str = Field("", description="NUTS version of the code; empty for countries and aggregates")
    note: str = Field("", description="How far the area stands for the region")


class RegionProfile(pydantic.BaseModel):
    """What ``region.yaml`` says of a region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="Name in English")
    name_native: str = Field(min_length=1, description="Name in its own language")
    nuts_code: str = Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$", description="a NUTS code such as DK04")
    nuts_version: str = Field(description=f"one of {', '.join(NUTS_VERSIONS)}")
    nuts_level: int = Field(ge=0, le=3, description="a whole number from 0 to 3")
    level: str = Field(min_length=1, description="the kind of area in words, e.g. county")
    country: str = Field(
        pattern=r"^[A-Z]{2}$", description="two capital letters, as Eurostat writes them (EL, UK)"
    )
    languages: tuple[str, ...] = Field(min_length=1, description="a list of two-letter language codes")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="three capital letters, e.g. EUR")
    population: int | None = Field(None, ge=0, description="a whole number, or nothing")
    population_year: int | None = Field(
        None, ge=1990, le=2035, description="a year from 1990 to 2035, or nothing"
    )
    population_source: str = Field("", description="where the figure comes from")
    review_date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a day as YYYY-MM-DD")
    policy_instrument: str = Field("", description="name of the policy instrument addressed")
    policy_instrument_kind: str = Field("", description="kind of the policy instrument")
    budget_eur: float | None = Field(None, ge=0, description="a number of euros, or nothing")
    budget_note: str = Field("", description="what the budget rests on")
    indicator_areas: tuple[IndicatorArea, ...] = Field(
        (), description="a list of {code, version, note}, nearest first"
    )
    partners: tuple[Partner, ...] = Field((), description="a list of {name, provider_id}")
    invented: bool = Field(default=False, description="true or false")
    note: str = Field("", description="text")
    language: Language = Field(ENGLISH, description=", ".join(LANGUAGES))
    steps: Mapping[str, Mapping[str, str]] = Field(
        default_factory=dict, description="step → parameter → value, see the parameters cell of each workbook"
    )

    @property
    def nuts_2_code(self) -> str:
        """Return the code of the NUTS 2 region: of a county, the region around it; nothing for an area of several.

        The first four characters of a NUTS code are its NUTS 2 region.
        """
        return self.nuts_code[:4] if self.nuts_level >= 2 else ""

    @property
    def review_year(self) -> int:
        """Return the year of the review date."""
        return int(self.review_date[:4])

    def step_parameters(self, step: str) -> dict[str, str]:
        """Return the parameters that ``region.yaml`` gives a step."""
        return {"language": self.language, **self.steps.get(step, {})}


@dataclass(frozen=True)
class Pack:
    """A checked region pack in memory.

    Attributes
    ----------
    id : str
        Name of the folder.
    region : RegionProfile
    tables : mapping of str to DataFrame
        Every table of :data:`~eis_lib.tables.PACK_TABLES`; an absent optional table is an empty typed frame.
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
        See :data:`~eis_lib.tables.COMMON_TABLES`.
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


# --- reading a file --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TableText:
    """The text of a CSV file, with each record's own bytes, so that a save can leave the others as they were.

    Attributes
    ----------
    header : tuple of str
    records : tuple of tuple of str
        The cells of each row.
    raw : tuple of str
        The text of each row as it stands in the file, line end included.
    head : str
        The text of the header row.
    sha256 : str
    """

    header: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    raw: tuple[str, ...]
    head: str
    sha256: str

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the cells as a frame of text; an empty cell is an empty string."""
        return pd.DataFrame(list(self.records), columns=list(self.header), dtype="str")


OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""What spreadsheets put between columns where a comma is the decimal mark."""


def read_table_text(path: Path, table: TableSchema, file: str) -> tuple[TableText | None, list[Fault]]:
    """Return the text of a CSV file and the faults of its form.

    Faults of form are: not UTF-8, empty, other separators than commas, a stray quotation mark, a row with too many or
    too few cells, a column that is missing, unknown or there twice. The text is ``None`` where it cannot be read as a table at all.
    """
    return _parse_table(path.read_bytes(), table, file)


def _parse_table(content: bytes, table: TableSchema, file: str) -> tuple[TableText | None, list[Fault]]:
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        return None, [
            Fault(
                file,
                row,
                "",
                f"holds the byte 0x{byte:02X}, which is not UTF-8",
                "a file saved as 'CSV UTF-8'",
            )
        ]
    if not text.strip():
        return None, [
            Fault(file, 0, "", "is empty", f"a header row: {', '.join(c.name for c in table.columns)}")
        ]
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        return None, [Fault(file, row, "", "holds a NUL, as no text does", "a file saved as 'CSV UTF-8'")]
    faults: list[Fault] = []
    consumed: list[str] = []
    lines = text.splitlines(keepends=True)
    for mark, between in OTHER_SEPARATORS.items():
        if mark in lines[0] and "," not in lines[0]:
            return None, [Fault(file, 1, "", f"has {between} between its columns", "commas")]

    def feed() -> Iterable[str]:
        for line in lines:
            consumed.append(line)
            yield line

    records: list[tuple[str, ...]] = []
    raw: list[str] = []
    quoting = (
        "quotation marks in pairs: a cell that holds one is enclosed in quotation marks, and the mark doubled"
    )
    reader = csv.reader(iter(feed()), strict=True)
    try:
        for cells in reader:
            record = "".join(consumed)
            consumed.clear()
            row = len(records) + 1
            if not any(cell.strip() for cell in cells):
                faults.append(Fault(file, row, "", "is a blank row", "rows with cells"))
            marked = sum(2 + 2 * cell.count('"') for cell in cells if '"' in cell)
            if record.count('"') < marked:
                cell = next(cell for cell in cells if '"' in cell)
                faults.append(
                    Fault(file, row, "", f"holds a stray quotation mark in '{_short(cell)}'", quoting)
                )
            records.append(tuple(cells))
            raw.append(record)
    except csv.Error:
        row = len(records) + 1
        rest = _short("".join(consumed).strip())
        return None, [*faults, Fault(file, row, "", f"holds a stray quotation mark in '{rest}'", quoting)]
    header = tuple(name.strip() for name in records[0])
    for index, record_cells in enumerate(records[1:], start=2):
        if len(record_cells) != len(header) and any(cell.strip() for cell in record_cells):
            faults.append(
                Fault(
                    file,
                    index,
                    "",
                    f"has {len(record_cells)} cells",
                    f"{len(header)} cells, as the header row has",
                )
            )
    known = [column.name for column in table.columns]
    for name in sorted({name for name in header if header.count(name) > 1}):
        faults.append(Fault(file, 1, name, "is there twice", "each column once"))
    for name in header:
        if name not in known:
            faults.append(
                Fault(
                    file, 1, name, "is not a column of this table", ", ".join(known), nearest_of(name, known)
                )
            )
    for column in table.columns:
        if column.present and column.name not in header:
            faults.append(Fault(file, 1, column.name, "is missing", "a header row with this column"))
    if faults:
        return None, faults
    return TableText(header, tuple(records[1:]), tuple(raw[1:]), raw[0], sha256), []


def _short(text: str, most: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


# --- region.yaml -----------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return a YAML value read as text with "nothing" as None; every scalar stays text until the profile types it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if _plain(item) is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value in {"", "null", "~", "Null", "NULL"} else value


def _lines_of(node: yaml.Node | None, prefix: str = "") -> dict[str, int]:
    lines: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            lines[name] = key.start_mark.line + 1
            lines.update(_lines_of(value, f"{name}."))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[f"{prefix}{index}"] = value.start_mark.line + 1
            lines.update(_lines_of(value, f"{prefix}{index}."))
    return lines


def _twice(node: yaml.Node | None, prefix: str = "") -> Iterable[tuple[str, int]]:
    """Give the keys that are there a second time, of which YAML would silently take the last, and their lines."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield f"{prefix}{key.value}", key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value, f"{prefix}{key.value}.")
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, f"{prefix}{index}.")


def _parsed(text: str) -> tuple[Any, yaml.Node | None]:
    """Return the data of a YAML text and its nodes; every loader raises what PyYAML's own says of a fault."""
    # the quick loader is not in every build of PyYAML
    with contextlib.suppress(yaml.YAMLError, AttributeError):
        return yaml.load(text, Loader=yaml.CBaseLoader), yaml.compose(text, Loader=yaml.CBaseLoader)  # noqa: S506
    return yaml.load(text, Loader=yaml.BaseLoader), yaml.compose(text, Loader=yaml.BaseLoader)  # noqa: S506


def read_profile(path: Path, file: str) -> tuple[RegionProfile | None, list[Fault]]:
    """Return what a ``region.yaml`` says, and its faults (line, key, what it holds, what is allowed)."""
    if path.is_dir():
        return None, [Fault(file, 0, "", "is a folder", "a file")]
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None, [Fault(file, 0, "", "is missing", "a file that says name, nuts_code, nuts_version, …")]
    except UnicodeDecodeError as error:
        return None, [Fault(file, 0, "", f"is not UTF-8 (byte {error.start})", "a file saved as UTF-8")]
    try:
        # every scalar as text: YAML would turn the country code NO into false
        data, node = _parsed(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", "cannot be read")
        if mark and text.splitlines()[mark.line][mark.column : mark.column + 1] == "\t":
            return None, [Fault(file, mark.line + 1, "", "is indented with a tab", "spaces")]
        return None, [
            Fault(file, mark.line + 1 if mark else 0, "", f"is not YAML: {problem}", "lines as 'key: value'")
        ]
    if not isinstance(data, dict):
        return None, [Fault(file, 0, "", "is empty", f"keys: {', '.join(RegionProfile.model_fields)}")]
    lines = _lines_of(node)
    faults = [Fault(file, line, key, "is there twice", "each key once") for key, line in _twice(node)]
    profile: RegionProfile | None = None
    try:
        profile = RegionProfile(**_plain(data))
    except pydantic.ValidationError as error:
        for problem in error.errors():
            faults.append(_profile_fault(problem, lines, file))
    steps = data.get("steps") or {}
    for step, values in steps.items() if isinstance(steps, dict) else []:
        line = lines.get(f"steps.{step}", 0)
        if step not in PARAMETERS:
            faults.append(
                Fault(
                    file,
                    line,
                    f"steps.{step}",
                    "is not a step",
                    ", ".join(PARAMETERS),
                    nearest_of(step, PARAMETERS),
                )
            )
            continue
        for name in values if isinstance(values, dict) else []:
            if name == "language":
                where = lines.get(f"steps.{step}.{name}", line)
                key = f"steps.{step}.{name}"
                faults.append(
                    Fault(file, where, key, "is for all steps", "the key 'language' beside 'steps'")
                )
            elif name not in PARAMETERS[step].model_fields:
                message = unknown_parameter(name, step, "key")
                faults.append(
                    Fault(
                        file, lines.get(f"steps.{step}.{name}", line), f"steps.{step}.{name}",
                        "is not a parameter of this step", message.split("Known: region, ")[-1].rstrip("."),
                        nearest_of(name, PARAMETERS[step].model_fields),
                    )
                )  # fmt: skip
        if not any(fault.column.startswith(f"steps.{step}.") for fault in faults):
            try:
                PARAMETERS[step](**(_plain(values) or {}))
            except pydantic.ValidationError as error:
                for problem in error.errors():
                    name = str(problem["loc"][0])
                    key = f"steps.{step}.{name}"
                    holds, allowed = f"holds '{_short(str(problem['input']))}'", allowed_values(step, name)
                    faults.append(Fault(file, lines.get(key, line), key, holds, allowed))
    if profile is not None:
        faults.extend(_profile_rules(profile, lines, file))
    return (None if faults else profile), faults


def _profile_fault(problem: Any, lines: Mapping[str, int], file: str) -> Fault:
    where = ".".join(map(str, problem["loc"]))
    top = str(problem["loc"][0])
    line = lines.get(where, lines.get(top, 0))
    known = list(RegionProfile.model_fields)
    if problem["type"] == "extra_forbidden":
        return Fault(
            file, line, where, "is not a key of region.yaml", ", ".join(known), nearest_of(where, known)
        )
    info = RegionProfile.model_fields.get(top)
    allowed = (info.description if info else None) or "text"
    if top == "language":
        near = nearest_language(str(problem["input"]))
        return Fault(file, line, where, f"holds '{_short(str(problem['input']))}'", allowed, near)
    holds = "is missing" if problem["type"] == "missing" else f"holds '{_short(str(problem['input']))}'"
    return Fault(file, line, where, holds, allowed)


def _profile_rules(profile: RegionProfile, lines: Mapping[str, int], file: str) -> list[Fault]:
    faults = []
    if profile.nuts_version not in NUTS_VERSIONS:
        faults.append(
            Fault(
                file, lines.get("nuts_version", 0), "nuts_version", f"holds '{profile.nuts_version}'",
                ", ".join(NUTS_VERSIONS), nearest_of(profile.nuts_version, NUTS_VERSIONS),
            )
        )  # fmt: skip
    if not profile.nuts_code.startswith(profile.country):
        faults.append(
            Fault(
                file, lines.get("nuts_code", 0), "nuts_code", f"holds '{profile.nuts_code}'",
                f"a code that begins with the country, {profile.country}",
            )
        )  # fmt: skip
    if len(profile.nuts_code) - 2 != profile.nuts_level:
        faults.append(
            Fault(
                file, lines.get("nuts_level", 0), "nuts_level", f"holds '{profile.nuts_level}'",
                f"{len(profile.nuts_code) - 2}, the level of {profile.nuts_code}",
            )
        )  # fmt: skip
    return faults


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


# --- saving ----------------------------------------------------------------------------------------------------


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it in, so that a killed process leaves old or new, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def format_record(cells: Sequence[str], line_end: str = "\n") -> str:
    """Return one CSV row with the fewest quotation marks."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=line_end).writerow(cells)
    return buffer.getvalue()


def _schema(table: str) -> TableSchema:
    return PACK_TABLES.get(table) or COMMON_TABLES[table]


def read_rows(folder: Path, table: str) -> tuple[list[dict[str, str]], str]:
    """Return the rows of a table as text, and the hash of the file, for somebody who is about to edit them.

    An absent table has no rows and the hash ``""``. For a table that all regions share, `folder` is ``_common``.

    Raises
    ------
    PackError
        If the file cannot be read as a table.
    """
    schema = _schema(table)
    path = folder / schema.file
    if not path.is_file():
        return [], ""
    text, faults = read_table_text(path, schema, f"{folder.name}/{schema.file}")
    if text is None:
        raise PackError(faults)
    return [dict(zip(text.header, cells, strict=True)) for cells in text.records], text.sha256


def check_rows(folder: Path, table: str, rows: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Return the faults a pack would have if `rows` stood in its table, in the words of ``eis check``."""
    text = _text_of(PACK_TABLES[table], rows, None)
    return _check(folder, {table: text})[3]


def save_rows(folder: Path, table: str, rows: Sequence[Mapping[str, str]], read: str) -> str:
    """Save the rows of a table, and return the hash of the new file.

    Rows that did not change keep their bytes and their order, so that a difference shows the edit alone. A column
    that only optional cells need is added at the end when a row fills it.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``; ``parameters/_common`` for a table that all regions share.
    table : str
        Name of the table.
    rows : sequence of mapping
        Column → text, in the order in which they are to stand.
    read : str
        Hash that :func:`read_rows` gave; the file is not touched if it has changed meanwhile.

    Raises
    ------
    ChangedOnDiskError
        If somebody else saved the file meanwhile.
    PackError
        If the pack would have faults; nothing is written then.
    """
    schema = _schema(table)
    path = folder / schema.file
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    if now != read:
        raise ChangedOnDiskError(
            f"{folder.name}/{schema.file} was changed by somebody else since it was read; nothing was saved. "
            "Read it again and repeat the edit."
        )
    before = None
    if path.is_file():
        before, _faults = read_table_text(path, schema, schema.file)
    text = _text_of(schema, rows, before)
    if table in COMMON_TABLES:
        faults = _read_tables(folder, COMMON_TABLES, load_vocabulary(folder), {table: text})[1]
    else:
        faults = _check(folder, {table: text})[3]
    if faults:
        raise PackError(faults)
    mark = b"\xef\xbb\xbf" if before is not None and path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    content = mark + (text.head + "".join(text.raw)).encode("utf-8")
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def _text_of(schema: TableSchema, rows: Sequence[Mapping[str, str]], before: TableText | None) -> TableText:
    """Return rows as the text of a file; those that stood in `before` keep the bytes they had there."""
    had = before.header if before else tuple(column.name for column in schema.columns if column.present)
    added = [c.name for c in schema.columns if c.name not in had and any(row.get(c.name) for row in rows)]
    header = (*had, *added)
    line_end = "\r\n" if before and before.head.endswith("\r\n") else "\n"
    head = before.head.rstrip("\r\n") if before else ",".join(had)
    head += "".join(f",{name}" for name in added) + line_end
    known: dict[tuple[str, ...], list[str]] = {}
    for cells, raw in zip(before.records, before.raw, strict=True) if before else ():
        known.setdefault(cells, []).append(raw.rstrip("\r\n"))
    records, raws = [], []
    for row in rows:
        cells = tuple(str(row.get(name, "") or "") for name in header)
        old = known.get(cells[: len(had)])
        # the empty first cell brings the comma, and keeps a lone empty cell from being written as ""
        extra = format_record(("", *cells[len(had) :]), "") if added else ""
        start = old.pop(0) if old else format_record(cells[: len(had)], "")
        records.append(cells)
        raws.append(start + extra + line_end)
    return TableText(header, tuple(records), tuple(raws), head, "")


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
    """Write a valid, nearly empty pack: ``region.yaml`` and the headers of the required tables; return its folder.

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
    if not REGION_NAME.fullmatch(region):
        raise RegionError(
            f"'{region}' cannot be the name of a region: use lower-case letters, digits and '-', e.g. 'north-savo'."
        )
    if (parameters / region).exists():
        raise RegionError(f"there is a folder '{region}' already; nothing was written.")
    profile = {
        "name": name,
        "name_native": name_native or name,
        "nuts_code": nuts_code,
        "nuts_version": nuts_version,
        "nuts_level": str(len(nuts_code) - 2),
        "level": level or f"NUTS {len(nuts_code) - 2} region",
        "country": nuts_code[:2],
        "languages": list(languages),
        "currency": currency,
        "review_date": review_date,
        "indicator_areas": [
            {"code": nuts_code, "version": nuts_version},
            *([{"code": nuts_code[:2]}] if len(nuts_code) > 2 else []),
        ],
        **more,
    }
    beside = Path(tempfile.mkdtemp(dir=parameters, prefix=f".{region}."))
    try:
        text = yaml.safe_dump(profile, allow_unicode=True, sort_keys=False)
        (beside / PROFILE_FILE).write_text(text, "utf-8")
        for table in PACK_TABLES.values():
            if table.required:
                header = ",".join(column.name for column in table.columns if column.present)
                (beside / table.file).write_text(f"{header}\n", "utf-8")
        _profile, faults = read_profile(beside / PROFILE_FILE, f"{region}/{PROFILE_FILE}")
        if faults:
            raise PackError(faults)
        beside.chmod(0o755)
        beside.replace(parameters / region)
    except BaseException:
        for path in beside.glob("*"):
            path.unlink()
        beside.rmdir()
        raise
    return parameters / region


def check_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Fault]:
    """Return the faults a pack would have if all of `tables` (name → rows) stood in it at once."""
    return _check(folder, {name: _text_of(PACK_TABLES[name], rows, None) for name, rows in tables.items()})[3]


def replace_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Put whole tables into a pack, all of them or none.

    The pack is written anew beside its place and moved in. Rows that did not change keep their bytes.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``, which must exist.
    tables : mapping
        Table name → rows (column → text).

    Raises
    ------
    PackError
        If the pack would have faults; nothing is written then.
    """
    faults = check_tables(folder, tables)
    if faults:
        raise PackError(faults)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    old = folder.with_name(f".{folder.name}.old")
    try:
        shutil.copytree(folder, beside, dirs_exist_ok=True)
        for name, rows in tables.items():
            schema = PACK_TABLES[name]
            path = folder / schema.file
            before = read_table_text(path, schema, schema.file)[0] if path.is_file() else None
            text = _text_of(schema, rows, before)
            (beside / schema.file).write_text(text.head + "".join(text.raw), "utf-8", newline="")
        beside.chmod(0o755)
        folder.replace(old)
        beside.replace(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(beside, ignore_errors=True)
        raise
    shutil.rmtree(old)
