"""The rules by which gaps, pairs, fragmentation and journeys become recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.overlap import OPTIONS, is_validated
from eis_lib.methods.recommendation._evidence import COLUMNS, Evidence, _Draft, split
from eis_lib.methods.recommendation._lessons import _finished
from eis_lib.pack.vocabulary import Vocabulary

_WORDS = Words(__file__)

SHARED_DOOR = 0.3
"""How heavy demand weighs that meets several look-alikes (project convention): less than any gap but that of evidence, since
a choice of doors is not in itself a fault."""

OPTION_OF_GAP: Mapping[str, str] = {
    "absolute": "add",
    "eligibility": "redesign",
    "access": "redesign",
    "capacity": "add",
    "awareness": "coordinate",
    "continuity": "coordinate",
}
"""What closes a kind of gap (project convention)."""

ASK_FIRST = "evidence"
"""Kind of gap that is answered by asking, not by acting."""


def recommend(evidence: Evidence, vocabulary: Vocabulary, personas: pd.DataFrame) -> pd.DataFrame:
    """Return the recommendations that follow from the findings, the weightiest first.

    One recommendation per need and kind of gap, per group of look-alike services, per fragmented need area, one on
    hand-overs and one on what has to be asked first. Gaps that people rejected or keep on purpose make none.

    Parameters
    ----------
    evidence
        See :class:`Evidence`.
    vocabulary
        Gives labels.
    personas
        ``persona_id`` and ``weight``: share of firms touched.

    Returns
    -------
    DataFrame
        Key ``recommendation_id``. ``option`` (code of ``decision``), ``status`` (``proposed`` until a person decides), ``weight`` (share
        of weighted demand it bears on), ``value`` (weight × severity of the kind), ``firms`` (share of SMEs), ``lessons``
        (``practice:…`` and ``peer-review:…``, ``;``), ``evidence_grade`` (0–4 of the first lesson; 0 where there is none),
        ``effort``, ``cost_eur_per_year`` (of the practice where it runs; missing where not published), ``findings`` and ``rows``
        (``;``).
    """
    drafts = [
        *_from_gaps(evidence, vocabulary),
        *_from_pairs(evidence),
        *_from_fragmentation(evidence, vocabulary),
        *_from_journeys(evidence),
        *_from_unknowns(evidence, vocabulary),
    ]
    share = dict(zip(personas["persona_id"], personas["weight"].astype(float), strict=True))
    rows = [_finished(draft, evidence, vocabulary, share) for draft in drafts]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = frame.assign(_value=-frame["value"].astype("float64").round(9)).sort_values(
        ["_value", "recommendation_id"], kind="stable"
    )
    return frame.loc[order.index].reset_index(drop=True)


def _labels(vocabulary: Vocabulary, scheme: str, codes: Iterable[str]) -> list[str]:
    ordered = sorted(set(codes), key=lambda code: vocabulary.order(scheme, code))
    return [vocabulary.label_inside(scheme, code) for code in ordered]


def _union(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for cell in cells for item in split(cell)))


def _from_gaps(evidence: Evidence, vocabulary: Vocabulary) -> list[_Draft]:
    found = evidence.findings[evidence.findings["finding_id"].str.startswith("test:gap:")]
    by_gap = dict(zip(found["subject"], found["finding_id"], strict=True))
    gaps = evidence.gaps[
        evidence.gaps["kind"].isin([k for k in OPTION_OF_GAP if k != "continuity"])
        & ~evidence.gaps["status"].isin(["rejected", "kept-on-purpose"])
    ]
    drafts = []
    for (kind, need), group in gaps.groupby(["kind", "need"], sort=False):
        rests_on = [by_gap[g] for g in group["gap_id"] if g in by_gap]
        if not rests_on:
            continue  # too light to be a finding
        label = vocabulary.label_inside("barrier", str(need))
        stages = _labels(vocabulary, "journey_stage", group["stage"])
        because = next((b for b in group["because"] if isinstance(b, str)), "")
        reasons = [part.strip() for part in because.split(";") if part.strip()]
        firms = _union(group["persona_ids"])
        confirmed = (group["status"] == "confirmed").any()
        others = evidence.findings[
            (evidence.findings["subject"] == need)
            & evidence.findings["finding_id"].str.startswith("examine:")
        ]
        no_practice = [f"compare:no-practice:{g}" for g in group["gap_id"]]
        further = evidence.findings["finding_id"].isin(no_practice)
        drafts.append(
            _Draft(
                key=f"gap:{kind}:{need}",
                kind="gap",
                option=OPTION_OF_GAP[str(kind)],
                title=_WORDS.gap_title(kind, label, stages),
                why=_WORDS.gap_why(kind, label, reasons, len(firms)),
                findings=[*rests_on, *others["finding_id"], *evidence.findings.loc[further, "finding_id"]],
                rows=[
                    *(f"gaps:{g}" for g in group["gap_id"]),
                    *(f"services:{s}" for s in _union(group["service_ids"])),
                ],
                weight=float(group["weight"].sum()),
                value=float(group["score"].sum()),
                how_sure="medium" if confirmed else "low",
                need=str(need),
                stages=tuple(group["stage"]),
                personas=firms,
                services=_union(group["service_ids"]),
                gap_ids=tuple(group["gap_id"]),
            )
        )
    return drafts


def _shared_demand(cells: pd.DataFrame, services: Iterable[str]) -> pd.DataFrame:
    """Return the cells that at least two of these services serve."""
    wanted = set(services)
    doors = [len(wanted & set(split(ids))) for ids in cells["service_ids"]]
    return cells[(pd.Series(doors, index=cells.index, dtype="int64") >= 2) & (cells["status"] == "served")]


def _from_pairs(evidence: Evidence) -> list[_Draft]:
    found = evidence.findings[evidence.findings["kind"].isin(["duplication", "overlap"])]
    by_pair = dict(zip(found["subject"], found["finding_id"], strict=True))
    pairs = evidence.candidates[evidence.candidates["pair_id"].isin(list(by_pair))]
    name = dict(zip(evidence.services["service_id"], evidence.services["name"], strict=True))
    real = pairs["status"].map(lambda s: is_validated(str(s))).astype(bool)
    open_pairs = pairs[~real]
    graph: nx.Graph = nx.Graph()
    graph.add_edges_from(zip(open_pairs["service_a"], open_pairs["service_b"], strict=True))
    drafts = []
    for members in sorted(tuple(sorted(part)) for part in nx.connected_components(graph)):
        inside = open_pairs[open_pairs["service_a"].isin(members)]
        drafts.append(_pair_draft(evidence, by_pair, inside, members, name))
    decided = pairs[real]
    for n in range(len(decided)):
        pair = decided.iloc[[n]]
        members = (str(pair["service_a"].iloc[0]), str(pair["service_b"].iloc[0]))
        drafts.append(_pair_draft(evidence, by_pair, pair, members, name))
    return drafts


def _pair_draft(
    evidence: Evidence,
    by_pair: Mapping[str, str],
    pairs: pd.DataFrame,
    members: tuple[str, ...],
    name: Mapping[str, str],
) -> _Draft:
    status = str(pairs["status"].iloc[0])
    if status in OPTIONS:
        option, why = status, _WORDS.pair_decided(status)
    elif status == "kept-on-purpose":
        option, why = "keep", _WORDS.pair_kept(pairs["reason"].iloc[0])
    elif status == "effect-assessed":
        option, why = "merge", _WORDS.pair_assessed()
    elif status == "confirmed":
        option, why = "coordinate", _WORDS.pair_confirmed()
    else:
        option, why = "coordinate", _WORDS.look_alikes(len(pairs), len(members))
    cells = _shared_demand(evidence.gap_cells, members)
    weight = float(cells["weight"].sum())
    last = pairs.iloc[0]
    decided = (
        (status, str(last["decided_by"]), str(last["decided_on"])) if is_validated(status) else ("", "", "")
    )
    return _Draft(
        key=f"alike:{members[0]}~{members[1]}" + (f"+{len(members) - 2}" if len(members) > 2 else ""),
        kind="look-alikes",
        option=option,
        title=_WORDS.pair_title(option, status, [f"“{name.get(m, m)}”" for m in members]),
        why=why,
        findings=[by_pair[p] for p in pairs["pair_id"]],
        rows=[*(f"candidates:{p}" for p in pairs["pair_id"]), *(f"services:{m}" for m in members)],
        weight=weight,
        value=0.0 if option == "keep" else weight * SHARED_DOOR,
        how_sure="medium" if is_validated(status) else "low",
        need=next(iter(_union(pairs["shared_needs"])), ""),
        personas=tuple(dict.fromkeys(cells["persona_id"])),
        services=members,
        decided=decided,
    )


def _from_fragmentation(evidence: Evidence, vocabulary: Vocabulary) -> list[_Draft]:
    drafts = []
    for row in evidence.findings[evidence.findings["kind"] == "fragmentation"].to_dict("records"):
        need = str(row["subject"])
        cells = evidence.gap_cells
        cells = cells[(cells["need"] == need) & (cells["status"] == "served") & (cells["open_services"] >= 2)]
        weight = float(cells["weight"].sum())
        drafts.append(
            _Draft(
                key=f"area:{need}",
                kind="fragmented area",
                option="coordinate",
                title=_WORDS.area_title(vocabulary.label_inside("barrier", need)),
                why=str(row["statement"]),
                findings=[str(row["finding_id"])],
                rows=list(split(row["rows"])),
                weight=weight,
                value=weight * SHARED_DOOR,
                how_sure=str(row["how_sure"]),
                need=need,
                personas=tuple(dict.fromkeys(cells["persona_id"])),
                services=tuple(r.partition(":")[2] for r in split(row["rows"]) if r.startswith("services:")),
            )
        )
    return drafts


def _from_journeys(evidence: Evidence) -> list[_Draft]:
    recorded = evidence.findings[evidence.findings["finding_id"] == "test:journey:recorded-routes"]
    if recorded.empty:
        return []
    further = evidence.findings[evidence.findings["kind"].isin(["loop", "peer-remark"])]
    breaks = evidence.gaps[
        evidence.gaps["kind"].isin(["continuity"])
        & ~evidence.gaps["status"].isin(["rejected", "kept-on-purpose"])
    ]
    done = float(recorded["value"].iloc[0])
    return [
        _Draft(
            key="journey:hand-over",
            kind="hand-over",
            option="coordinate",
            title=_WORDS.hand_over_title(),
            why=str(recorded["statement"].iloc[0]),
            findings=[*recorded["finding_id"], *further["finding_id"]],
            rows=[f"gaps:{g}" for g in breaks["gap_id"]],
            weight=float(breaks["weight"].sum()),
            value=float(breaks["score"].sum()),
            how_sure="medium",
            need="awareness",
            stages=tuple(dict.fromkeys(breaks["stage"])),
            personas=_union(breaks["persona_ids"]),
            services=_union(breaks["service_ids"]),
            extra={"firms": 1 - done},
        )
    ]


def _from_unknowns(evidence: Evidence, vocabulary: Vocabulary) -> list[_Draft]:
    gaps = evidence.gaps[evidence.gaps["kind"] == ASK_FIRST]
    found = evidence.findings[
        (evidence.findings["status"] == "unknown")
        & (
            evidence.findings["subject"].isin(gaps["gap_id"])
            | evidence.findings["kind"].isin(["need-unmeasured", "policy-no-service", "policies-undated"])
        )
    ]
    if found.empty or gaps.empty:
        return []
    return [
        _Draft(
            key="ask:records",
            kind="ask first",
            option="keep",
            title=_WORDS.ask_title(),
            why=_WORDS.ask_why(len(gaps), _labels(vocabulary, "barrier", gaps["need"])),
            findings=list(found["finding_id"]),
            rows=[
                *(f"gaps:{g}" for g in gaps["gap_id"]),
                *(f"services:{s}" for s in _union(gaps["service_ids"])),
            ],
            weight=float(gaps["weight"].sum()),
            value=float(gaps["score"].sum()),
            how_sure="medium",
            stages=tuple(dict.fromkeys(gaps["stage"])),
            personas=_union(gaps["persona_ids"]),
            services=_union(gaps["service_ids"]),
        )
    ]
