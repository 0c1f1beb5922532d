"""Eurostat asked over the network: with patience, with limits, and with a sentence where it goes wrong."""

from __future__ import annotations

import copy
import datetime as dt
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from eis_lib.exchange.series import Area, Series, StatisticsError, Value
from eis_lib.pack.schema import PERIOD_PATTERN

EUROSTAT = "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1"
PATIENCE = 30.0
"""Seconds to wait for a server that says nothing."""

LONGEST = 120.0
"""Seconds after which a server that sends a little now and then is given up."""

MOST_BYTES = 50_000_000


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
                "The series must be looked at anew (SERIES in eis_lib/exchange/series.py)"
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
