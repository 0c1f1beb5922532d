"""Recommendations that rest on findings, the options there are, and what an action plan needs of each.

Every recommendation names the findings it comes from and the rows behind them; what a person decided stands above what was
computed. A pair of services that merely look alike is never recommended for closure (GAO-15-49SP): until people have
confirmed the pair and assessed its effects, the only thing to do is to talk. Kinds of option, efforts by option and the
weight of a shared door are project conventions. Indicator codes after Regulation (EU) 2021/1058, annex I, and the common
indicators of 2014–2020; none of them measures exports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import pandas as pd

from eis_lib.language import later
from eis_lib.overlap import OPTIONS, is_validated
from eis_lib.vocabulary import Vocabulary

PROPOSED = "proposed"
"""Status of a recommendation on which nobody has decided."""

TURNED_DOWN = ("rejected", "stop")
"""Decisions after which a recommendation is left out of the plan."""

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

EFFORT_OF_OPTION: Mapping[str, str] = {
    "keep": "low", "coordinate": "low", "redesign": "medium", "transfer": "medium", "merge": "medium", "close": "medium", "add": "high",
}  # fmt: skip
"""Effort where no practice tells (project convention)."""

EFFORT_YEARS: Mapping[str, int] = {"low": 1, "medium": 2, "high": 3}
"""Years an action takes by effort, where nothing else is known (project convention)."""

CANDIDATE_OPTIONS: tuple[str, ...] = ("keep", "coordinate", "merge", "transfer", "redesign", "close")

OPTION_WORDS: Mapping[str, tuple[str, str]] = {
    "keep": ("Both stay as they are, and the reason is written down.", "That the second door serves firms the first does not reach."),
    "coordinate": ("Referral protocol, shared record of the firm, one front door.", "That both providers agree on who receives whom."),
    "merge": ("Two services become one.", "That no firm loses language, place or eligibility; who pays afterwards."),
    "transfer": ("One provider takes the service over.", "That the other agrees, and that staff and money move along."),
    "redesign": ("One of the two changes target, content or rules.", "Which firms are left to which door."),
    "close": ("One of the two ends.", "An assessed effect, a way for every firm it serves, and a decision of its owner."),
}  # fmt: skip
"""Option → (what it means, what has to be known first)."""

FACET_WORDS: Mapping[str, str] = {
    "market_scope": "market", "sme_size": "size of firm", "sectors": "sector", "modes": "mode of internationalisation",
    "languages": "language",
}  # fmt: skip
"""Facet that shuts a firm out → words."""

ASK_FIRST = "evidence"
"""Kind of gap that is answered by asking, not by acting."""


@dataclass(frozen=True)
class Evidence:
    """What recommendations are made from; all frames as the steps before left them, lists as ``;``-joined text.

    Attributes
    ----------
    findings : DataFrame
        Of all steps before, with the columns of ``findings``.
    gaps, gap_cells, candidates : DataFrame
        Of step 3, test.
    matches : DataFrame
        ``practice_matches`` of step 4, compare.
    remarks : DataFrame
        The pack's ``peer_reviews``; may be empty.
    decisions : DataFrame
        The pack's ``decisions``; may be empty.
    support_type_barriers : DataFrame
        Common coding of the barriers a support type can lower.
    services : DataFrame
        Of the year: ``service_id``, ``name``, ``provider_id``.
    """

    findings: pd.DataFrame
    gaps: pd.DataFrame
    gap_cells: pd.DataFrame
    candidates: pd.DataFrame
    matches: pd.DataFrame
    remarks: pd.DataFrame
    decisions: pd.DataFrame
    support_type_barriers: pd.DataFrame
    services: pd.DataFrame


COLUMNS = (
    "recommendation_id", "kind", "option", "title", "why", "status", "decided_by", "decided_on", "weight", "value", "firms",
    "need", "stages", "personas", "services", "practice_id", "practice", "practice_region", "lessons", "evidence_grade",
    "context_fit", "effort", "support_type", "cost_eur_per_year", "cost_basis", "how_sure", "findings", "rows",
)  # fmt: skip


def split(cell: object) -> tuple[str, ...]:
    """Return the items of a list cell that passed through CSV.

    Examples
    --------
    >>> split("a;b"), split(float("nan"))
    (('a', 'b'), ())
    """
    return tuple(part for part in cell.split(";") if part) if isinstance(cell, str) else ()


@dataclass
class _Draft:
    """One recommendation as it is put together."""

    key: str
    kind: str
    option: str
    title: str
    why: str
    findings: list[str]
    rows: list[str]
    weight: float
    value: float
    how_sure: str
    need: str = ""
    stages: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    gap_ids: tuple[str, ...] = ()
    decided: tuple[str, str, str] = ("", "", "")
    extra: dict[str, Any] = field(default_factory=dict)


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


# ------------------------------------------------------------------------------------------------ from findings to drafts


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def _labels(vocabulary: Vocabulary, scheme: str, codes: Iterable[str]) -> str:
    ordered = sorted(set(codes), key=lambda code: vocabulary.order(scheme, code))
    return _listed([vocabulary.label_inside(scheme, code) for code in ordered])


def _union(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for cell in cells for item in split(cell)))


def _gap_words(kind: str, need: str, stages: str, because: str) -> tuple[str, str]:
    """Return the title of a recommendation on a gap, and the fact behind it."""
    reasons = ", ".join(
        FACET_WORDS.get(part.strip(), part.strip()) for part in because.split(";") if part.strip()
    )
    titles = {
        "absolute": f"Take up help with {need} (stages: {stages})",
        "eligibility": f"Open existing help with {need} to the firms it shuts out (stages: {stages})",
        "access": f"Make help with {need} reachable (stages: {stages})",
        "capacity": f"Add places in help with {need} (stages: {stages})",
        "awareness": f"Lead firms to the help with {need} that is there (stages: {stages})",
    }
    facts = {
        "absolute": f"no service on record for {need}" + (f" ({reasons})" if reasons else ""),
        "eligibility": f"services for {need} shut these firms out" + (f" by {reasons}" if reasons else ""),
        "access": f"services for {need} are out of their reach" + (f": {reasons}" if reasons else ""),
        "capacity": f"services for {need} serve as many firms as they can",
        "awareness": f"services for {need} are there and nothing leads these firms to them",
    }
    return titles[kind], facts[kind]


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
        label = f"“{vocabulary.label_inside('barrier', str(need))}”"
        because = next((b for b in group["because"] if isinstance(b, str)), "")
        title, fact = _gap_words(
            str(kind), label, _labels(vocabulary, "journey_stage", group["stage"]), because
        )
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
                title=title,
                why=f"{fact[:1].upper()}{fact[1:]}; this concerns {len(firms)} of the personas.",
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
        option, why = status, f"people decided: {status}"
    elif status == "kept-on-purpose":
        option, why = "keep", f"people keep both on purpose: {pairs['reason'].iloc[0]}"
    elif status == "effect-assessed":
        option, why = (
            "merge",
            "people confirmed the pair and assessed its effects; which option is taken is open",
        )
    elif status == "confirmed":
        option, why = "coordinate", "people confirmed the pair; its effects are not assessed yet"
    else:
        option, why = (
            "coordinate",
            "they look alike and nobody has checked; similarity alone is no reason to close one",
        )
    shown = [f"“{name.get(m, m)}”" for m in members[:3]] + (
        [f"{len(members) - 3} more"] if len(members) > 3 else []
    )
    verbs = {
        "keep": "Keep", "merge": "Decide whether to merge" if status == "effect-assessed" else "Merge", "transfer": "Transfer one of",
        "redesign": "Redesign one of", "close": "Close one of",
    }  # fmt: skip
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
        title=f"{verbs.get(option, 'Agree who receives whom among')} {_listed(shown)}",
        why=f"{len(pairs)} pair{'s' if len(pairs) > 1 else ''} of {len(members)} services: {why}.",
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
                title=f"Agree on one body that coordinates all help with “{vocabulary.label_inside('barrier', need)}”",
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
            title="Agree warm hand-overs between the doors firms use most",
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
    needs = _labels(vocabulary, "barrier", gaps["need"])
    return [
        _Draft(
            key="ask:records",
            kind="ask first",
            option="keep",
            title="Settle by asking what the records can not tell",
            why=f"For {len(gaps)} {'cell' if len(gaps) == 1 else 'cells'} of need and stage the records allow no answer ({needs}).",
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


# ------------------------------------------------------------------------------------------------ lessons and status


def _lesson_order(draft: _Draft, evidence: Evidence) -> pd.DataFrame:
    """Return the practices that meet the gaps of a draft, the most fitting first.

    First those whose instrument can lower the barrier by the common coding, then by the weight of the gaps they meet, the
    evidence behind them, how few other needs they speak to, likeness of the regions and effort.
    """
    matches = evidence.matches
    if matches.empty or not draft.gap_ids:
        return matches.head(0)
    wanted = set(draft.gap_ids)
    score = dict(zip(evidence.gaps["gap_id"], evidence.gaps["score"].astype(float), strict=True))
    met = pd.Series(
        [sum(score[g] for g in split(ids) if g in wanted) for ids in matches["gap_ids"]], index=matches.index
    )
    table = evidence.support_type_barriers
    able = set(table.loc[table["barrier"] == draft.need, "support_type"])
    order = matches.assign(
        _able=matches["support_type"].isin(able).astype(int),
        _met=met.round(9),
        _grade=matches["evidence_grade"].fillna(-1),
        _spread=matches["needs"].map(lambda needs: len(split(needs))),
        _context=matches["context_fit"].fillna(-1),
        _effort=matches["effort"].map({"low": 0, "medium": 1, "high": 2}).fillna(3),
    )
    order = order[order["_met"] > 0]
    return order.sort_values(
        ["_able", "_met", "_grade", "_spread", "_context", "_effort", "practice_id"],
        ascending=[False, False, False, True, False, True, True],
        kind="stable",
    )


def _remarks(draft: _Draft, remarks: pd.DataFrame) -> list[str]:
    if remarks.empty or draft.kind == "ask first":
        return []
    weak = remarks[(remarks["kind"] == "weakness") & (remarks["barrier"] == draft.need)]
    return [f"peer-review:{r}" for r in weak["review_id"]]


def _decision(draft: _Draft, decisions: pd.DataFrame) -> tuple[str, str, str]:
    if not decisions.empty:
        own = decisions[
            (decisions["subject_kind"] == "recommendation") & (decisions["subject_id"] == draft.key)
        ]
        if len(own):
            last = own.sort_values("date", kind="stable").iloc[-1]
            return str(last["decision"]), str(last["decided_by"]), str(last["date"])
    return draft.decided


def _finished(
    draft: _Draft, evidence: Evidence, vocabulary: Vocabulary, share: Mapping[str, float]
) -> dict[str, Any]:
    lessons = _lesson_order(draft, evidence)
    first: Mapping[Any, Any] = lessons.iloc[0].to_dict() if len(lessons) else {}
    named = [f"practice:{r}/{p}" for r, p in zip(lessons["region"], lessons["practice_id"], strict=True)][:3]
    status, by, on = _decision(draft, evidence.decisions)
    cost = first.get("cost_eur_per_year", math.nan)
    known = isinstance(cost, float) and not math.isnan(cost)
    grade, effort = first.get("evidence_grade", math.nan), first.get("effort", "unknown")
    findings = list(dict.fromkeys(draft.findings))
    if first:
        lead = f"compare:practice-match:{first['practice_id']}"
        findings += [lead] if (evidence.findings["finding_id"] == lead).any() else []
    return {
        "recommendation_id": draft.key,
        "kind": draft.kind,
        "option": draft.option,
        "title": draft.title,
        "why": draft.why,
        "status": status or PROPOSED,
        "decided_by": by,
        "decided_on": on,
        "weight": draft.weight,
        "value": draft.value,
        "firms": draft.extra.get("firms", sum(share.get(p, 0.0) for p in draft.personas)),
        "need": draft.need,
        "stages": ";".join(sorted(set(draft.stages), key=lambda s: vocabulary.order("journey_stage", s))),
        "personas": ";".join(draft.personas),
        "services": ";".join(draft.services),
        "practice_id": first.get("practice_id", ""),
        "practice": first.get("title", ""),
        "practice_region": first.get("region_name", first.get("region", "")),
        "lessons": ";".join([*named, *_remarks(draft, evidence.remarks)]),
        "evidence_grade": 0.0 if not isinstance(grade, (int, float)) or math.isnan(grade) else float(grade),
        "context_fit": float(first["context_fit"]) if first else math.nan,
        "effort": effort if effort in EFFORT_YEARS else EFFORT_OF_OPTION[draft.option],
        "support_type": first.get("support_type", ""),
        "cost_eur_per_year": float(cost) if known else math.nan,
        "cost_basis": f"published cost a year in {first.get('region_name', first.get('region'))}, not scaled"
        if known
        else "",
        "how_sure": draft.how_sure,
        "findings": ";".join(findings),
        "rows": ";".join(dict.fromkeys(draft.rows)),
    }


# ------------------------------------------------------------------------------------------------ options for candidates


def list_options(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the options for every candidate pair, and which of them are open now.

    ``open`` says ``yes``, ``decided`` or why not. Coordination is always open; merging, transfer and redesign once people
    confirmed the pair; closing only once its effects are assessed as well – never from similarity alone.

    Returns
    -------
    DataFrame
        One row per (``pair_id``, ``option``): ``open``, ``means``, ``to_know_first``, ``status`` of the pair.
    """
    rows = []
    for pair, status in zip(candidates["pair_id"], candidates["status"].astype(str), strict=True):
        if status == "rejected":
            continue
        real = is_validated(status)
        assessed = status == "effect-assessed" or status in OPTIONS
        for option in CANDIDATE_OPTIONS:
            if option == status or (option == "keep" and status == "kept-on-purpose"):
                now = "decided"
            elif option in ("keep", "coordinate"):
                now = "yes"
            elif option == "close" and not assessed:
                now = "no: effects not assessed" if real else "no: similarity alone is no reason"
            else:
                now = "yes" if real else "no: nobody has confirmed the pair"
            rows.append((pair, option, now, *OPTION_WORDS[option], status))
    return pd.DataFrame(rows, columns=["pair_id", "option", "open", "means", "to_know_first", "status"])


