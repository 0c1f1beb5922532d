"""The services of a landscape coded as sets, so that many pairs can be compared quickly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from eis_lib.methods import landscape
from eis_lib.pack.facets import BENEFICIARY_FACETS
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.vocabulary import Vocabulary

LIMBS: tuple[str, ...] = ("goal", "activity", "beneficiary")
"""The three limbs of the overlap test, in the order in which they are told."""

_SEPARATOR = "~"  # no identifier of a pack may hold it, so a pair id can always be taken apart again
_EVERYWHERE = ("EU", "")  # territory codes without borders
Words = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Facets:
    """The services of one landscape, coded for comparison. Row order is that of ``ids``, which is sorted.

    Attributes
    ----------
    ids : array of str
        Service identifiers, ascending.
    need, stages : array (n, words) of uint64
        Sets of codes as bits; all zero where nothing is recorded. Needs that are only derived from the kind of support are
        left out: they would be the same evidence twice.
    beneficiary : mapping of str to array
        The same for each facet of :data:`BENEFICIARY_FACETS`.
    kinds : tuple of str
        Support type of each service; "" is "not recorded".
    family : array of int
        Services of one scheme (``part_of``, ``succeeds``, followed all the way) share a number; −1 is none.
    givers, excludes : sparse matrix (n, providers)
        1 where a body gives the service, alone or with others; 1 where the service does not take the clients of a body.
    start, end : array of int
        Years; a missing year is open.
    territory : array of str
        NUTS code; "" means no borders.
    need_codes, stage_codes : tuple of str
        Code of each bit of ``need`` and ``stages``.
    """

    ids: npt.NDArray[np.object_]
    need: Words
    stages: Words
    beneficiary: Mapping[str, Words]
    kinds: tuple[str, ...]
    family: Index
    givers: sparse.csr_matrix
    excludes: sparse.csr_matrix
    start: Index
    end: Index
    territory: npt.NDArray[np.object_]
    need_codes: tuple[str, ...]
    stage_codes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of services."""
        return len(self.ids)


def encode(services: pd.DataFrame, vocabulary: Vocabulary, *, territory: str = "") -> Facets:
    """Return the services coded for comparison.

    Parameters
    ----------
    services
        As in a pack, with ``need_area`` and ``need_area_from`` of :func:`eis_lib.methods.landscape.add_facets`. Optional
        columns may be absent.
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
    own = [
        needs if source == "own" else ()
        for needs, source in zip(frame["need_area"], frame["need_area_from"], strict=True)
    ]
    need, need_codes = _bits(pd.Series(own, dtype="object"), vocabulary.codes("barrier"))
    stages, stage_codes = _bits(frame["journey_stages"], vocabulary.codes("journey_stage"))
    turned_away = [landscape.list_items(bodies) for bodies in column_or_missing(frame, "excludes_clients_of")]
    bodies, names = _lists([*_with_lead(frame), *turned_away])
    givers, excludes = (_members(part, len(names)) for part in (bodies[: len(frame)], bodies[len(frame) :]))
    return Facets(
        ids=frame["service_id"].to_numpy(dtype=object),
        need=need,
        stages=stages,
        beneficiary=_beneficiary(frame, vocabulary),
        kinds=tuple("" if landscape.is_missing(kind) else str(kind) for kind in frame["support_type"]),
        family=_families(frame),
        givers=givers,
        excludes=excludes,
        start=_year(frame, "start_year", -1),
        end=_year(frame, "end_year", 1 << 20),
        territory=np.array(
            [
                territory if landscape.is_missing(code) else "" if code in _EVERYWHERE else str(code)
                for code in column_or_missing(frame, "territory")
            ],
            dtype=object,
        ),
        need_codes=need_codes,
        stage_codes=stage_codes,
    )


def _beneficiary(frame: pd.DataFrame, vocabulary: Vocabulary) -> dict[str, Words]:
    """Return the bits of each facet of the beneficiaries; a wide sector stands for every sector under it."""
    sector_codes = [code for code in vocabulary.codes("sector") if code != landscape.CLASS_WIDE]
    below: dict[str, tuple[str, ...]] = {landscape.CLASS_WIDE: tuple(sector_codes)}
    for code in sector_codes:
        for wider in vocabulary.ancestors("sector", code):
            below[wider] = (*below.get(wider, ()), code)
    return {
        facet: _bits(
            frame[facet],
            sector_codes if facet == "sectors" else vocabulary.codes(scheme),
            below if facet == "sectors" else {},
        )[0]
        for facet, scheme in BENEFICIARY_FACETS.items()
    }


def _with_lead(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return, per service, its provider and any that give it too."""
    return [
        (str(lead), *landscape.list_items(others))
        for lead, others in zip(frame["provider_id"], column_or_missing(frame, "co_providers"), strict=True)
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


def _year(frame: pd.DataFrame, name: str, missing: int) -> Index:
    years = pd.to_numeric(column_or_missing(frame, name), errors="coerce")
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
        for service, other in zip(frame["service_id"], column_or_missing(frame, column), strict=True):
            if not landscape.is_missing(other):
                ties.add_edge(service, str(other))
    family = {
        service: number for number, group in enumerate(nx.connected_components(ties)) for service in group
    }
    return np.array([family.get(service, -1) for service in frame["service_id"]], dtype=np.int64)


def _count(bits: Words) -> Index:
    """Return the size of each set."""
    return np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
