"""Pairs of services that look alike: overlap and duplication candidates, and fragmentation by need area.

Unit of analysis: *a service that reaches SMEs of the region*, not a brand name and not a budget line. The three classes
follow GAO-15-49SP (2015), in our own words: fragmentation – several bodies work in one broad area of need; overlap – they
have similar goals, use similar activities **or** aim at similar beneficiaries; duplication – the same activity for the same
beneficiaries. Because overlap asks for only one of three limbs, nearly every pair would count; so the limbs that match are
stored and the grade is their number (project convention).

What is computed is a *candidate*. Only a person's recorded decision makes it more (:func:`apply_decisions`).

Every facet of a service is a set of codes, kept as bits of a 64-bit word, so that |X∩Y| is one ``and`` and one bit count.
Pairs are built in blocks: territories that contain one another, then classes of services with the same needs and activity;
the full cross product is never formed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process
from scipy import sparse

from eis_lib import landscape
from eis_lib.vocabulary import Vocabulary

UNIT_OF_ANALYSIS = "a service that reaches SMEs of the region (not a brand, a provider or a budget line)"

LIMBS: tuple[str, ...] = ("goal", "activity", "beneficiary")
"""The three limbs of the overlap test, in the order in which they are told."""

BENEFICIARY_FACETS: Mapping[str, str] = {
    "sme_size": "sme_size",
    "experience": "experience",
    "sectors": "sector",
    "market_scope": "market_scope",
    "modes": "mode",
}
"""Facets whose product is the set of beneficiary cells, and the vocabulary scheme of each. The journey stage belongs to the
activity limb; territory and period are no part of the product: a pair must share them to be a pair at all."""

DUPLICATION = "duplication candidate"
OVERLAP = "overlap candidate"

SIDE_BY_SIDE = "dated"
"""Periods of a pair of which all four years are recorded: both did run at the same time."""

ASSUMED = "not fully dated"
"""Periods of a pair of which a year is missing: that they ran at the same time is an assumption."""

VALIDATED: frozenset[str] = frozenset({"confirmed", "kept-on-purpose"})
"""Decisions by which a person says that a computed pair is real."""

OPTIONS: frozenset[str] = frozenset({"coordinate", "merge", "transfer", "redesign", "close"})
"""Decisions that choose what to do about a validated pair."""

_SEPARATOR = "~"  # no identifier of a pack may hold it, so a pair id can always be taken apart again
_CHUNK = 1 << 19  # pairs looked at together: large enough for numpy, small enough for the processor's cache
_GOAL, _ACTIVITY, _BENEFICIARY, _DUPLICATE = 1, 2, 4, 8
_EVERYWHERE = ("EU", "")  # territory codes without borders

Words = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]


# ------------------------------------------------------------------------------------------------ two sets


def jaccard(left: Iterable[str], right: Iterable[str]) -> float:
    """Return |X∩Y| / |X∪Y|; NaN if either set is empty, because an empty cell is missing data and not an empty set.

    Examples
    --------
    >>> jaccard({"a", "b"}, {"b", "c", "d"}), jaccard(set(), {"b"})
    (0.25, nan)
    """
    x, y = set(left), set(right)
    return len(x & y) / len(x | y) if x and y else float("nan")


def containment(left: Iterable[str], right: Iterable[str]) -> float:
    """Return |X∩Y| / min(|X|, |Y|): 1 where one set lies wholly inside the other; NaN if either is empty.

    Examples
    --------
    >>> containment({"a"}, {"a", "b", "c"}), containment({"a"}, set())
    (1.0, nan)
    """
    x, y = set(left), set(right)
    return len(x & y) / min(len(x), len(y)) if x and y else float("nan")


def pair_id(left: str, right: str) -> str:
    """Return the name of a pair, the same in either order.

    Examples
    --------
    >>> pair_id("leo-grant", "ei-grant"), pair_id("ei-grant", "leo-grant")
    ('ei-grant~leo-grant', 'ei-grant~leo-grant')
    """
    return _SEPARATOR.join(sorted((left, right)))


# ------------------------------------------------------------------------------------------------ facets as bits


@dataclass(frozen=True, eq=False)
class Facets:
    """The services of one landscape, coded for comparison. Row order is that of ``ids``, which is sorted.

    Attributes
    ----------
    ids : array of str
        Service identifiers, ascending.
    need, stages : array (n, words) of uint64
        Sets of codes as bits; all zero where nothing is recorded.
    beneficiary : mapping of str to array
        The same for each facet of :data:`BENEFICIARY_FACETS`.
    support_type, brand, family : array of int
        Codes; −1 is "not recorded". Services of one scheme (``part_of``, ``succeeds``, followed all the way) share a family.
    givers, excludes : sparse matrix (n, providers)
        1 where a body gives the service, alone or with others; 1 where the service does not take the clients of a body.
    start, end : array of int
        Years; a missing year is open.
    territory : array of str
        NUTS code; "" means no borders.
    need_codes : tuple of str
        Code of each bit of ``need``.
    """

    ids: npt.NDArray[np.object_]
    need: Words
    stages: Words
    beneficiary: Mapping[str, Words]
    support_type: Index
    brand: Index
    family: Index
    givers: sparse.csr_matrix
    excludes: sparse.csr_matrix
    start: Index
    end: Index
    territory: npt.NDArray[np.object_]
    need_codes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of services."""
        return len(self.ids)


