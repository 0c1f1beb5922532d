"""What the sections of step 1 share: labels, short names, counts, and how sure a count is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods.landscape import DATED, NO_START, OPEN_END, UNKNOWN
from eis_lib.pack.facets import SCHEMES
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.shared.landscape import View
from eis_lib.steps.shared.words import _records, words_of

MONEY = ("voucher", "grant", "loan", "guarantee-or-insurance")
"""Kinds of support that are money; everything else is knowledge, contacts or presence."""


def _codes(review: Review, facet: str) -> tuple[str, ...]:
    return review.vocabulary.codes(SCHEMES[facet])


def _label(review: Review, facet: str, code: str) -> str:
    if code == UNKNOWN:
        return words_of(__file__, review).not_recorded()
    return review.vocabulary.label(SCHEMES[facet], code)


def _low(review: Review, facet: str, code: str) -> str:
    """Return a label as it stands inside a sentence: its first letter small unless an abbreviation follows."""
    return inside(_label(review, facet, code))


def _short(name: str, most: int = 38) -> str:
    """Return a provider's name cut to what a chart can show: its first part, then as many words as fit."""
    if len(name) > most:
        ends = [name.find(mark) for mark in (" (", " / ", " – ", " - ", ", ")]
        name = name[: min((end for end in ends if end >= 8), default=len(name))]
    if len(name) <= most:
        return name
    words = name[:most].split(" ")[:-1]
    while len(words) > 1 and words[-1].strip(",–-") in {"", "and", "of", "for", "the", "in"}:
        words.pop()
    return " ".join(words).rstrip(" ,–-") + "…"


def _names(review: Review) -> dict[str, str]:
    """Return provider id → its name in English, where it has one."""
    return {
        row.provider_id: str(row.name if pd.isna(row.name_en) else row.name_en)
        for row in _records(review.pack.providers)
    }


def _chart_names(review: Review) -> dict[str, str]:
    """Return provider id → name short enough for a chart, with its id where two would look the same."""
    whole = _names(review)
    short = {key: _short(name) for key, name in whole.items()}
    seen = pd.Series(short).value_counts()
    return {
        key: name if seen[name] == 1 or name == whole[key] else f"{_short(name, 24)} [{key}]"
        for key, name in short.items()
    }


@dataclass(frozen=True)
class Extremes:
    """Where a facet has most and fewest services: labels (several where they tie) and the two numbers."""

    high: list[str]
    most: int
    low: list[str]
    fewest: int

    @property
    def is_even(self) -> bool:
        """Return whether every code has the same number."""
        return self.most == self.fewest


def _extremes(review: Review, facet: str, counts: pd.DataFrame) -> Extremes:
    rows = [row for row in _records(counts) if row.code != UNKNOWN]
    most, fewest = max(row.services for row in rows), min(row.services for row in rows)
    return Extremes(
        [_label(review, facet, row.code) for row in rows if row.services == most],
        most,
        [_label(review, facet, row.code) for row in rows if row.services == fewest],
        fewest,
    )


def _quoted(labels: Sequence[str]) -> list[str]:
    return [f"“{label}”" for label in labels]


def _slanted(labels: Sequence[str]) -> list[str]:
    return [f"*{label}*" for label in labels]


def _source(review: Review, current: View) -> str:
    return words_of(__file__, review).source(review.pack.id, len(current.listed), len(review.pack.providers))


def _dating(review: Review, services: pd.DataFrame) -> str:
    """Return how well the years of some services are known, as the end of a sentence."""
    number = services["dating"].value_counts()
    known = (int(number.get(kind, 0)) for kind in (DATED, OPEN_END, NO_START))
    return words_of(__file__, review).dating(*known)


def _sure(review: Review, services: pd.DataFrame, what: str) -> str:
    """Return the usual line on how sure a count is; ``what`` is a clause that ends with a semicolon."""
    words = words_of(__file__, review)
    if services.empty:
        return words.nothing_counted()
    undated = float((services["dating"] != DATED).mean())
    grade = "high" if undated < 0.2 else "medium" if undated < 0.6 else "low to medium"
    return words.sure(grade, what, undated)


def _stage_counts(review: Review, current: View) -> pd.DataFrame:
    return landscape.facet_counts(current.services, "journey_stages", _codes(review, "journey_stages"))


def _money(now: View) -> list[str]:
    """Return the ids of the services for firms that are money: vouchers, grants, loans, guarantees, insurance."""
    return now.counted.loc[now.counted["support_type"].isin(MONEY), "service_id"].tolist()


def _money_words(review: Review, now: View) -> str:
    return words_of(__file__, review).money(len(_money(now)), now.total)


def _need_status(review: Review, now: View) -> dict[str, str]:
    return landscape.need_status(
        now.services, _codes(review, "need_area"), review.common.support_type_barriers
    )


@once_per_review
def _roles(review: Review, now: View) -> pd.DataFrame:
    return landscape.provider_roles(
        now.services,
        review.pack.providers,
        hub_stages=review.parameters.hub_stages,
        hub_support_types=review.parameters.hub_support_types,
    )


def _first_doors(roles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the local and regional providers with a service, those that could be a free first door, and a paid one."""
    near = roles[roles["level"].isin(["local", "regional"]) & (roles["services"] > 0)]
    return near, near[near["is_entry_point"]], near[near["is_entry_at_a_price"]]
