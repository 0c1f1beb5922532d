"""The series that Eurostat publishes of our indicators, the areas asked for, and what is read of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eis_lib.pack.profile import RegionProfile
from eis_lib.pack.vocabulary import Vocabulary

PAGE = "https://ec.europa.eu/eurostat/databrowser/view/{dataset}/default/table"
AVERAGE = "EU27_2020"
"""The EU aggregate every region is shown beside. Its code changed twice: EU27_2007 and EU28 are other aggregates."""

FIRST_YEAR = 2008
"""First year asked for where the table does not hold the series yet; monthly series begin in 2019."""

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
