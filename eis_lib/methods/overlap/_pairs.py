"""Candidate pairs found: services that can be a pair, and what they have in common on each limb."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from eis_lib.methods.overlap._coding import (
    _ACTIVITY,
    _BENEFICIARY,
    _DUPLICATE,
    _GOAL,
    _SEPARATOR,
    LIMBS,
    Facets,
    Index,
    _count,
)

UNIT_OF_ANALYSIS = "a service that reaches SMEs of the region (not a brand, a provider or a budget line)"
DUPLICATION = "duplication candidate"
OVERLAP = "overlap candidate"
SIDE_BY_SIDE = "dated"
"""Periods of a pair of which all four years are recorded: both did run at the same time."""

ASSUMED = "not fully dated"
"""Periods of a pair of which a year is missing: that they ran at the same time is an assumption."""

_CHUNK = 1 << 19  # pairs looked at together: large enough for numpy, small enough for the processor's cache


def pair_id(left: str, right: str) -> str:
    """Return the name of a pair, the same in either order.

    Examples
    --------
    >>> pair_id("leo-grant", "ei-grant"), pair_id("ei-grant", "leo-grant")
    ('ei-grant~leo-grant', 'ei-grant~leo-grant')
    """
    return _SEPARATOR.join(sorted((left, right)))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidate pairs as row numbers of a :class:`Facets`, with ``left < right``, ascending.

    ``flags`` holds one bit per limb that matches, and one where the pair is a duplication candidate.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    flags: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)


def _chunks(lengths: Index) -> Iterator[tuple[Index, Index]]:
    """Yield (owner, offset) of the ragged rows ``0 … lengths[owner] − 1``, :data:`_CHUNK` of them at a time."""
    size = _CHUNK
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    starts = ends - lengths
    for low in range(0, total, size):
        high = min(low + size, total)
        first, last = np.searchsorted(ends, (low, high - 1), side="right")
        owners = np.arange(first, last + 1)
        inside = np.minimum(ends[owners], high) - np.maximum(starts[owners], low)
        owner = np.repeat(owners, inside)
        yield owner, np.arange(low, high) - starts[owner]


class Limb(NamedTuple):
    """What pairs have in common on one limb: sizes of the sets X∩Y and X∪Y, and whether one lies wholly inside the other."""

    shared: npt.NDArray[np.int32]
    either: npt.NDArray[np.int32]
    inside: npt.NDArray[np.bool_]

    def matches(self, threshold: float) -> npt.NDArray[np.bool_]:
        """Return where the limb matches: enough in common, or one set wholly inside the other (K = 1)."""
        enough: npt.NDArray[np.bool_] = (self.shared > 0) & (self.shared >= threshold * self.either - 1e-9)
        return enough | self.inside

    def take(self, rows: Any) -> Limb:
        """Return some of the pairs, by a mask or by number."""
        return Limb(*(part[rows] for part in self))


def _limb(shared: Index, size_left: Index, size_right: Index) -> Limb:
    """Return a limb of pairs from the sizes of their sets. Empty sets have nothing in common with anything."""
    return Limb(
        shared.astype(np.int32),
        (size_left + size_right - shared).astype(np.int32),
        (shared > 0) & (shared == np.minimum(size_left, size_right)),
    )


@dataclass(frozen=True, eq=False)
class Compared:
    """Services that can be a pair, two by two as in :class:`Pairs`, and what they have in common: all that a threshold is laid on.

    ``smaller`` is the number of beneficiary cells of the one that has fewer; ``nested``: the same activity, and the needs
    and stages of one lie inside those of the other.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    goal: Limb
    activity: Limb
    beneficiary: Limb
    smaller: npt.NDArray[np.int32]
    nested: npt.NDArray[np.bool_]

    def judge(
        self, *, threshold: float = 0.5, duplication_containment: float = 1.0, minimum_grade: int = 2
    ) -> Pairs:
        """Return the candidate pairs among them; see :func:`find_pairs`."""
        _check(threshold, duplication_containment, minimum_grade)
        goal, activity, beneficiary = (
            limb.matches(threshold) for limb in (self.goal, self.activity, self.beneficiary)
        )
        keep = goal.astype(np.int8) + activity + beneficiary >= minimum_grade
        shared = self.beneficiary.shared[keep]
        same_cells = (shared > 0) & (shared >= duplication_containment * self.smaller[keep] - 1e-9)
        flags = goal[keep] * np.uint8(_GOAL) + activity[keep] * np.uint8(_ACTIVITY)
        flags += beneficiary[keep] * np.uint8(_BENEFICIARY)
        flags += (self.nested[keep] & same_cells) * np.uint8(_DUPLICATE)
        return Pairs(self.left[keep], self.right[keep], flags)

    def count(self, threshold: float) -> int:
        """Return how many of them match on one limb or more."""
        goal, activity, beneficiary = (
            limb.matches(threshold) for limb in (self.goal, self.activity, self.beneficiary)
        )
        return int((goal | activity | beneficiary).sum())


