"""Candidate pairs as a table for readers, strongest first, and services that can not be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from eis_lib.methods import landscape
from eis_lib.methods.overlap._coding import (
    _ACTIVITY,
    _BENEFICIARY,
    _DUPLICATE,
    _GOAL,
    _SEPARATOR,
    LIMBS,
    Facets,
    Index,
    Words,
    _count,
    encode,
)
from eis_lib.methods.overlap._decisions import _two_sides
from eis_lib.methods.overlap._pairs import (
    ASSUMED,
    DUPLICATION,
    OVERLAP,
    SIDE_BY_SIDE,
    Pairs,
    _product,
    _shared_cells,
    find_pairs,
)
from eis_lib.pack.facets import BENEFICIARY_FACETS
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.vocabulary import Vocabulary


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
            column_or_missing(self._listed, name).notna().to_numpy(dtype=bool)
            for name in ("start_year", "end_year")
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
                for name, words in zip(row["name"], column_or_missing(row, "description"), strict=True)
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
