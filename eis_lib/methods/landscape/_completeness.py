"""How complete and well sourced a table is, and how many services there may be in all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.special import ndtri

from eis_lib.language.templates import Words
from eis_lib.methods.landscape._cells import _filled, _years, is_missing, is_own, list_items
from eis_lib.pack.frames import column_or_missing

_WORDS = Words(__file__)

_EVIDENCE = ("published", "general-knowledge", "own-judgement", "invented")


def completeness(
    table: pd.DataFrame,
    mandatory: Sequence[str],
    *,
    review_date: str,
    wanted: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return how complete and how well sourced a table is, as shares of its records.

    Parameters
    ----------
    table
        Any pack table with ``source_url``, ``source_title``, ``evidence``.
    mandatory
        The columns that every record must fill.
    review_date
        ISO date; a record counts as checked if ``checked_on`` lies in the twelve months before it.
    wanted
        Further columns worth knowing, with the words to show for each.

    Returns
    -------
    DataFrame
        One row per ``measure``: ``label``, ``filled``, ``out_of`` (counts), ``share`` (0–1; NaN of an empty table),
        ``recorded`` (whether anybody recorded it at all: a share of zero because nothing was entered is ignorance, not a
        finding). ``mandatory`` counts cells, everything else records.
    """
    rows: list[tuple[str, str, int, int, bool]] = []

    def add(measure: str, filled: int, out_of: int, *, label: str = "", recorded: bool = True) -> None:
        rows.append((measure, label or _WORDS.label(measure), int(filled), int(out_of), recorded))

    count = len(table)
    filled = sum(_filled(table, c) for c in mandatory)
    add("mandatory", filled, count * len(mandatory))
    named = zip(column_or_missing(table, "source_url"), column_or_missing(table, "source_title"), strict=True)
    sourced = sum(not is_missing(url) and not is_missing(title) for url, title in named)
    add("named_source", sourced, count)
    evidence = column_or_missing(table, "evidence")
    for grade in _EVIDENCE:
        if (evidence == grade).any() or grade == "published":
            add(f"evidence_{grade}", int((evidence == grade).sum()), count)
    checked = pd.to_datetime(column_or_missing(table, "checked_on"), errors="coerce")
    today = pd.Timestamp(review_date)
    recent = (checked > today - pd.DateOffset(months=12)) & (checked <= today)
    dated = bool(checked.notna().any())
    add("checked_12_months", recent.sum(), count, recorded=dated)
    if "start_year" in table and "end_year" in table:
        start, end = _years(table, "start_year").notna(), _years(table, "end_year").notna()
        add("dated", int((start & end).sum()), count)
        add("start_year", int(start.sum()), count)
        add("end_year", int(end.sum()), count)
    for column, label in (wanted or {}).items():
        known = _filled(table, column)
        add(column, known, count, label=label, recorded=known > 0)
    frame = pd.DataFrame(rows, columns=["measure", "label", "filled", "out_of", "recorded"])
    return frame.assign(share=frame["filled"] / frame["out_of"].where(frame["out_of"] > 0))


@dataclass(frozen=True)
class Estimate:
    """An estimated total: ``value``, its ``variance``, and an interval from ``low`` to ``high``; ``seen`` were listed."""

    value: float
    variance: float
    low: float
    high: float
    seen: int


def chapman(first: int, second: int, both: int, *, level: float = 0.95) -> Estimate:
    """Return how many services there are, from two lists drawn up independently of one another.

    N̂ = (n₁+1)(n₂+1)/(m+1) − 1 (Chapman 1951), variance (n₁+1)(n₂+1)(n₁−m)(n₂−m)/((m+1)²(m+2)) (Seber 1970), and a
    log-normal interval on the number not seen (Chao 1987), which can not fall below the number that was listed.

    Parameters
    ----------
    first, second
        Number of services on each list.
    both
        Number of services on both.
    level
        Confidence of the interval.

    Raises
    ------
    ValueError
        If a number is negative, or ``both`` is larger than a list.

    Examples
    --------
    >>> round(chapman(109, 177, 57).value, 1)
    336.6
    """
    if min(first, second, both) < 0 or both > min(first, second):
        raise ValueError(f"{both} services on both lists can not come from lists of {first} and {second}")
    value = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    seen = first + second - both
    unseen = value - seen
    if unseen <= 0:
        return Estimate(value, variance, float(seen), float(seen), seen)
    z = float(ndtri(0.5 + level / 2))
    spread = math.exp(z * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(value, variance, seen + unseen / spread, seen + unseen * spread, seen)


@dataclass(frozen=True)
class Lists:
    """How many services stand on a first list, on a second, and on both."""

    first: int
    second: int
    both: int

    def estimate(self) -> Estimate:
        """Return how many services there are, by :func:`chapman`."""
        return chapman(self.first, self.second, self.both)


def two_lists(services: pd.DataFrame, searches: pd.DataFrame | None) -> Lists | None:
    """Return the two lists of a region's own services: those known before its searches, and those that these found.

    The first holds what was known when the searches began, the second what they name (``found_ids``) and what entered the
    pack since (``first_seen``). They are not independent: who searches has read the first list, and finds again what is on
    it. So the estimate is more likely too low than too high.

    Parameters
    ----------
    services
        The services to speak of; those of a layer are left out.
    searches
        The pack's table; those of a layer are left out.

    Returns
    -------
    Lists or None
        None where the region made no search.
    """
    made = None if searches is None else searches[is_own(searches)]
    if made is None or made.empty:
        return None
    own = services[is_own(services)]
    found = {service for cell in made["found_ids"] for service in list_items(cell)}
    # days are text in ISO form, which sorts as time does
    is_new = column_or_missing(own, "first_seen").fillna("").astype(str).ge(str(made["searched_on"].min()))
    is_second = is_new | own["service_id"].isin(found)
    return Lists(int((~is_new).sum()), int(is_second.sum()), int((is_second & ~is_new).sum()))