def _check(threshold: float, duplication_containment: float, minimum_grade: int) -> None:
    if not (0 < threshold <= 1 and 0 < duplication_containment <= 1):
        raise ValueError("threshold and duplication_containment are shares above 0, at most 1")
    if minimum_grade not in (1, 2, 3):
        raise ValueError(f"minimum_grade is 1, 2 or 3, not {minimum_grade!r}")


def _product(facets: Facets, rows: Index) -> Index:
    """Return the number of beneficiary cells of some services: 0 where a facet is not recorded."""
    size = np.ones(len(rows), dtype=np.int64)
    for bits in facets.beneficiary.values():
        size *= _count(bits[rows])
    return size


def _shared_cells(facets: Facets, left: Index, right: Index) -> Index:
    """Return the number of beneficiary cells in common; none where one side does not take the clients of the other."""
    shared = np.ones(len(left), dtype=np.int64)
    for bits in facets.beneficiary.values():
        shared *= _count(bits[left] & bits[right])
    if facets.excludes.nnz:
        is_choosy = np.diff(facets.excludes.indptr) > 0
        for one, other in ((left, right), (right, left)):
            maybe = np.flatnonzero(is_choosy[one])
            apart = facets.excludes[one[maybe]].multiply(facets.givers[other[maybe]]).sum(axis=1)
            shared[maybe[np.asarray(apart).ravel() > 0]] = 0
    return shared


def find_pairs(
    facets: Facets,
    *,
    threshold: float = 0.5,
    duplication_containment: float = 1.0,
    minimum_grade: int = 2,
    within_provider: bool = False,
) -> Pairs:
    """Return the candidate pairs of a landscape.

    Two services are a pair if their periods and territories intersect, unless one provider gives both under one brand, or
    both belong to one scheme (a part of it, or what came after it). A limb *matches* if J ≥ ``threshold`` or one of the two
    sets lies wholly inside the other (K = 1):

    * goal – the need areas they answer;
    * activity – the same support type, at journey stages in common;
    * beneficiary – cells of size × experience × sector × market scope × mode; none in common where one service does not take
      the clients of a body that gives the other (``excludes_clients_of``).

    A duplication candidate does the same activity (one support type, the stages of one inside those of the other) for the
    same need (the needs of one inside those of the other) and the same beneficiaries (K ≥ ``duplication_containment``).

    Parameters
    ----------
    threshold, duplication_containment
        Shares in 0–1, above 0 (project conventions; no published cut-off exists).
    minimum_grade
        Fewest limbs that must match, 1–3.
    within_provider
        Also pair services that one body gives under one brand.
    """
    parts = list(
        stream_pairs(
            facets,
            threshold=threshold,
            duplication_containment=duplication_containment,
            minimum_grade=minimum_grade,
            within_provider=within_provider,
        )
    )
    if not parts:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8))
    left = np.concatenate([part.left for part in parts])
    right = np.concatenate([part.right for part in parts])
    flags = np.concatenate([part.flags for part in parts])
    parts.clear()
    order = _ascending(left, right)
    return Pairs(left[order], right[order], flags[order])


def _ascending(left: npt.NDArray[np.int32], right: npt.NDArray[np.int32]) -> Index:
    return np.argsort((left.astype(np.int64) << 32) | right)


def compare_pairs(facets: Facets, *, within_provider: bool = False) -> Compared:
    """Return all services that can be a pair, for whoever lays several thresholds on them.

    Takes some 30 bytes for each two services that can meet, 20 MB for a landscape of 2,000; a larger one is better looked at
    by :func:`stream_pairs`.
    """
    nothing = np.empty(0, np.int32)
    no_limb = Limb(nothing, nothing, np.empty(0, np.bool_))
    none = Compared(nothing, nothing, no_limb, no_limb, no_limb, nothing, np.empty(0, np.bool_))
    parts = [none, *_compare(facets, within_provider=within_provider)]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    left, right = joined("left"), joined("right")
    order = _ascending(left, right)
    limbs = {
        limb: Limb(*map(np.concatenate, zip(*(getattr(part, limb) for part in parts), strict=True)))
        for limb in LIMBS
    }
    return Compared(
        left[order],
        right[order],
        **{limb: found.take(order) for limb, found in limbs.items()},
        smaller=joined("smaller")[order],
        nested=joined("nested")[order],
    )


def stream_pairs(
    facets: Facets,
    *,
    threshold: float = 0.5,
    duplication_containment: float = 1.0,
    minimum_grade: int = 2,
    within_provider: bool = False,
) -> Iterator[Pairs]:
    """Yield the pairs of :func:`find_pairs` block by block, in no particular order.

    For landscapes whose candidates would not fit into memory.
    """
    _check(threshold, duplication_containment, minimum_grade)

    def is_likely(goal: Limb, activity: Limb) -> npt.NDArray[np.bool_]:
        matching = goal.matches(threshold).astype(np.int8) + activity.matches(threshold)
        return matching >= minimum_grade - 1  # the beneficiary limb can add one

    for part in _compare(facets, within_provider=within_provider, is_likely=is_likely):
        yield part.judge(
            threshold=threshold,
            duplication_containment=duplication_containment,
            minimum_grade=minimum_grade,
        )