def encode(services: pd.DataFrame, vocabulary: Vocabulary, *, territory: str = "") -> Facets:
    """Return the services coded for comparison.

    Parameters
    ----------
    services
        As in a pack, with ``need_area`` of :func:`eis_lib.landscape.add_facets`. Optional columns may be absent.
    vocabulary
        Gives the codes of each facet and the wider terms of sectors: *all* is every sector, *manufacturing* is itself and
        every sector under it.
    territory
        NUTS code of the region, for services that name no narrower one.

    Raises
    ------
    KeyError
        If ``need_area`` has not been added.
    """
    if "need_area" not in services:
        raise KeyError("the services have no need_area; pass them through landscape.add_facets first")
    frame = services.assign(service_id=services["service_id"].astype(str))
    frame = frame.sort_values("service_id", kind="stable").reset_index(drop=True)
    sector_codes = [code for code in vocabulary.codes("sector") if code != landscape.CLASS_WIDE]
    below: dict[str, tuple[str, ...]] = {landscape.CLASS_WIDE: tuple(sector_codes)}
    for code in sector_codes:
        for wider in vocabulary.ancestors("sector", code):
            below[wider] = (*below.get(wider, ()), code)

    need, need_codes = _bits(frame["need_area"], vocabulary.codes("barrier"))
    stages, _ = _bits(frame["journey_stages"], vocabulary.codes("journey_stage"))
    beneficiary = {
        facet: _bits(
            frame[facet],
            sector_codes if facet == "sectors" else vocabulary.codes(scheme),
            below if facet == "sectors" else {},
        )[0]
        for facet, scheme in BENEFICIARY_FACETS.items()
    }
    turned_away = [landscape.list_items(bodies) for bodies in _optional(frame, "excludes_clients_of")]
    bodies, names = _lists([*_with_lead(frame), *turned_away])
    givers, excludes = (_members(part, len(names)) for part in (bodies[: len(frame)], bodies[len(frame) :]))
    return Facets(
        ids=frame["service_id"].to_numpy(dtype=object),
        need=need,
        stages=stages,
        beneficiary=beneficiary,
        support_type=_codes(frame["support_type"]),
        brand=_codes(_optional(frame, "brand")),
        family=_families(frame),
        givers=givers,
        excludes=excludes,
        start=_year(frame, "start_year", -1),
        end=_year(frame, "end_year", 1 << 20),
        territory=np.array(
            [
                territory if landscape.is_missing(code) else "" if code in _EVERYWHERE else str(code)
                for code in _optional(frame, "territory")
            ],
            dtype=object,
        ),
        need_codes=need_codes,
    )


def _optional(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="object", name=name)