# ------------------------------------------------------------------------------------------------ published against proposed


def meet(published: pd.DataFrame, recommendations: pd.DataFrame) -> pd.DataFrame:
    """Return where what the region did or planned meets what the review proposes.

    Parameters
    ----------
    published
        The pack's ``actions``: ``action_id``, ``barriers_addressed``, ``services``, ``support_type``.
    recommendations
        Of :func:`recommend`.

    Returns
    -------
    DataFrame
        One row per (``recommendation_id``, ``action_id``) that share a need or a service: ``shares`` (``need``, ``service`` or both),
        ``same_instrument`` (bool). Sorted as the recommendations are.
    """
    rows = []
    for proposal in recommendations.to_dict("records"):
        services = set(split(proposal["services"]))
        for action in published.to_dict("records"):
            needs = _items(action.get("barriers_addressed"))
            shares = [
                word
                for word, is_shared in (
                    ("need", proposal["need"] in needs),
                    ("service", bool(services & set(_items(action.get("services"))))),
                )
                if is_shared
            ]
            if shares:
                same = bool(proposal["support_type"]) and proposal["support_type"] == action.get(
                    "support_type"
                )
                rows.append((proposal["recommendation_id"], action["action_id"], " and ".join(shares), same))
    return pd.DataFrame(rows, columns=["recommendation_id", "action_id", "shares", "same_instrument"])


