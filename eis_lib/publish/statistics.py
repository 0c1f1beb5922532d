"""Indicators live: ``_common/indicators.csv`` refreshed from Eurostat, or left exactly as it was.

Everything is read and checked first; then new periods are added and changed values replaced, in one write. Rows that
did not change keep their bytes and their place. Values of other sources (surveys, DG REGIO, World Bank) are not touched
unless Eurostat publishes the same figure.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests

from eis_lib.region import (
    COMMON_FOLDER,
    PROFILE_FILE,
    PackError,
    RegionProfile,
    check_common,
    read_profile,
    read_rows,
    region_folder,
    save_rows,
)
from eis_lib.tables import PERIOD_PATTERN
from eis_lib.vocabulary import Vocabulary, load_vocabulary

EUROSTAT = "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1"
PAGE = "https://ec.europa.eu/eurostat/databrowser/view/{dataset}/default/table"
AVERAGE = "EU27_2020"
"""The EU aggregate every region is shown beside. Its code changed twice: EU27_2007 and EU28 are other aggregates."""

FIRST_YEAR = 2008
"""First year asked for where the table does not hold the series yet; monthly series begin in 2019."""

PATIENCE = 30.0
"""Seconds to wait for a server that says nothing."""

LONGEST = 120.0
"""Seconds after which a server that sends a little now and then is given up."""

MOST_BYTES = 50_000_000
REVISED = "Revised: "


@dataclass(frozen=True)
class Series:
    """One of our indicators as Eurostat publishes it.

    Attributes
    ----------
    indicator, name, unit : str
        As in ``indicators.csv``.
    dataset : str
        Eurostat's code of the dataset.
    filters : mapping of str to str
        Dimension → code, for every dimension but ``geo`` and time; codes that are read together are joined by ``+``.
    derive : str
        ``share``: the first code of ``nace_r2`` in per cent of the second; ``year-mean``: mean of twelve months.
    """

    indicator: str
    name: str
    unit: str
    dataset: str
    filters: Mapping[str, str]
    derive: Literal["", "share", "year-mean"] = ""


def _sales(indicator: str, who: str, unit: str, size: str) -> Series:
    filters = {
        "freq": "A",
        "size_emp": size,
        "nace_r2": "C10-S951_X_K",
        "indic_is": "E_ESELL",
        "unit": "PC_ENT",
    }
    return Series(indicator, f"{who} with e-commerce sales", unit, "isoc_ec_esels", filters)


_SENTIMENT = {"freq": "M", "indic": "BS-ESI-I", "s_adj": "SA"}

SERIES = (
    Series(
        "gdp-meur", "Gross domestic product at current market prices", "million EUR",
        "nama_10r_2gdp", {"freq": "A", "unit": "MIO_EUR"},
    ),
    Series(
        "gdp-pps-index", "GDP per capita in PPS, EU27_2020 = 100", "EU27_2020=100",
        "nama_10r_2gdp", {"freq": "A", "unit": "PPS_HAB_EU27_2020"},
    ),
    Series(
        "population", "Population on 1 January", "persons",
        "demo_r_d2jan", {"freq": "A", "unit": "NR", "sex": "T", "age": "TOTAL"},
    ),
    Series(
        "unemployment-rate", "Unemployment rate, 15 years and over", "% of labour force",
        "lfst_r_lfu3rt", {"freq": "A", "isced11": "TOTAL", "sex": "T", "age": "Y_GE15", "unit": "PC"},
    ),
    Series(
        "employment-industry-share", "Share of industry (NACE B-E) in employment, calculated from lfst_r_lfe2en2",
        "% of employment", "lfst_r_lfe2en2",
        {"freq": "A", "nace_r2": "B-E+TOTAL", "age": "Y_GE15", "sex": "T", "unit": "THS"}, "share",
    ),
    _sales("e-sales-enterprises", "Enterprises (10+ persons)", "% of enterprises", "GE10"),
    _sales("e-sales-enterprises-small", "Small enterprises (10-49)", "% of small enterprises", "10-49"),
    _sales("e-sales-enterprises-medium", "Medium enterprises (50-249)", "% of medium enterprises", "50-249"),
    Series(
        "economic-sentiment-monthly", "Economic sentiment indicator, seasonally adjusted, monthly", "long-term mean=100",
        "ei_bssi_m_r2", _SENTIMENT,
    ),
    Series(
        "economic-sentiment", "Economic sentiment indicator, seasonally adjusted, annual mean", "long-term mean=100",
        "ei_bssi_m_r2", _SENTIMENT, "year-mean",
    ),
    Series(
        "industrial-confidence-monthly", "Industrial confidence indicator, seasonally adjusted, monthly",
        "balance, percentage points", "ei_bssi_m_r2", {**_SENTIMENT, "indic": "BS-ICI-I"},
    ),
)  # fmt: skip
"""What is refreshed. Series whose dataset, base year or classes are not certain to be the same are left to people:
the production index (its base year moves), trade by enterprise size (classes of unknown size), exchange rates."""


class StatisticsError(RuntimeError):
    """Raised when a source cannot be read as it was expected; the message says what to do."""


@dataclass(frozen=True)
class Area:
    """An area asked for: its code, the NUTS version it is recorded under, and its name."""

    code: str
    version: str = ""
    name: str = ""


@dataclass(frozen=True)
class Value:
    """One value as read."""

    series: Series
    area: Area
    period: str
    value: str
    flag: str
    vintage: dt.date

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return the key of its row."""
        return self.area.code, self.area.version, self.series.indicator, self.period


