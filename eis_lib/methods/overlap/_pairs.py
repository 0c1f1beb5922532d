"""Candidate pairs: services whose bodies might have to talk, because the same firms can meet both doors for like help."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods.overlap._coding import _SEPARATOR, Facets, Index, Words, _count, encode
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.vocabulary import Vocabulary

UNIT_OF_ANALYSIS = "a service that reaches SMEs of the region (not a brand, a provider or a budget line)"
DUPLICATION = "duplication candidate"
OVERLAP = "overlap candidate"

TO_DISCUSS, ONE_HOUSE, BEYOND, DOUBTFUL = (
    "to discuss",
    "within one house",
    "beyond the region",
    "not shown to run",
)
GROUPS: tuple[str, ...] = (TO_DISCUSS, ONE_HOUSE, BEYOND, DOUBTFUL)
"""Where a pair is listed: among those that two bodies could discuss, or apart, because one body gives both, because one of them is no
body of the region or its country, or because no source shows that both run."""

SIDE_BY_SIDE = "dated"
"""Periods of a pair of which all four years are recorded: both did run at the same time."""

ASSUMED = "not fully dated"
"""Periods of a pair of which a year is missing: that they ran at the same time is an assumption."""

Mask = npt.NDArray[np.bool_]


def jaccard(left: Iterable[str], right: Iterable[str]) -> float:
    """Return |X∩Y| / |X∪Y|; NaN if either set is empty, because an empty cell is missing data and not an empty set.

    Examples
    --------
    >>> jaccard({"a", "b"}, {"b", "c", "d"}), jaccard(set(), {"b"})
    (0.25, nan)
    """
    x, y = set(left), set(right)
    return len(x & y) / len(x | y) if x and y else float("nan")


def pair_id(left: str, right: str) -> str:
    """Return the name of a pair, the same in either order.

    Examples
    --------
    >>> pair_id("leo-grant", "ei-grant"), pair_id("ei-grant", "leo-grant")
    ('ei-grant~leo-grant', 'ei-grant~leo-grant')
    """
    return _SEPARATOR.join(sorted((left, right)))


def find_pairs(
    services: pd.DataFrame,
    vocabulary: Vocabulary,
    *,
    related: Collection[tuple[str, str]],
    relations: pd.DataFrame | None = None,
    territory: str = "",
    duplication_share: float = 0.4,
) -> pd.DataFrame:
    """Return the candidate pairs of a landscape, in the order of their ids.

    Two services are a candidate pair if they are of one or of a related kind of support, at a journey stage in common, for
    firms in common, and their periods and territories meet; two of merely related kinds that name their needs must have one
    in common. Services of one scheme (``part_of``, ``succeeds``) are no pair,
    nor are those of which a relation is on record: that they follow one another or belong together is known.

    A *duplication* candidate is of one kind, names its own needs on both sides, the needs and stages of one inside those of
    the other, and shares at least ``duplication_share`` of the firms.

    Parameters
    ----------
    services
        Those of one year, as for :func:`encode`; optional ``status``, ``layer`` and ``provider_level``.
    vocabulary
    related
        Kinds of support that are alike enough for a firm to ask at both doors; in either order.
    relations
        The pack's table; None where there is none.
    territory
        NUTS code of the region.
    duplication_share
        Jaccard of the firms, 0–1, above 0 (project convention; no published cut-off exists).

    Returns
    -------
    DataFrame
        Key ``pair_id``. ``service_a``, ``service_b`` (a < b), ``group`` (of :data:`GROUPS`), ``pair_class``, ``same_kind``
        (bool), ``need_jaccard`` (0–1; NaN unless both name their needs), ``stage_jaccard``, ``firm_jaccard``, ``a_in_b``,
        ``b_in_a`` (share of the firms of one that the other takes too, 0–1), ``shared_needs``, ``shared_stages`` (text, ``;``),
        ``periods`` (``dated`` or ``not fully dated``).

    Raises
    ------
    ValueError
        If ``duplication_share`` is no share above 0.
    """
    if not 0 < duplication_share <= 1:
        raise ValueError(f"duplication_share is a share above 0, at most 1, not {duplication_share!r}")
    facets = encode(services, vocabulary, territory=territory)
    left, right = _that_can_meet(facets, related, relations)
    listed = services.set_index(services["service_id"].astype(str)).loc[facets.ids.tolist()]
    return _compared(facets, listed, left, right, duplication_share)


def _compared(
    facets: Facets, listed: pd.DataFrame, left: Index, right: Index, duplication_share: float
) -> pd.DataFrame:
    """Return what services that can meet have in common, and of which class their pair is."""
    firms = _Shares.of(_shared_firms(facets, left, right), _firms(facets), left, right)
    need = _Shares.of_bits(facets.need, left, right)
    kinds = np.array(facets.kinds, dtype=object)
    same_kind = kinds[left] == kinds[right]
    # of two kinds that are merely related, a firm asks at both doors only for a need that both lower
    keep = (firms.shared > 0) & (same_kind | ~(need.jaccard == 0))
    left, right, firms, need = left[keep], right[keep], firms.only(keep), need.only(keep)
    same_kind = same_kind[keep]
    stages = _Shares.of_bits(facets.stages, left, right)
    twins = same_kind & need.nested & stages.nested & (firms.jaccard >= duplication_share - 1e-9)
    return pd.DataFrame(
        {
            "pair_id": _text(facets.ids[left] + (_SEPARATOR + facets.ids)[right]),
            "service_a": _text(facets.ids[left]),
            "service_b": _text(facets.ids[right]),
            "group": _text(_groups(facets, listed, left, right)),
            "pair_class": _text(np.where(twins, DUPLICATION, OVERLAP)),
            "same_kind": same_kind.astype(bool),
            "need_jaccard": need.jaccard,
            "stage_jaccard": stages.jaccard,
            "firm_jaccard": firms.jaccard,
            "a_in_b": firms.of_left,
            "b_in_a": firms.of_right,
            "shared_needs": _text(_names(facets.need[left] & facets.need[right], facets.need_codes)),
            "shared_stages": _text(_names(facets.stages[left] & facets.stages[right], facets.stage_codes)),
            "periods": _text(_periods(listed, left, right)),
        }
    )


def _text(values: Any) -> pd.Series:
    return pd.Series(values, dtype="str")


class _Shares:
    """What two sets have in common, pair by pair."""

    def __init__(self, shared: Index, one: Index, two: Index) -> None:
        self.shared, self.one, self.two = shared, one, two

    @classmethod
    def of(cls, shared: Index, sizes: Index, left: Index, right: Index) -> _Shares:
        return cls(shared, sizes[left], sizes[right])

    @classmethod
    def of_bits(cls, bits: Words, left: Index, right: Index) -> _Shares:
        return cls.of(_count(bits[left] & bits[right]), _count(bits), left, right)

    def only(self, keep: Mask) -> _Shares:
        return _Shares(self.shared[keep], self.one[keep], self.two[keep])

    def _divided(self, by: Index) -> npt.NDArray[np.float64]:
        is_told = (self.one > 0) & (self.two > 0)
        found: npt.NDArray[np.float64] = np.where(is_told, self.shared / np.maximum(by, 1), np.nan)
        return found

    @property
    def jaccard(self) -> npt.NDArray[np.float64]:
        return self._divided(self.one + self.two - self.shared)

    @property
    def of_left(self) -> npt.NDArray[np.float64]:
        return self._divided(self.one)

    @property
    def of_right(self) -> npt.NDArray[np.float64]:
        return self._divided(self.two)

    @property
    def nested(self) -> Mask:
        """Return where one set lies wholly inside the other."""
        inside: Mask = (self.shared > 0) & (self.shared == np.minimum(self.one, self.two))
        return inside


def _that_can_meet(
    facets: Facets, related: Collection[tuple[str, str]], relations: pd.DataFrame | None
) -> tuple[Index, Index]:
    """Return the services, two by two, of like kind and stage, in like years and places, of which no relation is known."""
    known = list(dict.fromkeys(kind for kind in facets.kinds if kind))
    number = {kind: n for n, kind in enumerate(known)}
    alike = np.eye(len(known) + 1, dtype=bool)
    alike[-1, -1] = False  # two kinds that are not recorded are not alike
    for one, two in related:
        if one in number and two in number:
            alike[number[one], number[two]] = alike[number[two], number[one]] = True
    kinds = np.array([number.get(kind, len(known)) for kind in facets.kinds], dtype=np.int64)
    left, right = (side.astype(np.int64) for side in np.triu_indices(len(facets), k=1))
    keep = alike[kinds[left], kinds[right]]
    keep &= (facets.start[left] <= facets.end[right]) & (facets.start[right] <= facets.end[left])
    keep &= (facets.family[left] != facets.family[right]) | (facets.family[left] < 0)
    left, right = left[keep], right[keep]
    keep = _count(facets.stages[left] & facets.stages[right]) > 0
    keep &= _nested_places(facets, left, right) & ~_related_rows(facets, relations, left, right)
    return left[keep], right[keep]


def _nested_places(facets: Facets, left: Index, right: Index) -> Mask:
    """Return where one territory contains the other: NUTS codes nest, so that the wider one is a prefix."""
    places = list(dict.fromkeys(facets.territory.tolist()))
    nested = np.array([[a.startswith(b) or b.startswith(a) for b in places] for a in places], dtype=bool)
    where = np.array([places.index(place) for place in facets.territory.tolist()], dtype=np.int64)
    found: Mask = nested.reshape(len(places), len(places))[where[left], where[right]]
    return found


def _related_rows(facets: Facets, relations: pd.DataFrame | None, left: Index, right: Index) -> Mask:
    """Return where a relation between the two services is on record."""
    if relations is None or relations.empty:
        return np.zeros(len(left), dtype=bool)
    number = {service: n for n, service in enumerate(facets.ids.tolist())}
    rows = zip(relations["service_id"].astype(str), relations["other_service"].astype(str), strict=True)
    known = {
        tuple(sorted((number[one], number[two]))) for one, two in rows if one in number and two in number
    }
    return np.array([pair in known for pair in zip(left.tolist(), right.tolist(), strict=True)], dtype=bool)


def _firms(facets: Facets) -> Index:
    """Return the number of beneficiary cells of each service: 0 where a facet is not recorded."""
    size = np.ones(len(facets), dtype=np.int64)
    for bits in facets.beneficiary.values():
        size *= _count(bits)
    return size


def _shared_firms(facets: Facets, left: Index, right: Index) -> Index:
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


def _groups(facets: Facets, listed: pd.DataFrame, left: Index, right: Index) -> npt.NDArray[np.object_]:
    """Return where each pair is listed; what is not shown to run comes before all else."""
    shared = facets.givers[left].multiply(facets.givers[right]).sum(axis=1)
    one_house = np.asarray(shared).ravel() > 0
    doubtful = column_or_missing(listed, "status").eq("doubtful").to_numpy(dtype=bool)
    levels = column_or_missing(listed, "provider_level").map(landscape.list_items)
    foreign = ~column_or_missing(listed, "layer").fillna("").eq("").to_numpy(dtype=bool)
    foreign |= levels.map(lambda own: bool(own) and set(own) == {"eu"}).to_numpy(dtype=bool)
    groups: npt.NDArray[np.object_] = np.select(
        [doubtful[left] | doubtful[right], foreign[left] | foreign[right], one_house],
        [DOUBTFUL, BEYOND, ONE_HOUSE],
        TO_DISCUSS,
    ).astype(object)
    return groups


def _periods(listed: pd.DataFrame, left: Index, right: Index) -> npt.NDArray[np.object_]:
    start, end = (
        column_or_missing(listed, name).notna().to_numpy(dtype=bool) for name in ("start_year", "end_year")
    )
    dated = start & end
    periods: npt.NDArray[np.object_] = np.where(dated[left] & dated[right], SIDE_BY_SIDE, ASSUMED).astype(
        object
    )
    return periods


def _names(bits: Words, codes: tuple[str, ...]) -> list[str]:
    """Return sets of bits as codes joined by ";"."""
    known: Mapping[tuple[int, ...], str]
    rows = [tuple(map(int, row)) for row in bits]
    known = {
        row: ";".join(code for n, code in enumerate(codes) if row[n // 64] >> (n % 64) & 1)
        for row in set(rows)
    }
    return [known[row] for row in rows]


def undecidable(services: pd.DataFrame) -> pd.DataFrame:
    """Return the services that can not be paired for a missing code: one row per ``service_id``, with ``lacks`` (text)."""
    needed = ("support_type", "journey_stages", "sme_size", "experience", "sectors", "market_scope", "modes")
    rows = []
    for service in services.to_dict("records"):
        lacks = [column for column in needed if landscape.is_missing(service[column])]
        if lacks:
            rows.append((service["service_id"], "; ".join(lacks)))
    return pd.DataFrame(rows, columns=["service_id", "lacks"])