def _items(cell: object) -> tuple[str, ...]:
    return tuple(cell) if isinstance(cell, (tuple, list)) else split(cell)


# ------------------------------------------------------------------------------------------------ indicators

OUTPUT_CODES: Mapping[str, tuple[str, str]] = {
    "grant": ("RCO02", "CO02"), "voucher": ("RCO02", "CO02"), "loan": ("RCO03", "CO03"),
    "guarantee-or-insurance": ("RCO03", "CO03"), "technology-partnering": ("RCO10", "CO01"), "digital-export": ("RCO13", "CO01"),
    "training": ("RCO101", "CO04"), "soft-landing": ("RCO15", "CO04"),
}  # fmt: skip
"""Support type → output code 2021–2027 and 2014–2020; all others are non-financial support."""

NON_FINANCIAL = ("RCO04", "CO04")
CODE_NAMES: Mapping[str, str] = {
    "RCO02": "Enterprises supported by grants",
    "RCO03": "Enterprises supported by financial instruments",
    "RCO04": "Enterprises with non-financial support",
    "RCO10": "Enterprises cooperating with research organisations",
    "RCO13": "Value of digital services, products and processes developed for enterprises",
    "RCO15": "Capacity of incubation created",
    "RCO101": "SMEs investing in skills",
    "CO01": "Enterprises receiving support",
    "CO02": "Enterprises receiving grants",
    "CO03": "Enterprises receiving financial support other than grants",
    "CO04": "Enterprises receiving non-financial support",
}
RESULT_CODE = ("RCR19", "Enterprises with higher turnover")
TAKEN_UP_CODE = ("RCR104", "Solutions taken up or up-scaled by organisations")
NO_EXPORT_CODE = "None of the common codes measures exports: a programme-specific indicator is needed."
OWN_INDICATOR: Mapping[str, str] = {
    "add": "SMEs that used the new help and sold, bought or partnered abroad within a year",
    "redesign": "SMEs served that were shut out before",
    "coordinate": "SMEs handed over warm from one body to another",
    "merge": "Days from first contact to first advice",
    "transfer": "SMEs served by the service after the transfer",
    "close": "SMEs of the closed service that found another door",
    "keep": "Questions settled by asking, of all that the records left open",
}
"""Option → the programme-specific indicator proposed beside the common codes (our wording)."""