def _with_lead(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return, per service, its provider and any that give it too."""
    return [
        (str(lead), *landscape.list_items(others))
        for lead, others in zip(frame["provider_id"], _optional(frame, "co_providers"), strict=True)
    ]


def _lists(values: Iterable[tuple[str, ...]]) -> tuple[list[list[int]], list[str]]:
    """Return lists of names as lists of distinct numbers, and the names by number."""
    number: dict[str, int] = {}
    found = [sorted({number.setdefault(name, len(number)) for name in names}) for names in values]
    return found, list(number)


def _members(lists: Sequence[Sequence[int]], width: int) -> sparse.csr_matrix:
    """Return lists of numbers as a matrix with a row for each list."""
    rows = np.repeat(np.arange(len(lists)), [len(item) for item in lists])
    columns = np.array([code for item in lists for code in item], dtype=np.int64)
    ones = np.ones(len(rows), dtype=np.int8)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(lists), max(width, 1)))


def _codes(column: pd.Series) -> Index:
    codes, _ = pd.factorize(column, use_na_sentinel=True)
    return codes.astype(np.int64)


def _year(frame: pd.DataFrame, name: str, missing: int) -> Index:
    years = pd.to_numeric(_optional(frame, name), errors="coerce")
    return years.astype("float64").fillna(missing).to_numpy().astype(np.int64)


def _bits(
    column: pd.Series, codes: Sequence[str], expand: Mapping[str, Sequence[str]] | None = None
) -> tuple[Words, tuple[str, ...]]:
    """Return sets of codes as bits, and the code of each bit; a code outside the list gets a bit of its own."""
    place = {code: number for number, code in enumerate(codes)}
    wider = expand or {}
    known: dict[tuple[str, ...], int] = {}
    masks: list[int] = []
    for cell in column:
        key = cell if isinstance(cell, tuple) else landscape.list_items(cell)
        mask = known.get(key)
        if mask is None:
            mask = 0
            for code in key:
                for each in wider.get(code, (code,)):
                    mask |= 1 << place.setdefault(each, len(place))
            known[key] = mask
        masks.append(mask)
    words = max(1, -(-len(place) // 64))
    full = (1 << 64) - 1
    bits = np.empty((len(masks), words), dtype=np.uint64)
    for word in range(words):
        bits[:, word] = np.array([(mask >> (64 * word)) & full for mask in masks], dtype=np.uint64)
    return bits, tuple(place)


def _families(frame: pd.DataFrame) -> Index:
    """Return a number per scheme family: services tied by ``part_of`` or ``succeeds``, through any number of links."""
    ties: nx.Graph = nx.Graph()
    for column in ("part_of", "succeeds"):
        for service, other in zip(frame["service_id"], _optional(frame, column), strict=True):
            if not landscape.is_missing(other):
                ties.add_edge(service, str(other))
    family = {
        service: number for number, group in enumerate(nx.connected_components(ties)) for service in group
    }
    return np.array([family.get(service, -1) for service in frame["service_id"]], dtype=np.int64)


def _count(bits: Words) -> Index:
    """Return the size of each set."""
    return np.bitwise_count(bits).sum(axis=1, dtype=np.int64)


# ------------------------------------------------------------------------------------------------ pairs


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


def describe_pairs(pairs: Pairs, facets: Facets) -> pd.DataFrame:
    """Return candidate pairs as a table.

    Returns
    -------
    DataFrame
        One row per pair, in the order of ``pairs``: ``service_a``, ``service_b`` (categories, a < b), ``pair_class``
        (category), ``grade`` (1–3), ``goal``, ``activity``, ``beneficiary`` (bool: the limb matches), and for each limb
        ``<limb>_jaccard`` and ``<limb>_containment`` (0–1; NaN where either side is not recorded: missing data, neither
        alike nor different).
    """
    left, right = pairs.left.astype(np.int64), pairs.right.astype(np.int64)
    names: pd.Index[str] = pd.Index(facets.ids.tolist())
    classes: pd.Index[str] = pd.Index([DUPLICATION, OVERLAP])
    is_overlap = ((pairs.flags & _DUPLICATE) == 0).astype(np.int8)
    columns: dict[str, object] = {
        "service_a": pd.Categorical.from_codes(pairs.left, names),
        "service_b": pd.Categorical.from_codes(pairs.right, names),
        "pair_class": pd.Categorical.from_codes(is_overlap, classes),
        "grade": np.bitwise_count(pairs.flags & np.uint8(_GOAL | _ACTIVITY | _BENEFICIARY)).astype(np.int8),
    }
    for limb, bit in zip(LIMBS, (_GOAL, _ACTIVITY, _BENEFICIARY), strict=True):
        columns[limb] = (pairs.flags & bit) > 0
    for limb in LIMBS:
        shared, one, two = _limb_sizes(limb, facets, left, right)
        defined = (one > 0) & (two > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns[f"{limb}_jaccard"] = np.where(defined, shared / (one + two - shared), np.nan)
            columns[f"{limb}_containment"] = np.where(defined, shared / np.minimum(one, two), np.nan)
    return pd.DataFrame(columns)


def _limb_sizes(limb: str, facets: Facets, left: Index, right: Index) -> tuple[Index, Index, Index]:
    """Return |X∩Y|, |X| and |Y| of one limb; an activity is a set of (support type, stage)."""
    if limb == "beneficiary":
        cells = _product(facets, np.arange(len(facets)))
        return _shared_cells(facets, left, right), cells[left], cells[right]
    bits = facets.need if limb == "goal" else facets.stages
    sizes = _count(bits)
    shared = _count(bits[left] & bits[right])
    if limb == "activity":
        coded = facets.support_type >= 0
        shared = np.where(facets.support_type[left] == facets.support_type[right], shared, 0)
        sizes = np.where(coded, sizes, 0)
    return shared, sizes[left], sizes[right]


# ------------------------------------------------------------------------------------------------ candidates of a region


def find_candidates(
    services: pd.DataFrame,
    vocabulary: Vocabulary,
    *,
    territory: str = "",
    threshold: float = 0.5,
    duplication_containment: float = 1.0,
    minimum_grade: int = 2,
    within_provider: bool = False,
) -> pd.DataFrame:
    """Return the candidate pairs among some services, strongest first, ready to be read.

    Parameters are those of :func:`encode` and :func:`find_pairs`; the table is that of :meth:`Shortlist.rows`.
    """
    facets = encode(services, vocabulary, territory=territory)
    pairs = find_pairs(
        facets,
        threshold=threshold,
        duplication_containment=duplication_containment,
        minimum_grade=minimum_grade,
        within_provider=within_provider,
    )
    return Shortlist(services, facets, pairs).rows()


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The candidate pairs among some services: counted as they stand, written out as far as somebody reads.

    A landscape of 2,000 services has some 80,000 pairs, of which a page shows fifteen.
    """

    services: pd.DataFrame
    facets: Facets
    pairs: Pairs

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Return the pairs in their own order: the columns of :func:`describe_pairs`, ``needs_from`` and ``periods`` (category)."""
        left, right = self.pairs.left, self.pairs.right
        return describe_pairs(self.pairs, self.facets).assign(
            needs_from=_either_or(self._own[left] & self._own[right], "own", "derived"),
            periods=_either_or(self._dated[left] & self._dated[right], SIDE_BY_SIDE, ASSUMED),
        )

    def named(self, pair_ids: Iterable[str]) -> Shortlist:
        """Return those of the pairs that are named; a name of another pair is passed over."""
        number = {service: n for n, service in enumerate(self.facets.ids)}
        sides = [_two_sides(name) for name in pair_ids]
        wanted = [sorted((number[one], number[two])) for one, two in sides if one in number and two in number]
        if not wanted:
            return self._only(slice(0))
        keys = np.array([(one << 32) | two for one, two in wanted], dtype=np.int64)
        own = (self.pairs.left.astype(np.int64) << 32) | self.pairs.right
        return self._only(np.isin(own, keys))

    def _only(self, keep: Any) -> Shortlist:
        pairs = self.pairs
        return Shortlist(
            self.services, self.facets, Pairs(pairs.left[keep], pairs.right[keep], pairs.flags[keep])
        )

    @cached_property
    def _listed(self) -> pd.DataFrame:
        """Return the services in the order of the facets."""
        return self.services.set_index(self.services["service_id"].astype(str)).loc[self.facets.ids.tolist()]

    @property
    def _own(self) -> npt.NDArray[np.bool_]:
        if "need_area_from" not in self._listed:
            return np.zeros(len(self._listed), dtype=bool)
        own: npt.NDArray[np.bool_] = self._listed["need_area_from"].eq("own").to_numpy(dtype=bool)
        return own

    @property
    def _dated(self) -> npt.NDArray[np.bool_]:
        years = [
            _optional(self._listed, name).notna().to_numpy(dtype=bool) for name in ("start_year", "end_year")
        ]
        dated: npt.NDArray[np.bool_] = years[0] & years[1]
        return dated

    def rows(self, most: int | None = None) -> pd.DataFrame:
        """Return the pairs, or the first so many, strongest first, ready to be read.

        Returns
        -------
        DataFrame
            Key ``pair_id``. The columns of :func:`describe_pairs` (service names as text), and ``limbs`` (text), ``missing``
            (limbs that could not be compared, text), ``shared_needs`` (text, ``;``), ``needs_from`` (``own``: both services
            name their needs; else ``derived``), ``periods`` (``dated`` or ``not fully dated``), ``narrower`` (the service
            whose beneficiaries lie wholly inside those of the other; "" where neither's do or both are open to the same),
            ``text_similarity`` (0–100, of names and descriptions; breaks ties in the order, decides nothing).
            Sorted by class, grade, similarity.
        """
        first = _strength(self.measures)
        if most is not None and most < len(self):
            # texts are compared only of those that may be among the first by all that comes before them in the order
            keep = (
                first <= np.partition(first, most - 1)[most - 1] if most else np.zeros(len(self), dtype=bool)
            )
            return self._only(keep).rows().head(most)
        facets, row = self.facets, self._listed
        left, right = self.pairs.left, self.pairs.right
        frame = self.measures.copy()
        texts = np.array(
            [
                f"{name} {'' if landscape.is_missing(words) else words}"
                for name, words in zip(row["name"], _optional(row, "description"), strict=True)
            ],
            dtype=object,
        )

        # whole columns at a time
        def words(values: Any) -> pd.Series:
            return pd.Series(values, dtype="str")

        frame["service_a"], frame["service_b"] = words(facets.ids[left]), words(facets.ids[right])
        # ids are in order, so the first of the two is always the left one
        frame.insert(0, "pair_id", words(facets.ids[left] + (_SEPARATOR + facets.ids)[right]))
        held = np.array([frame[limb].to_numpy() for limb in LIMBS])
        bare = np.array([frame[f"{limb}_jaccard"].isna().to_numpy() for limb in LIMBS])
        needs_from, periods = frame.pop("needs_from"), frame.pop("periods")
        frame["limbs"], frame["missing"] = words(_join_limbs(held)), words(_join_limbs(bare))
        frame["shared_needs"] = words(_codes_of(facets.need[left] & facets.need[right], facets.need_codes))
        frame["needs_from"], frame["periods"] = needs_from.astype("str"), periods.astype("str")
        cells = _product(facets, np.arange(len(facets)))
        narrower = np.where(cells[left] < cells[right], facets.ids[left], facets.ids[right])
        inside = (frame["beneficiary_containment"] == 1) & (frame["beneficiary_jaccard"] < 1)
        frame["narrower"] = words(np.where(inside, narrower, ""))
        similar = process.cpdist(
            texts[left].tolist(), texts[right].tolist(), scorer=fuzz.token_set_ratio, dtype=np.float64, workers=-1
        )  # fmt: skip
        frame["text_similarity"] = similar.round(1)
        frame["pair_class"] = frame["pair_class"].astype(str)
        # "a~b" sorts as the text "a~" does, then as b: numbers in place of 80,000 texts
        place = np.argsort(np.argsort((facets.ids + _SEPARATOR).astype(str)))
        order = np.lexsort((right, place[left], -frame["text_similarity"], first))
        return frame.take(order).reset_index(drop=True)


def _strength(measures: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return a number by which pairs stand in order: smaller for duplication, for more limbs, for more in common (0–3)."""
    likeness = np.nansum([measures[f"{limb}_jaccard"].to_numpy() for limb in LIMBS], axis=0).round(9)
    overlaps = (measures["pair_class"] == OVERLAP).to_numpy()
    strength: npt.NDArray[np.float64] = 100.0 * overlaps - 10.0 * measures["grade"].to_numpy() - likeness
    return strength.round(9)


def _either_or(is_so: npt.NDArray[np.bool_], yes: str, no: str) -> Any:
    return pd.Categorical.from_codes((~is_so).astype(np.int8), pd.Index([yes, no]))


def _join_limbs(held: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return for each pair the names of the limbs that hold, joined by "; "."""
    kinds = np.array(
        ["; ".join(limb for n, limb in enumerate(LIMBS) if kind >> n & 1) for kind in range(2 ** len(LIMBS))],
        dtype=object,
    )
    joined: npt.NDArray[np.object_] = kinds[(held * (1 << np.arange(len(LIMBS)))[:, None]).sum(axis=0)]
    return joined


def _codes_of(bits: Words, codes: Sequence[str]) -> npt.NDArray[np.object_]:
    """Return sets of bits as codes joined by ";"."""
    if not len(bits):
        return np.empty(0, object)
    if bits.shape[1] == 1:  # sixteen needs fit into one word, and words sort faster than rows of them
        words, which = np.unique(bits[:, 0], return_inverse=True)
        kinds = words[:, None]
    else:
        kinds, which = np.unique(bits, axis=0, return_inverse=True)
    texts = [
        ";".join(code for n, code in enumerate(codes) if int(kind[n // 64]) >> (n % 64) & 1) for kind in kinds
    ]
    joined: npt.NDArray[np.object_] = np.array(texts, dtype=object)[which.ravel()]
    return joined


def undecidable(services: pd.DataFrame) -> pd.DataFrame:
    """Return the services of which a limb can not be compared: one row per (``service_id``, ``limb``), with ``lacks``."""
    rows = []
    needed = {
        "goal": ("need_area",),
        "activity": ("support_type", "journey_stages"),
        "beneficiary": tuple(BENEFICIARY_FACETS),
    }
    for limb, columns in needed.items():
        lacking = {
            column: [landscape.is_missing(cell) for cell in services[column].tolist()] for column in columns
        }
        for service, missing in zip(services["service_id"], zip(*lacking.values(), strict=True), strict=True):
            if any(missing):
                lacks = [column for column, is_bare in zip(columns, missing, strict=True) if is_bare]
                rows.append((service, limb, "; ".join(lacks)))
    return pd.DataFrame(rows, columns=["service_id", "limb", "lacks"])


# ------------------------------------------------------------------------------------------------ the status ladder


def apply_decisions(candidates: pd.DataFrame, decisions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the candidates with how far people have taken each of them.

    The ladder: ``candidate`` → ``confirmed``, ``kept-on-purpose`` or ``rejected`` → ``effect-assessed`` → an option
    (``coordinate``, ``merge``, ``transfer``, ``redesign``, ``close``). A rung can only be reached from the one below: an
    effect or an option recorded for a pair that nobody validated leaves it a candidate, and ``ladder_note`` says so.

    Parameters
    ----------
    candidates
        With ``pair_id``.
    decisions
        The pack's table, or nothing. Rows of other subjects are passed over; a pair may be named in either order; several
        decisions are read by date, then in file order.

    Returns
    -------
    DataFrame
        ``candidates`` and ``status``, ``decided_by`` (a role), ``decided_on``, ``reason``, ``ladder_note``.
    """
    history: dict[str, list[dict[Hashable, Any]]] = {}
    if decisions is not None and len(decisions):
        of_pairs = decisions[decisions["subject_kind"] == "candidate"].sort_values("date", kind="stable")
        for record in of_pairs.to_dict("records"):
            history.setdefault(pair_id(*_two_sides(str(record["subject_id"]))), []).append(record)
    columns = ["status", "decided_by", "decided_on", "reason", "ladder_note"]
    rungs = np.empty((len(columns), len(candidates)), dtype=object)
    rungs[:] = np.array(_climb([]), dtype=object)[:, None]  # few pairs have been decided on
    for at in np.flatnonzero(candidates["pair_id"].isin(list(history)).to_numpy()):
        rungs[:, at] = _climb(history[str(candidates["pair_id"].iloc[at])])
    return candidates.assign(
        **{
            column: pd.Series(rung, index=candidates.index, dtype="str")
            for column, rung in zip(columns, rungs, strict=True)
        }
    )


def decided(decisions: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the pairs of which decisions are on record, each as it is named there."""
    if decisions is None:
        return ()
    return tuple(map(str, decisions.loc[decisions["subject_kind"] == "candidate", "subject_id"].unique()))


def _two_sides(subject: str) -> tuple[str, str]:
    left, _, right = subject.partition(_SEPARATOR)
    return left.strip(), right.strip()


def _climb(history: Sequence[Mapping[Hashable, Any]]) -> tuple[str, str, str, str, str]:
    status, by, on, reason, note = "candidate", "", "", "", ""
    for record in history:
        decision = str(record["decision"])
        later_rung = decision == "effect-assessed" or decision in OPTIONS
        if later_rung and status in ("candidate", "rejected"):
            note = f"'{decision}' is recorded, but nobody has confirmed the pair"
            continue
        if decision in VALIDATED or decision == "rejected" or later_rung:
            status, by, on, reason = decision, *(str(record[c]) for c in ("decided_by", "date", "reason"))
            note = ""
    return status, by, on, reason, note


def is_validated(status: str) -> bool:
    """Return whether a person has found a pair real (so that it may be told as a finding).

    Examples
    --------
    >>> is_validated("candidate"), is_validated("rejected"), is_validated("merge")
    (False, False, True)
    """
    return status in VALIDATED or status == "effect-assessed" or status in OPTIONS


# ------------------------------------------------------------------------------------------------ fragmentation


def fragmentation(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    candidates: pd.DataFrame,
    barriers: Sequence[str] = (),
    governance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how scattered each need area is; fragmentation is a property of an area and never of a pair.

    Parameters
    ----------
    services
        With the facets of :func:`eis_lib.landscape.add_facets`; those of one year.
    candidates
        As :func:`find_candidates` returns them.
    governance
        The pack's table, or nothing where the region has none.

    Returns
    -------
    DataFrame
        One row per ``need_area``: the columns of :func:`eis_lib.landscape.concentration` (shares are shares of the number
        of services), ``fragmented`` (bool: two or more providers), ``duplications``, ``overlaps`` (candidates that share the
        need), ``coordinators`` (tuple of providers with the role *coordinates*) and ``coordination`` (``named``,
        ``none named`` or ``not recorded``: nobody is on record as coordinating anything, which says nothing of this area).
    """
    frame = landscape.concentration(services, providers, barriers)
    counts = {DUPLICATION: {}, OVERLAP: {}}  # type: dict[str, dict[str, int]]
    for kind, needs in zip(candidates["pair_class"], candidates["shared_needs"], strict=True):
        for need in str(needs).split(";"):
            counts[kind][need] = counts[kind].get(need, 0) + 1
    roles: dict[str, list[str]] = {}
    recorded = governance is not None and bool((governance["role"] == "coordinates").any())
    if governance is not None:
        leading = governance[governance["role"] == "coordinates"]
        for area, provider in zip(_optional(leading, "need_area"), leading["provider_id"], strict=True):
            if not landscape.is_missing(area):
                roles.setdefault(str(area), []).append(str(provider))
    coordinators = [tuple(dict.fromkeys(roles.get(str(area), ()))) for area in frame["need_area"]]
    return frame.assign(
        fragmented=frame["providers"] >= 2,
        duplications=[counts[DUPLICATION].get(str(area), 0) for area in frame["need_area"]],
        overlaps=[counts[OVERLAP].get(str(area), 0) for area in frame["need_area"]],
        coordinators=pd.Series(coordinators, index=frame.index, dtype="object"),
        coordination=[
            "named" if who else "none named" if recorded else "not recorded" for who in coordinators
        ],
    )
