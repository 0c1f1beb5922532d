"""What the sections of step 4 share: the regions as places, their labels, and their tables."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.pack.pack import Pack
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, plain

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
    def people(self) -> str:
        """Return the population in words short enough for an axis."""
        return f"{self.population / 1e6:.2g}m" if self.population else "people ?"

    @property
    def kind(self) -> str:
        """Return the kind of area in words short enough for an axis."""
        if self.level.lower().startswith("county"):
            return "county"
        return f"NUTS {len(self.code) - 2}"

    @property
    def row(self) -> str:
        """Return the label of a row."""
        return f"{self.name} ({self.kind}, {self.people})"

    @property
    def column(self) -> str:
        """Return the label of a column: three lines."""
        cut = self.name.replace("-", "-\n", 1) if "-" in self.name else self.name.replace(" ", "\n", 1)
        people = f"{self.population / 1e6:.1f}m" if self.population else ""
        return f"{cut if chr(10) in cut else chr(10) + cut}\n{self.kind} {people}"


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
    return "–" if math.isnan(share) else f"{share:.0%}"


def _own(review: Review, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["region"] == review.pack.id].reset_index(drop=True)


def _source(review: Review) -> str:
    packs = review.peers()
    return (
        f"packs of {count(len(packs), 'region')}, tables of steps 1 to 3; codes are our own reading of the sources. "
        "Levels and populations as in each pack"
    )


def _alone(review: Review) -> Section | None:
    """Return what to say where there is nothing to compare: one region only, or no earlier tables of this one."""
    name = plain(review.pack.region.name)
    if len(review.peers()) < 2:
        return Section(
            answer=f"No other region was chosen, so {name} cannot be compared here.",
            how_sure="not applicable; choose two regions or more.",
        )
    if review.pack.id not in set(review.gathered("profile")["region"]):
        return Section(
            answer=f"Steps 1 to 3 left no tables for {name}, so it cannot be compared here.",
            how_sure="not applicable; run the earlier workbooks first.",
        )
    return None


def _levels_note(review: Review) -> str:
    """Return the sentence that keeps a reader from comparing unlike regions as if they were alike."""
    found = places(review)
    kinds = Counter(place.kind for place in found.values())
    words = listing(
        [
            count(
                number, kind if kind == "county" else f"{kind} region", "counties" if kind == "county" else ""
            )
            for kind, number in sorted(kinds.items())
        ]
    )
    known = [place for place in found.values() if place.population]
    if len(known) < 2:
        return f"The regions stand at different levels ({words})."
    small = min(known, key=lambda place: place.population or 0)
    large = max(known, key=lambda place: place.population or 0)
    ratio = (large.population or 0) / (small.population or 1)
    if len(kinds) == 1 and ratio < LIKE_SIZE:
        return f"The regions are of one kind and of like size ({words})."
    return (
        f"The regions are not of one kind ({words}; {plain(large.name)} has {ratio:.0f} times the people of "
        f"{plain(small.name)}): read shares, not totals."
    )


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