def indicators_for(
    option: str, support_type: str, template: str, *, has_practice: bool
) -> list[tuple[str, str, str]]:
    """Return the indicators to attach to an action: (level, code, name), the programme-specific one last without a code.

    Parameters
    ----------
    option, support_type
        Of the recommendation.
    template
        ``2021-2027`` or ``2014-2020``: which common codes.
    has_practice
        Whether a practice of a partner region is taken up, which RCR104 counts.
    """
    new, old = OUTPUT_CODES.get(support_type, NON_FINANCIAL)
    code = old if template == "2014-2020" else new
    rows = [("output", code, CODE_NAMES[code])]
    if template != "2014-2020":
        rows.append(("result", *RESULT_CODE))
        if has_practice:
            rows.append(("interregional result", *TAKEN_UP_CODE))
    return [*rows, ("programme-specific", "", OWN_INDICATOR[option])]


# ------------------------------------------------------------------------------------------------ money and players as text

_AMOUNT = re.compile(r"^(?P<source>.*?[^\d\s.,–-])\s+(?P<amount>\d+(?:\.\d+)?)$")


def parse_funding(text: object) -> list[tuple[str, float]]:
    """Return the sources of money named in a cell, each with its euros; NaN where no amount is given.

    Sources are separated by ``;``. Only a plain number at the end counts as euros, and never one that reads as a year: a
    sum in another currency or in words stays part of the name.

    Examples
    --------
    >>> parse_funding("ERDF 120000; Regional Government 60000")
    [('ERDF', 120000.0), ('Regional Government', 60000.0)]
    >>> parse_funding("Alentejo 2020; ERDF DKK 225m")
    [('Alentejo 2020', nan), ('ERDF DKK 225m', nan)]
    """
    found = []
    for part in (piece.strip() for piece in text.split(";")) if isinstance(text, str) else ():
        match = _AMOUNT.match(part)
        if match and not 1980 <= float(match["amount"]) <= 2060:
            found.append((match["source"].rstrip(" :"), float(match["amount"])))
        elif part:
            found.append((part, math.nan))
    return found


