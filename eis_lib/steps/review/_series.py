"""The series under watch: published ones, exchange rates and the region's own indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.review._view import _day

ANNUAL_BASELINE = monitor.LEAST_POINTS
"""Points that set the limits of an annual series: the fewest that may give a signal, for there are never many."""

SMALLEST_MOVE: Mapping[str, float] = MappingProxyType({"exchange-rate": 1.0})
"""Kind of series → change, in its unit, below which a signal is no alert: a pegged rate trembles within its limits' own
smallness (project convention)."""


_WORDS = Words(__file__)


@dataclass(frozen=True)
class Watched:
    """A series under watch.

    Attributes
    ----------
    key : str
        Indicator code, as the control offers it.
    kind : str
        One of :data:`KINDS`.
    label, basis, unit : str
        Words for the series, for how it is charted (level or change), and the unit charted.
    area : str
        Area code; empty for the region's own indicators.
    raw, charted : DataFrame
        ``period`` and ``value``, as published and as charted.
    source, vintage : str
    baseline : int
        Points that set the limits.
    chart, events : DataFrame
        Of :func:`eis_lib.methods.monitor.watch`; events too small to matter are left out.
    ignored : int
        Events left out as too small.
    """

    key: str
    kind: str
    label: str
    basis: str
    unit: str
    area: str
    raw: pd.DataFrame
    charted: pd.DataFrame
    source: str
    vintage: str
    baseline: int
    chart: pd.DataFrame
    events: pd.DataFrame
    ignored: int

    @property
    def name(self) -> str:
        """Return series and basis in one line."""
        return _WORDS.name(self)

    @property
    def last(self) -> str:
        """Return the last period with a value."""
        return str(self.raw["period"].iloc[-1]) if len(self.raw) else ""


_CONTEXT: tuple[tuple[str, str, str], ...] = (
    ("economic-sentiment-monthly", "business-climate", "points"),
    ("industrial-confidence-monthly", "business-climate", "percentage points"),
    ("goods-exports-usd", "exports", "%"),
    ("exports-gdp", "exports", "percentage points"),
)

_ANNUAL_TWINS: tuple[tuple[str, str, str], ...] = (("economic-sentiment", "business-climate", "points"),)

_CURRENCY_OF: Mapping[str, str] = MappingProxyType({"UK": "gbp", "PL": "pln", "DK": "dkk", "HR": "hrk"})


def _areas(review: Review) -> list[str]:
    region = review.pack.region
    return list(dict.fromkeys([*(area.code for area in region.indicator_areas), region.country]))


def _published(review: Review, indicator: str, areas: Sequence[str]) -> tuple[str, pd.DataFrame]:
    """Return the nearest area with a published series, and its rows up to the day of the review."""
    rows = review.common.indicators[review.common.indicators["indicator"] == indicator]
    day = _day(review)
    known = rows[rows["time_period"].map(lambda p: monitor.period_end(str(p)) <= day).astype(bool)]
    for area in areas:
        found = known[known["ref_area"] == area]
        if len(found):
            return area, found.sort_values("time_period")
    return "", known.iloc[:0]


@once_per_review
def _rates(review: Review) -> list[tuple[str, str]]:
    """Return the exchange rates to watch, as (currency, why): the country's own, else those of its five largest markets."""
    country = review.pack.region.country
    if country in _CURRENCY_OF:
        return [(_CURRENCY_OF[country], _WORDS.own_currency())]
    share = review.common.indicators
    share = share[
        (share["ref_area"] == country) & share["indicator"].str.startswith("goods-export-share-to-")
    ]
    found = []
    for row in _each_row(share.sort_values("obs_value", ascending=False)):
        market = str(row.indicator).rsplit("-", 1)[1].upper()
        if market in _CURRENCY_OF and market != "HR":
            found.append((_CURRENCY_OF[market], _WORDS.large_market(row.obs_value, row.time_period)))
    return found