@dataclass(frozen=True)
class Change:
    """One difference between the table and the source.

    Attributes
    ----------
    kind : str
        ``added``, ``revised`` (another value) or ``flagged`` (the same value under another flag).
    key : tuple of str
        Area, NUTS version, indicator, period.
    old, new : str
        Value and flags; ``old`` is empty for an addition.
    source : str
        Source of the old value.
    """

    kind: Literal["added", "revised", "flagged"]
    key: tuple[str, str, str, str]
    old: str
    new: str
    source: str = ""

    def __str__(self) -> str:
        area, version, indicator, period = self.key
        place = f"{indicator} {area}{f' (NUTS {version})' if version else ''} {period}"
        if self.kind == "added":
            return f"added: {place}: {self.new}"
        return f"{self.kind}: {place}: {self.old} → {self.new} (was: {self.source})"


# --- what is asked for -----------------------------------------------------------------------------------------


def areas_of(profile: RegionProfile, names: Mapping[str, str]) -> tuple[Area, ...]:
    """Return the areas of a region, its country and the EU average.

    A code that ``region.yaml`` lists under several NUTS versions is asked for once and recorded under the newest of
    them: Eurostat publishes under one version at a time, and the region says for which versions the code stands.

    Parameters
    ----------
    profile : RegionProfile
    names : mapping of str to str
        Code → name; a code without a name is shown as it stands.
    """
    versions: dict[str, str] = {}
    for area in profile.indicator_areas:
        versions[area.code] = max(versions.get(area.code, ""), area.version)
    if not profile.invented:
        versions.setdefault(profile.country, "")
    versions.setdefault(AVERAGE, "")
    return tuple(Area(code, version, names.get(code, code)) for code, version in versions.items())


def _names(
    profile: RegionProfile, rows: Sequence[Mapping[str, str]], vocabulary: Vocabulary
) -> dict[str, str]:
    countries = vocabulary.labels("country") if "country" in vocabulary.terms else {}
    held = {row["ref_area"]: row["ref_area_name"] for row in rows}
    return {profile.nuts_code: profile.name_native, **countries, **held}


# --- reading ---------------------------------------------------------------------------------------------------