def funding_table(actions: pd.DataFrame) -> pd.DataFrame:
    """Return the money of each action by source, and whether the sources sum to its cost.

    Parameters
    ----------
    actions
        ``action_id``, ``cost_eur``, ``funding`` (text).

    Returns
    -------
    DataFrame
        One row per (``action_id``, ``source``): ``amount_eur``, ``cost_eur``, ``adds_up`` (``yes``, ``no``, ``amounts not published``, ``cost
        not published``, ``no source named``). An action without a source has one row with source "".
    """
    rows: list[tuple[object, ...]] = []
    for action in actions.to_dict("records"):
        cost = float(action["cost_eur"]) if pd.notna(action["cost_eur"]) else math.nan
        sources = parse_funding(action["funding"])
        amounts = [amount for _, amount in sources]
        if not sources:
            verdict = "no source named"
        elif math.isnan(cost):
            verdict = "cost not published"
        elif any(math.isnan(a) for a in amounts):
            verdict = "amounts not published"
        else:
            verdict = "yes" if math.isclose(sum(amounts), cost, abs_tol=0.5) else "no"
        rows.extend((action["action_id"], s, a, cost, verdict) for s, a in sources or [("", math.nan)])
    return pd.DataFrame(rows, columns=["action_id", "source", "amount_eur", "cost_eur", "adds_up"])


def parse_players(players: Iterable[str]) -> list[tuple[str, str]]:
    """Return players with their role, from items such as ``chamber: runs the check``; the role is "" where none is given.

    Examples
    --------
    >>> parse_players(("ex-agency: runs it", "local SMEs"))
    [('ex-agency', 'runs it'), ('local SMEs', '')]
    """
    pairs = (str(item).partition(":") for item in players)
    return [(name.strip(), role.strip()) for name, _, role in pairs if name.strip()]


