"""Whether each cell of demand is served, and if not, which kind of gap it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from eis_lib.methods.gaps._searches import NONE_FOUND
from eis_lib.methods.gaps._searches import UNCLEAR as SEARCH_WAS_UNCLEAR
from eis_lib.methods.gaps._verdict import Verdict, reach_verdict, read_records

LASTING: frozenset[str] = frozenset(
    {
        "market-knowledge",
        "specialised-staff",
        "digital-capability",
        "language-skills",
        "product-adaptation",
        "legal-rules",
        "admin-procedures",
        "foreign-taxes",
    }
)
"""Needs that are met by learning (project convention): what a firm got at an earlier stage at which the need bites still helps. A
customs course taken while preparing is not missed on entering the market; money, a partner or cover of a risk would be."""

ABSENCES: frozenset[str] = frozenset({"absolute", "eligibility"})
"""Kinds of gap that say that something is not there; only a search can say that."""

SEARCH_UNCLEAR, SEARCH_MISSING = "the search was unclear", "nobody searched"

SERVED, GAP, UNKNOWN = "served", "gap", "unknown"


def judge_cells(
    cells: pd.DataFrame,
    services: pd.DataFrame,
    fits: pd.DataFrame,
    referrals: pd.DataFrame | None = None,
    *,
    untold: Collection[str] = (),
    searched: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return for each cell whether it is served, and if not, the kind of gap.

    In this order: nothing on record for the need at the stage – *absolute*, or *evidence* where a service could be there
    unseen (the need is ``untold``, a service has no stage or no need on record, or the search for what answers the need was
    unclear or never made); no service lets the firm in – *eligibility* (*evidence* where the search was no search); those
    that may let it in lack a facet – *evidence*; all that let it in are barred by channel, language or price – *access*; of all
    that are left not even a first year is known – *evidence*; all of them served as many firms as they can – *capacity*;
    neither an information service nor a recorded route leads the firm to them – *awareness*; else it is served. Where an empty
    cell of a service leaves open whether there is such a gap, it is *evidence*. For a need of
    :data:`LASTING`, services of the earlier stages at which it bites on this journey count as well.

    Parameters
    ----------
    cells
        Of :func:`demand_cells`, in its order: the stages of a need follow one another.
    services
        Those of one year, of :func:`eis_lib.methods.landscape.in_force`, with the facets of :func:`~eis_lib.methods.landscape.add_facets`.
    fits
        Of :func:`eis_lib.methods.journey.fit`.
    referrals
        The pack's table, or nothing.
    untold
        Of :func:`eis_lib.methods.landscape.untold_needs`: needs whose emptiness says nothing.
    searched
        Of :func:`needs_searched`; None where the caller asks about services that are not those of a region.

    Returns
    -------
    DataFrame
        ``cells`` and ``status`` (``served``, ``gap``, ``unknown``), ``kind`` ("" where served), ``continuity`` (bool: the same need
        is served at the stage before and not here), ``on_record`` (services for the need at the stage), ``open_services``
        (m_c: those open to the firm), ``service_ids`` (tuple: the services the verdict rests on), ``because`` (text: facets
        that shut out or bar; for *absolute*, ``at no stage`` or the stages at which the need is served).
    """
    records = read_records(services, fits, referrals)
    verdicts = []
    learnt: dict[tuple[str, str], tuple[list[str], set[str]]] = {}
    people = cells["persona_id"].astype(str)
    for persona, stage, need in zip(people, cells["stage"], cells["need"], strict=True):
        here = set(records.offer.get((stage, need), ()))
        stages = [stage]
        if need in LASTING:
            before, so_far = learnt.get((persona, need), ([], set()))
            stages, here = [*before, stage], so_far | here
            learnt[persona, need] = stages, here
        verdict = reach_verdict(records, persona, stages, need, here, untold)
        verdicts.append(_searched(verdict, need, searched))
    return _with_verdicts(cells, verdicts)


def _with_verdicts(cells: pd.DataFrame, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    found = cells.copy()
    for n, column in enumerate(Verdict._fields):
        found[column] = pd.Series(
            [verdict[n] for verdict in verdicts], index=cells.index, dtype=None if n > 2 else "object"
        )
    found["status"] = [
        SERVED if not kind else UNKNOWN if kind == "evidence" else GAP for kind in found["kind"]
    ]
    found["continuity"] = _breaks(found)
    told = ["status", "kind", "continuity", "on_record", "open_services", "service_ids", "because"]
    return found[[*cells.columns, *told]]


def _searched(verdict: Verdict, need: str, searched: Mapping[str, str] | None) -> Verdict:
    """Return a verdict that calls nothing absent that nobody looked for."""
    if verdict.kind not in ABSENCES or searched is None or searched.get(need) == NONE_FOUND:
        return verdict
    because = SEARCH_UNCLEAR if searched.get(need) == SEARCH_WAS_UNCLEAR else SEARCH_MISSING
    return verdict._replace(kind="evidence", because=because)


def _breaks(cells: pd.DataFrame) -> list[bool]:
    """Return where a need of a persona was served at the stage before, on the stages at which it bites, and is not here."""
    before: dict[tuple[str, str], str] = {}
    flags = []
    for persona, need, status in zip(cells["persona_id"], cells["need"], cells["status"], strict=True):
        flags.append(status == GAP and before.get((persona, need)) == SERVED)
        before[persona, need] = status
    return flags