class _Session(requests.Session):
    """A session that gives up a server that is silent, endless or slow without end, and keeps the last answer."""

    last: requests.Response | None = None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request and read the whole answer within our patience."""
        options.update(timeout=PATIENCE, stream=True)
        self.last = None
        response = super().send(request, **options)
        started, parts, size = time.monotonic(), [], 0
        while part := response.raw.read1(65536, decode_content=True):
            parts.append(part)
            size += len(part)
            if time.monotonic() - started > LONGEST:
                response.close()
                raise requests.Timeout
            if size > MOST_BYTES:
                response.close()
                raise StatisticsError(
                    f"sent more than {MOST_BYTES // 1_000_000} MB, which is not what was asked for"
                )
        response._content = b"".join(parts)  # noqa: SLF001 - requests has no public way to read with a deadline
        self.last = response
        return response


@dataclass
class Source:
    """Eurostat, or a server that speaks like it.

    Attributes
    ----------
    url : str
        Address of its SDMX 2.1 service.
    """

    url: str = EUROSTAT
    _structures: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import sdmx

        self._session = _Session()
        self._client = sdmx.Client(session=self._session)
        source: Any = copy.copy(sdmx.Client("ESTAT").source)
        source.url = self.url.rstrip("/")
        # the client would wait and ask again for an answer that is being prepared; we say so and stop
        source.finish_message = lambda message, *_args, **_options: message
        self._client.source = source

    def read(self, series: Series, areas: Sequence[Area], first: str) -> list[Value]:
        """Return every value of a series for some areas, from a period on.

        A missing value is left out. Returns nothing for areas that the dataset does not cover.

        Raises
        ------
        StatisticsError
            If the source cannot be reached, refuses, or answers other than its structure says.
        """
        structure = self._structure(series)
        codes = {**series.filters, "geo": "+".join(area.code for area in areas)}
        message = self._ask(
            series.dataset, "data", key=codes, dsd=structure, params={"startPeriod": first}, none_found=True
        )
        if message is None:
            return []
        stamp = message.header.prepared or message.header.extracted
        vintage = stamp.date() if stamp else dt.datetime.now(tz=dt.UTC).date()
        by_code = {area.code: area for area in areas}
        found = []
        for data in message.data:
            for observation in data.obs:
                at = {name: str(value.value) for name, value in observation.key.values.items()}
                found.append(_observed(series, at, observation, by_code, vintage))
        return _derived(series, [value for value in found if value])

    def _structure(self, series: Series) -> Any:
        """Return the structure of a dataset, having checked that it has the dimensions we know of and no others."""
        if series.dataset not in self._structures:
            message = self._ask(series.dataset, "dataflow", params={"references": "children"})
            structures = [item for item in message.structure.values() if not item.is_external_reference]
            if not structures:
                raise StatisticsError(f"{series.dataset}: the answer holds no structure")
            self._structures[series.dataset] = structures[0]
        structure = self._structures[series.dataset]
        names = [dimension.id for dimension in structure.dimensions]
        known = {*series.filters, "geo", "TIME_PERIOD"}
        lost, new = sorted(known - set(names)), sorted(set(names) - known)
        if lost or new:
            words = [f"has no dimension {', '.join(lost)} any more"] if lost else []
            words += [f"has a new dimension {', '.join(new)}"] if new else []
            raise StatisticsError(
                f"{series.dataset}: its structure has changed: it {' and '.join(words)}. "
                "The series must be looked at anew (SERIES in eis_lib/publish/statistics.py)"
            )
        return structure

    def _ask(self, dataset: str, what: str, *, none_found: bool = False, **options: Any) -> Any:
        """Return the message a request is answered with; None where it says that there are no results."""
        try:
            message = self._client.get(what, dataset.upper(), **options)
        except StatisticsError as error:
            raise StatisticsError(f"{dataset}: {self.url} {error}") from None
        except Exception as error:  # noqa: BLE001 - whatever the network, the parser and the model raise
            answer = getattr(error, "response", None)
            answer = self._session.last if answer is None else answer
            if (
                none_found
                and answer is not None
                and answer.status_code == 404
                and b'code="100"' in answer.content
            ):
                return None
            raise StatisticsError(_problem(dataset, self.url, error, answer)) from None
        notes = " ".join(str(text) for text in getattr(message.footer, "text", []) or [])
        if getattr(message.footer, "code", 0) == 413 or "http" in notes:
            raise StatisticsError(_later(dataset))
        return message


def _later(dataset: str) -> str:
    return f"{dataset}: the extraction is being prepared and is not ready yet; come back later"


def _problem(dataset: str, url: str, error: Exception, answer: requests.Response | None) -> str:
    """Return what went wrong, and what to do, in a sentence."""
    if isinstance(error, requests.Timeout):
        return f"{dataset}: {url} did not answer in time ({PATIENCE:g} s of silence, {LONGEST:g} s in all); try again later"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "IncompleteRead" in repr(error):
        return f"{dataset}: the answer broke off; try again"
    if answer is None and isinstance(error, (requests.ConnectionError, OSError)):
        return f"{dataset}: {url} cannot be reached; is there a network?"
    if answer is None:
        return f"{dataset}: cannot be asked for: {_short(error)}"
    status = answer.status_code
    if status == 429:
        wait = answer.headers.get("Retry-After", "")
        after = f"after {wait} seconds" if wait.isdigit() else f"after {wait}" if wait else "later"
        return f"{dataset}: the source limits how often it is asked; try again {after}"
    if status == 413:
        return f"{dataset}: the source finds the extraction too big (413); ask for fewer areas (indicator_areas in region.yaml)"
    if status == 404:
        return f"{dataset}: the source does not know it (404); the dataset may have been renamed or closed"
    if status >= 500:
        return f"{dataset}: the source has a fault of its own ({status}); try again later"
    if status >= 400:
        return f"{dataset}: the source refuses the request ({status}); the codes asked for may have changed"
    if b'"status":413' in answer.content.replace(b" ", b"") or b"ASYNCHRONOUS" in answer.content:
        return _later(dataset)
    return f"{dataset}: the answer cannot be read as SDMX: {_short(error)}"


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:159]}…"


def _observed(
    series: Series, at: Mapping[str, str], observation: Any, areas: Mapping[str, Area], vintage: dt.date
) -> tuple[str, Value] | None:
    """Return an observation as a value, with the code that tells parts of a derived one apart; None where missing."""
    for name, code in series.filters.items():
        if at.get(name) not in code.split("+"):
            raise StatisticsError(
                f"{series.dataset}: the answer holds {name} '{at.get(name)}', which was not asked for"
            )
    area = areas.get(at.get("geo", ""))
    if area is None:
        raise StatisticsError(
            f"{series.dataset}: the answer holds the area '{at.get('geo')}', which was not asked for"
        )
    period = at.get("TIME_PERIOD", "")
    if not PERIOD_PATTERN.fullmatch(period):
        raise StatisticsError(
            f"{series.dataset}: the answer holds the period '{period}'; known: 2024, 2024-Q1, 2024-05"
        )
    text = str(observation.value if observation.value is not None else "").strip()
    if text in {"", "NaN", "nan", ":"}:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise StatisticsError(
            f"{series.dataset}: the answer holds '{text}' for {area.code} {period}, which is no number"
        )
    attribute = observation.attached_attribute.get("OBS_FLAG")
    # Eurostat writes several flags as one word ("bp"), the table with a blank between
    flag = "" if attribute is None else " ".join("".join(str(attribute.value).split()))
    return at.get("nace_r2", ""), Value(series, area, period, _plain(number), flag, vintage)


def _plain(number: float) -> str:
    """Return a number as the table writes it.

    Examples
    --------
    >>> _plain(5511451.0), _plain(49903.06)
    ('5511451', '49903.06')
    """
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _derived(series: Series, found: Sequence[tuple[str, Value]]) -> list[Value]:
    """Return the values themselves, or what is calculated from them; flags of the parts are kept."""
    if not series.derive:
        values = [value for _part, value in found]
    elif series.derive == "share":
        part, whole = series.filters["nace_r2"].split("+")
        at = {(code, value.area, value.period): value for code, value in found}
        values = []
        for (code, area, period), value in at.items():
            total = at.get((whole, area, period))
            if code == part and total is not None and float(total.value):
                share = round(100 * float(value.value) / float(total.value), 2)
                values.append(Value(series, area, period, _plain(share), _flags(value, total), value.vintage))
    else:
        years: dict[tuple[Area, str], list[Value]] = {}
        for _part, value in found:
            years.setdefault((value.area, value.period[:4]), []).append(value)
        values = [
            Value(
                series, area, year, _plain(round(sum(float(month.value) for month in months) / 12, 2)), _flags(*months),
                months[0].vintage,
            )
            for (area, year), months in years.items()
            if len(months) == 12
        ]  # fmt: skip
    keys = [value.key for value in values]
    twice = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
    if twice:
        raise StatisticsError(
            f"{series.dataset}: the answer holds {' '.join(part for part in twice if part)} twice"
        )
    return values


def _flags(*parts: Value) -> str:
    """Return the flags of something calculated: those of its parts, and ours."""
    return " ".join(dict.fromkeys([flag for part in parts for flag in part.flag.split()] + ["derived"]))


# --- putting together ------------------------------------------------------------------------------------------


def merge(
    rows: Sequence[Mapping[str, str]], values: Iterable[Value]
) -> tuple[list[dict[str, str]], list[Change]]:
    """Return the table with the values read put in, and what that changed.

    A row whose value and flags are the same stays as it is, source and all. A changed one gets the new value, flags and
    source, and its note says what stood there before. A new one follows the last row of its series. No row is lost:
    what the source no longer publishes is kept.

    Parameters
    ----------
    rows : sequence of mapping
        The rows of ``indicators.csv`` as text.
    values : iterable of Value

    Returns
    -------
    rows : list of dict
    changes : list of Change
        Revisions first, then additions, in the order of the table.
    """
    table = [dict(row) for row in rows]
    place = {_key(row): number for number, row in enumerate(table)}
    new: dict[tuple[str, str, str], list[Value]] = {}
    changes = []
    for value in values:
        number = place.get(value.key)
        if number is None:
            new.setdefault(value.key[:3], []).append(value)
            continue
        row = table[number]
        same = math.isclose(float(row["obs_value"]), float(value.value), rel_tol=1e-12)
        if same and sorted(row["obs_flag"].split()) == sorted(value.flag.split()):
            continue
        old = _shown(row["obs_value"], row["obs_flag"])
        changes.append(
            Change(
                "flagged" if same else "revised",
                value.key,
                old,
                _shown(value.value, value.flag),
                row["source_title"],
            )
        )
        before = row["note"].split(REVISED)[0].strip() if row.get("note") else ""
        note = f"{REVISED}{old} before, by {row['source_title']}"
        table[number] = {**row, **_cells(value), "note": f"{before} {note}".strip()}
    changes.sort(key=lambda change: place[change.key])
    last = {_key(row)[:3]: number for number, row in enumerate(table)}
    insert: dict[int, list[dict[str, str]]] = {}
    for series, found in new.items():
        added = sorted(found, key=lambda value: value.period)
        insert.setdefault(last.get(series, len(table) - 1), []).extend(
            {**_first_cells(value), **_cells(value)} for value in added
        )
        changes += [Change("added", value.key, "", _shown(value.value, value.flag)) for value in added]
    result = list(insert.get(-1, []))
    for number, row in enumerate(table):
        result.append(row)
        result += insert.get(number, [])
    return result, changes


def _key(row: Mapping[str, str]) -> tuple[str, str, str, str]:
    return row["ref_area"], row["nuts_version"], row["indicator"], row["time_period"]


def _shown(value: str, flag: str) -> str:
    return f"{value} [{flag}]" if flag else value


def _cells(value: Value) -> dict[str, str]:
    """Return what a row takes from a value read."""
    dataset = value.series.dataset
    return {
        "obs_value": value.value,
        "obs_flag": value.flag,
        "source_title": f"Eurostat {dataset} (extraction of {value.vintage.day} {value.vintage:%b %Y})",
        "source_url": PAGE.format(dataset=dataset),
        "evidence": "published",
    }


def _first_cells(value: Value) -> dict[str, str]:
    """Return what names a new row."""
    area, version, indicator, period = value.key
    return {
        "ref_area": area,
        "ref_area_name": value.area.name,
        "nuts_version": version,
        "indicator": indicator,
        "indicator_name": value.series.name,
        "unit": value.series.unit,
        "time_period": period,
    }


def refresh(
    parameters: Path, region: str, source: Source, say: Callable[[str], None] = lambda _text: None
) -> list[Change]:
    """Refresh the indicators of a region's areas, and return what changed.

    Parameters
    ----------
    parameters : Path
        Folder of region packs; its ``_common/indicators.csv`` is written, at once or not at all.
    region : str
        Folder of the region.
    source : Source
    say : callable
        Is told of each dataset, and of areas without values.

    Raises
    ------
    StatisticsError
        If a source cannot be read; nothing is written then.
    PackError, RegionError, ChangedOnDiskError
        If region or table have faults, the table would have, or somebody saved it meanwhile; nothing is written then.
    """
    folder = region_folder(parameters, region)
    profile, faults = read_profile(folder / PROFILE_FILE, f"{region}/{PROFILE_FILE}")
    faults += check_common(parameters)
    if profile is None or faults:
        raise PackError(faults)
    common = parameters / COMMON_FOLDER
    rows, read = read_rows(common, "indicators")
    areas = areas_of(profile, _names(profile, rows, load_vocabulary(common)))
    values: list[Value] = []
    for number, series in enumerate(SERIES, start=1):
        held = [row["time_period"] for row in rows if row["indicator"] == series.indicator]
        monthly = series.filters["freq"] == "M" and not series.derive
        first = min(held, default="2019" if monthly else str(FIRST_YEAR))[:4]
        say(f"{number} of {len(SERIES)}: {series.indicator} from {series.dataset}")
        found = source.read(series, areas, first)
        without = [area.code for area in areas if area.code not in {value.area.code for value in found}]
        if without:
            say(f"  no values for {', '.join(without)}")
        values += found
    table, changes = merge(rows, values)
    if changes:
        save_rows(common, "indicators", table, read)
    return changes