RACI_WORDS: Mapping[str, str] = {"R": "responsible", "A": "accountable", "C": "consulted", "I": "informed"}


def raci_faults(raci: pd.DataFrame) -> pd.DataFrame:
    """Return the actions that have not exactly one accountable body, or nobody responsible.

    Parameters
    ----------
    raci
        One row per (``action_id``, ``body``, ``role``), role ∈ R, A, C, I; one body may hold several roles.

    Returns
    -------
    DataFrame
        ``action_id``, ``accountable``, ``responsible`` (numbers).
    """
    rows = []
    for action, group in raci.groupby("action_id", sort=True):
        accountable = group.loc[group["role"] == "A", "body"].nunique()
        responsible = group.loc[group["role"] == "R", "body"].nunique()
        if accountable != 1 or responsible == 0:
            rows.append((action, accountable, responsible))
    return pd.DataFrame(rows, columns=["action_id", "accountable", "responsible"])


# ------------------------------------------------------------------------------------------------ checks of the plan

CHECKS: Mapping[str, str] = {
    "finding": later("Names at least one finding it rests on"),
    "lesson": later("Names at least one lesson from another region or from peers"),
    "players": later("Every player has a role"),
    "accountable": later("Exactly one body is accountable"),
    "timeframe": later("Ends no earlier than it starts"),
    "funding": later("A cost has a source of money"),
    "sum": later("Sources of money sum to the cost"),
    "instrument": later("The policy instrument is named"),
    "signature": later("Signature, date and stamp are left for a person"),
}
"""Checks that an action plan has to pass (after the fields of the Interreg Europe template)."""


def check_plan(plan: pd.DataFrame) -> pd.DataFrame:
    """Return every check of every action: ``action_id``, ``check``, ``asks``, ``passed`` (``yes``, ``no``, ``not applicable``), ``says``.

    Parameters
    ----------
    plan
        The table ``action_plan``: ``action_id``, ``findings``, ``lessons``, ``players`` (items ``name: role``), ``accountable``,
        ``start_year``, ``end_year``, ``costs_eur``, ``funding``, ``instrument_name``, ``date``, ``signature``, ``stamp``.
    """
    rows: list[tuple[object, ...]] = []
    for action in plan.to_dict("records"):
        start, end, cost = action["start_year"], action["end_year"], action["costs_eur"]
        sources = parse_funding(action["funding"])
        amounts = [amount for _, amount in sources]
        roleless = [name for name, role in parse_players(split(action["players"])) if not role]
        accountable = len(split(action["accountable"]))
        has_cost = pd.notna(cost)
        summed = has_cost and sources and not any(math.isnan(a) for a in amounts)
        verdicts: dict[str, tuple[bool | None, str]] = {
            "finding": (bool(split(action["findings"])), f"{len(split(action['findings']))} named"),
            "lesson": (bool(split(action["lessons"])), f"{len(split(action['lessons']))} named"),
            "players": (
                bool(split(action["players"])) and not roleless,
                f"without a role: {', '.join(roleless)}" if roleless else "all have one",
            ),
            "accountable": (accountable == 1, f"{accountable} named"),
            "timeframe": (
                None if pd.isna(start) or pd.isna(end) else bool(end >= start),
                later("years open") if pd.isna(start) or pd.isna(end) else f"{int(start)}–{int(end)}",
            ),
            "funding": (
                bool(sources) if has_cost else None,
                later("cost not published") if not has_cost else "source named" if sources else later("no source decided"),
            ),
            "sum": (
                math.isclose(sum(amounts), float(cost), abs_tol=0.5) if summed else None,
                f"{sum(amounts):,.0f} of {float(cost):,.0f}" if summed else later("cost or amounts not published"),
            ),
            "instrument": (_is_text(action["instrument_name"]), "named" if _is_text(action["instrument_name"]) else later("not named")),
            "signature": (
                not any(_is_text(action[c]) for c in ("date", "signature", "stamp")),
                "empty" if not any(_is_text(action[c]) for c in ("date", "signature", "stamp")) else "filled by software",
            ),
        }  # fmt: skip
        for check, asks in CHECKS.items():
            passed, says = verdicts[check]
            word = "not applicable" if passed is None else "yes" if passed else "no"
            rows.append((action["action_id"], check, asks, word, says))
    return pd.DataFrame(rows, columns=["action_id", "check", "asks", "passed", "says"])


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())
