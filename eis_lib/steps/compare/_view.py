"""What the sections of step 4 share: the regions as places, their labels, and their tables."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.language.numbers import percent
from eis_lib.language.templates import Words
from eis_lib.pack.pack import Pack
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section
from eis_lib.steps.shared.words import words_of

LIKE_SIZE = 2
"""How many times the people of another a region may have and still be of like size (project convention)."""


@dataclass(frozen=True)
class Place:
    """A region as a reader sees it beside others: with its level and its population."""

    id: str
    name: str
    level: str
    code: str
    population: int | None
    year: int | None
    country: str
    invented: bool

    @property
    def millions(self) -> float | None:
        """Return the population in millions, where it is known."""
        return self.population / 1e6 if self.population else None

    @property
    def people(self) -> str:
        """Return the population in words short enough for an axis."""
        return Words(__file__).people(self.millions)

    @property
    def kind(self) -> str:
        """Return the kind of area: county, or its level in NUTS."""
        if self.level.lower().startswith("county"):
            return "county"
        return f"NUTS {len(self.code) - 2}"

    @property
    def kind_words(self) -> str:
        """Return the kind of area in words short enough for an axis."""
        return Words(__file__).kind(self.kind)

    @property
    def row(self) -> str:
        """Return the label of a row."""
        return f"{self.name} ({self.kind_words}, {self.people})"

    @property
    def column(self) -> str:
        """Return the label of a column: three lines."""
        cut = self.name.replace("-", "-\n", 1) if "-" in self.name else self.name.replace(" ", "\n", 1)
        people = Words(__file__).people_below_name(self.millions) if self.millions else ""
        return f"{cut if chr(10) in cut else chr(10) + cut}\n{self.kind_words} {people}"


@once_per_review
def places(review: Review) -> dict[str, Place]:
    """Return every chosen region by its folder, this one first, then by name."""
    found = []
    for pack in review.peers():
        region = pack.region
        found.append(
            Place(
                pack.id,
                region.name,
                region.level,
                region.nuts_code,
                region.population,
                region.population_year,
                region.country,
                region.invented,
            )
        )
    found.sort(key=lambda place: (place.id != review.pack.id, place.name))
    return {place.id: place for place in found}


def _low(review: Review, scheme: str, code: object) -> str:
    """Return a label as it stands inside a sentence: its first letter small unless an abbreviation follows."""
    return review.vocabulary.label_inside(scheme, str(code))


def _pct(share: float) -> str:
    return "–" if math.isnan(share) else percent(share)


def _words(module: str, review: Review, **facts: Any) -> Words:
    """Return the words of a module of this step: they know the region by name, and a share that is not known is a dash."""
    return words_of(module, review, region=review.pack.region.name, dash_or_percent=_pct, **facts)


def _own(review: Review, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["region"] == review.pack.id].reset_index(drop=True)


def _source(review: Review) -> str:
    return _words(__file__, review).source(len(review.peers()))


def _alone(review: Review) -> Section | None:
    """Return what to say where there is nothing to compare: one region only, or no earlier tables of this one."""
    words = _words(__file__, review)
    if len(review.peers()) < 2:
        return Section(answer=words.nobody_beside(), how_sure=words.how_sure_nobody_beside())
    if review.pack.id not in set(review.gathered("profile")["region"]):
        return Section(answer=words.no_tables(), how_sure=words.how_sure_no_tables())
    return None


def _levels_note(review: Review) -> str:
    """Return the sentence that keeps a reader from comparing unlike regions as if they were alike."""
    found, words = places(review), _words(__file__, review)
    kinds = Counter(place.kind for place in found.values())
    listed = [words.regions_of_kind(kind, number) for kind, number in sorted(kinds.items())]
    known = [place for place in found.values() if place.population]
    if len(known) < 2:
        return words.levels_of_unknown_size(listed)
    small = min(known, key=lambda place: place.population or 0)
    large = max(known, key=lambda place: place.population or 0)
    ratio = (large.population or 0) / (small.population or 1)
    if len(kinds) == 1 and ratio < LIKE_SIZE:
        return words.levels_alike(listed)
    return words.levels_unlike(listed, large, small, ratio)


@once_per_review
def _practices(review: Review) -> pd.DataFrame:
    frames = []
    for pack in review.peers():
        frame = pack.good_practices.copy()
        frame.insert(0, "region", pack.id)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _practice_rows(review: Review) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every practice by region and id; two packs may use the same id, as one that began as a copy does."""
    return {
        (str(row["region"]), str(row["practice_id"])): {str(name): value for name, value in row.items()}
        for row in _practices(review).to_dict("records")
    }


def _gaps(review: Review) -> pd.DataFrame:
    return review.gathered("gaps")


def _partner(pack: Pack) -> str:
    return pack.region.partners[0].name if pack.region.partners else pack.region.name


def _short(text: str, most: int) -> str:
    """Return text cut between words to what a chart can show."""
    if len(text) <= most:
        return text
    words = text[:most].split(" ")[:-1]
    return " ".join(words).rstrip(" ,:;–-") + "…"


def _share(flags: pd.Series) -> float:
    return float(flags.mean()) if len(flags) else math.nan