def _compare(
    facets: Facets,
    *,
    within_provider: bool,
    is_likely: Callable[[Limb, Limb], npt.NDArray[np.bool_]] | None = None,
) -> Iterator[Compared]:
    """Yield services that can be a pair, block by block; only those of which goal and activity say that they are likely."""
    members, starts, sizes, ranges = _blocks(facets)
    heads = members[starts]  # one service stands for its class where need and activity are compared
    need, stages = facets.need[heads], facets.stages[heads]
    need_size, stage_size = _count(facets.need)[heads], _count(facets.stages)[heads]
    support_type = facets.support_type[heads]
    cells = _product(facets, np.arange(len(facets)))
    owner, low, high = ranges

    for position, offset in _chunks(high - low):
        one, two = owner[position], low[position] + offset
        same_type = (support_type[one] == support_type[two]) & (support_type[one] >= 0)
        goal = _limb(_count(need[one] & need[two]), need_size[one], need_size[two])
        shared_stages = np.where(same_type, _count(stages[one] & stages[two]), 0)
        activity = _limb(shared_stages, stage_size[one], stage_size[two])
        if is_likely is not None:
            likely = is_likely(goal, activity)
            one, two, goal, activity = one[likely], two[likely], goal.take(likely), activity.take(likely)
        for pair, place in _chunks(sizes[one] * sizes[two]):
            width = sizes[two[pair]]
            left = members[starts[one[pair]] + place // width]
            right = members[starts[two[pair]] + place % width]
            keep = (one[pair] != two[pair]) | (left < right)
            keep &= (facets.start[left] <= facets.end[right]) & (facets.start[right] <= facets.end[left])
            keep &= (facets.family[left] != facets.family[right]) | (facets.family[left] < 0)
            left, right, pair = left[keep], right[keep], pair[keep]  # noqa: PLW2901 - those that can meet
            if not within_provider:
                rivals = ~_same_house(facets, left, right)
                left, right, pair = left[rivals], right[rivals], pair[rivals]  # noqa: PLW2901
            beneficiary = _limb(_shared_cells(facets, left, right), cells[left], cells[right])
            yield Compared(
                np.minimum(left, right).astype(np.int32),
                np.maximum(left, right).astype(np.int32),
                goal.take(pair),
                activity.take(pair),
                beneficiary,
                np.minimum(cells[left], cells[right]).astype(np.int32),
                goal.inside[pair] & activity.inside[pair],
            )


def _blocks(facets: Facets) -> tuple[Index, Index, Index, tuple[Index, Index, Index]]:
    """Return the classes of services and which of them can meet.

    A class holds the services of one territory with the same needs, support type and stages. Returns the members class by
    class, where each class starts, its size, and ranges (class, first other, past the last other) of the classes in the same
    territory or in one that contains it: NUTS codes nest, so a territory contains another if its code is a prefix.
    """
    places, where = np.unique(facets.territory.astype(str), return_inverse=True)
    key = np.column_stack(
        [where.astype(np.uint64), facets.support_type.astype(np.uint64), facets.stages, facets.need]
    )
    order = np.lexsort(key.T[::-1])
    sorted_key = key[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (sorted_key[1:] != sorted_key[:-1]).any(axis=1)
    starts = np.flatnonzero(fresh)
    sizes = np.diff(np.append(starts, len(order)))
    place_of = where[order][starts]
    first = np.searchsorted(place_of, np.arange(len(places)), side="left")
    past = np.searchsorted(place_of, np.arange(len(places)), side="right")

    number = {place: n for n, place in enumerate(places)}
    classes = np.arange(len(starts))
    owner, low, high = [classes], [classes], [past[place_of] if len(starts) else classes]
    for place, n in number.items():
        for length in range(len(place)):
            above = number.get(place[:length])
            if above is not None and past[n] > first[n]:
                own = classes[first[n] : past[n]]
                owner.append(own)
                low.append(np.full(len(own), first[above]))
                high.append(np.full(len(own), past[above]))
    return (
        order,
        starts,
        sizes,
        (np.concatenate(owner), np.concatenate(low), np.concatenate(high)),
    )


def _same_house(facets: Facets, left: Index, right: Index) -> npt.NDArray[np.bool_]:
    """Return where one body gives both services under one brand (or under none)."""
    same = facets.brand[left] == facets.brand[right]
    maybe = np.flatnonzero(same)
    shared = facets.givers[left[maybe]].multiply(facets.givers[right[maybe]]).sum(axis=1)
    same[maybe] = np.asarray(shared).ravel() > 0
    return same