def _watched(
    review: Review,
    key: str,
    kind: str,
    label: str,
    basis: str,
    unit: str,
    area: str,
    raw: pd.DataFrame,
    charted: pd.DataFrame,
    source: str,
    vintage: str,
    baseline_points: int | None,
) -> Watched:
    annual = len(raw) > 0 and monitor.period_months(str(raw["period"].iloc[0])) == 12
    asked = int(baseline_points or review.parameters.baseline_points)
    baseline = ANNUAL_BASELINE if annual else asked
    confirmed = []
    if review.pack.has("decisions"):
        on_alerts = review.pack.decisions[
            (review.pack.decisions["subject_kind"] == "alert")
            & (review.pack.decisions["decision"] == "confirmed")
        ]
        prefix = f"{kind}:{key}:"
        confirmed = [str(s)[len(prefix) :] for s in on_alerts["subject_id"] if str(s).startswith(prefix)]
    chart, events = monitor.watch(
        charted,
        baseline_points=baseline,
        confirmed=confirmed,
        clear_points=1 if annual else monitor.CLEAR_POINTS,
    )
    large = events["value"].abs() >= (SMALLEST_MOVE.get(kind, 0.0) if basis != "level" else 0.0)
    return Watched(
        key, kind, label, basis, unit, area, raw, charted, source, vintage, baseline, chart,
        events[large].reset_index(drop=True), int((~large).sum()),
    )  # fmt: skip


@once_per_review
def _context_series(
    review: Review, baseline_points: int | None = None, *, level: bool = False, annual_twins: bool = False
) -> list[Watched]:
    """Return the published series watched for the region, as changes (or, for comparison, as levels)."""
    wanted: list[tuple[str, str, str, str, list[str]]] = []
    ending = "" if annual_twins else "-monthly"
    for currency, _why in _rates(review):
        home = next(c for c, code in _CURRENCY_OF.items() if code == currency)
        code = f"exchange-rate-{currency}-per-eur{ending}"
        wanted.append((code, "exchange-rate", _WORDS.rate(currency.upper()), "%", [home]))
    wanted.extend(
        (code, kind, _WORDS.label(code), unit, _areas(review))
        for code, kind, unit in (_ANNUAL_TWINS if annual_twins else _CONTEXT)
    )
    found = []
    for code, kind, label, unit, areas in wanted:
        area, rows = _published(review, code, areas)
        if rows.empty:
            continue
        raw = rows.rename(columns={"time_period": "period", "obs_value": "value"})[["period", "value"]]
        raw = raw.astype({"period": "str"}).reset_index(drop=True)
        yearly = monitor.period_months(str(raw["period"].iloc[0])) == 12
        before = "on the year before" if yearly else "on the month before"
        charted = raw if level else monitor.as_change(raw, percent=unit == "%")
        if charted.empty:
            continue
        source = str(rows["source_title"].iloc[-1])
        found.append(
            _watched(
                review, code, kind, f"{label} ({area})" if kind != "exchange-rate" else label,
                "level" if level else f"change {before}",
                str(rows["unit"].iloc[-1]) if level else unit, area, raw, charted, source,
                monitor.read_vintage(source) or "not recorded", baseline_points,
            )
        )  # fmt: skip
    return found


@once_per_review
def _own_series(review: Review, baseline_points: int | None = None) -> list[Watched]:
    """Return the region's own indicators as series; a seasonal one as its change on the year before."""
    if not review.pack.has("measurements"):
        return []
    day = _day(review)
    found = []
    for key, group in review.pack.measurements.groupby("indicator_id", sort=True):
        rows = group[group["period"].map(lambda p: monitor.period_end(str(p)) <= day)].sort_values("period")
        late = rows["vintage"].map(lambda v: not pd.isna(v) and str(v) > day.isoformat()).astype(bool)
        raw = rows.loc[~late, ["period", "value"]].astype({"period": "str"}).reset_index(drop=True)
        if raw["value"].notna().sum() < 2:
            continue
        seasonal = monitor.is_seasonal(raw)
        months = monitor.period_months(raw["period"].iloc[0])
        charted = monitor.as_change(raw, 12 // months, percent=False) if seasonal else raw
        vintage = rows.loc[~late, "vintage"].dropna().astype(str)
        found.append(
            _watched(
                review, str(key), "measurement", str(group["indicator_name"].iloc[0]),
                "change on the year before" if seasonal else "level", str(group["unit"].iloc[0]), "", raw, charted,
                str(group["source_title"].iloc[0]), vintage.max() if len(vintage) else "not recorded", baseline_points,
            )
        )  # fmt: skip
    return found


def _all_series(review: Review, baseline_points: int | None = None) -> list[Watched]:
    """Return every series under watch, those that can signal first."""
    own = _own_series(review, baseline_points)
    ready = [s for s in own if len(s.charted) >= monitor.LEAST_POINTS]
    return [*ready, *_context_series(review, baseline_points), *[s for s in own if s not in ready]]


def _basis_words(basis: str) -> str:
    """Return in words how a series is charted."""
    return _WORDS.basis(basis)


def series_choices(review: Review) -> dict[str, str]:
    """Return what the control of the charts offers: words → code."""
    return {s.name: s.key for s in _all_series(review)}
