"""The intervention logic as a graph, where it breaks, and the SMART and RACER marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

import networkx as nx
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.landscape import list_items
from eis_lib.methods.policy._standing import _column, _is_filled, _long, _stands, has_values

_WORDS = Words(__file__)

_Judged = tuple[str, str, str, str, str, str]  # fault, subject_kind, subject, policy_id, verdict, basis

LOGIC_FAULTS = (
    "objective-no-activity",
    "activity-no-objective",
    "result-no-indicator",
    "indicator-no-target",
    "need-no-objective",
    "objective-no-need",
)


# --- intervention logic ----------------------------------------------------------------------------------------


def logic_graph(policies: pd.DataFrame, services: pd.DataFrame | None = None) -> nx.DiGraph:
    """Return the intervention logic as a directed graph: need → objective → activity → output → result → indicator.

    Nodes carry ``kind``, ``label`` and ``policy_id`` (missing on needs and services, which policies share). The tables
    link the links of the chain only through their policy, so every edge carries ``basis="policy"``: each objective of a
    policy is joined to each of its needs and activities. A service the policy names (``delivered_by``) is an activity.
    A need is a code of ``needs``, or of ``barriers_addressed`` where ``needs`` is blank.
    """
    graph = nx.DiGraph()
    names = {} if services is None else dict(zip(services["service_id"], services["name"], strict=True))
    for row in policies.to_dict("records"):
        policy = row["policy_id"]
        needs = list_items(row.get("needs")) or list_items(row.get("barriers_addressed"))
        chain: list[list[str]] = []
        for kind, items in (("need", needs), ("objective", list_items(row.get("objectives")))):
            nodes = []
            for position, item in enumerate(items):
                node = f"need:{item}" if kind == "need" else f"{policy}:{kind}:{position + 1}"
                graph.add_node(node, kind=kind, label=item, policy_id=None if kind == "need" else policy)
                nodes.append(node)
            chain.append(nodes)
        activities = []
        for position, item in enumerate(list_items(row.get("activities"))):
            node = f"{policy}:activity:{position + 1}"
            graph.add_node(node, kind="activity", label=item, policy_id=policy)
            activities.append(node)
        for item in list_items(row.get("delivered_by")):
            node = f"service:{item}"
            graph.add_node(node, kind="activity", label=names.get(item, item), policy_id=None)
            activities.append(node)
        chain.append(activities)
        for kind, column in (("output", "outputs"), ("result", "results"), ("indicator", "indicators")):
            nodes = []
            for position, item in enumerate(list_items(row.get(column))):
                node = f"{policy}:{kind}:{position + 1}"
                graph.add_node(node, kind=kind, label=item, policy_id=policy)
                nodes.append(node)
            chain.append(nodes)
        filled = [nodes for nodes in chain if nodes]
        for left, right in pairwise(filled):
            graph.add_edges_from(((a, b) for a in left for b in right), basis="policy", policy_id=policy)
    return graph


LOGIC_CHAIN = ("need", "objective", "activity", "output", "result", "indicator")


def logic_reach(graph: nx.DiGraph) -> pd.DataFrame:
    """Return for each need of the graph how far its chain goes: need, policies, reaches, and one column per kind of node.

    ``reaches`` is the last link of `LOGIC_CHAIN` that is reached; the columns objective … indicator count the nodes of
    that kind that follow from the need. Most connected needs first.
    """
    rows = []
    for node, data in graph.nodes(data=True):
        if data["kind"] != "need":
            continue
        after = [graph.nodes[other] for other in nx.descendants(graph, node)]
        counts = {kind: sum(1 for found in after if found["kind"] == kind) for kind in LOGIC_CHAIN[1:]}
        owners = {graph.edges[node, target]["policy_id"] for target in graph.successors(node)}
        reached = [kind for kind in LOGIC_CHAIN[1:] if counts[kind]]
        rows.append(
            {"need": data["label"], "policies": len(owners), "reaches": (reached or ["need"])[-1], **counts}
        )
    columns = ["need", "policies", "reaches", *LOGIC_CHAIN[1:]]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["policies", "need"], ascending=[False, True], ignore_index=True)


def logic_faults(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    needs: Sequence[str],
    year: int,
    measurements: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the breaks in the intervention logic of the policies standing at a year, one row per broken subject.

    Parameters
    ----------
    policies
        policy_id, objectives, barriers_addressed, delivered_by and, where the region has them, needs, activities,
        results, indicators.
    services
        Services standing or not; only those standing at the year are judged as activities.
    needs
        The barriers firms report (from the survey in use), strongest first.
    year
        The year looked at.
    measurements
        indicator_id, indicator_name, baseline_value, target_value; None where the region has no such table.

    Returns
    -------
    pd.DataFrame
        fault (code of `LOGIC_FAULTS`), subject_kind, subject, policy_id (blank where none), verdict ∈ sound | fault |
        cannot be judged, basis (one sentence: what was looked at). One row per subject *judged*, so that shares have
        a denominator; ``cannot be judged`` rows name the column that is absent.
    """
    active = policies[_stands(policies, year)]
    running = services[_stands(services, year)]
    with_objectives = {
        row["policy_id"] for row in active.to_dict("records") if list_items(row.get("objectives"))
    }
    rows = [
        *_objective_faults(active),
        *_activity_faults(active, running, with_objectives),
        *_result_faults(active),
        *_indicator_faults(active, measurements),
        *_need_faults(active[active["policy_id"].isin(with_objectives)], needs),
    ]
    frame = _verdicts(rows)
    order = {fault: position for position, fault in enumerate(LOGIC_FAULTS)}
    verdicts = {"fault": 0, "cannot be judged": 1, "sound": 2}
    return frame.sort_values(
        by=["fault", "verdict", "policy_id", "subject"],
        key=lambda column: (
            column.map(order if column.name == "fault" else verdicts)
            if column.name in {"fault", "verdict"}
            else column
        ),
        kind="stable",
        ignore_index=True,
    )


def _verdicts(rows: Sequence[_Judged]) -> pd.DataFrame:
    """Return the verdicts as a frame, with a row for each kind of fault of which nothing was judged."""
    columns = ["fault", "subject_kind", "subject", "policy_id", "verdict", "basis"]
    frame = pd.DataFrame(rows, columns=columns)
    missing = [fault for fault in LOGIC_FAULTS if fault not in set(frame["fault"])]
    absent = pd.DataFrame(
        [(f, "", "", "", "cannot be judged", _WORDS.nothing_judged(f)) for f in missing],
        columns=columns,
    )
    return pd.concat([frame, absent], ignore_index=True) if len(frame) else absent


def _objective_faults(active: pd.DataFrame) -> list[_Judged]:
    """Return the verdicts on each objective: whether its policy does something for it, and names a need."""
    doings, named = _WORDS.doings(has_values(active, "activities")), _WORDS.aims()
    rows = []
    for row in active.to_dict("records"):
        policy = row["policy_id"]
        doing = list_items(row.get("activities")) + list_items(row.get("delivered_by"))
        aims = list_items(row.get("needs")) + list_items(row.get("barriers_addressed"))
        for objective in list_items(row.get("objectives")):
            for fault, found, basis in (
                ("objective-no-activity", doing, doings),
                ("objective-no-need", aims, named),
            ):
                verdict = "sound" if found else "fault"
                rows.append((fault, "objective", objective, policy, verdict, basis))
    return rows


def _activity_faults(
    active: pd.DataFrame, running: pd.DataFrame, with_objectives: Collection[str]
) -> list[_Judged]:
    """Return the verdict on each service: whether a policy with objectives names it."""
    delivered: dict[str, list[str]] = {}
    for policy, service in _long(active, "policy_id", "delivered_by", "service").itertuples(index=False):
        delivered.setdefault(service, []).append(policy)
    basis = _WORDS.service_named()
    rows = []
    for service in running["service_id"]:
        policies_of = ";".join(p for p in delivered.get(service, []) if p in with_objectives)
        verdict = "sound" if policies_of else "fault"
        rows.append(("activity-no-objective", "service", service, policies_of, verdict, basis))
    return rows


def _need_faults(aiming: pd.DataFrame, needs: Sequence[str]) -> list[_Judged]:
    """Return the verdict on each need: whether a policy with objectives names it."""
    named = {
        barrier
        for name in ("barriers_addressed", "needs")
        for cell in _column(aiming, name)
        for barrier in list_items(cell)
    }
    basis = _WORDS.need_named()
    return [
        ("need-no-objective", "need", need, "", "sound" if need in named else "fault", basis)
        for need in needs
    ]


def _result_faults(active: pd.DataFrame) -> list[_Judged]:
    """Return the verdict on each result a policy records; nothing where no policy records results."""
    known = has_values(active, "indicators")
    basis = _WORDS.indicators(known)
    rows = []
    for row in active.to_dict("records"):
        for result in list_items(row.get("results")):
            verdict = (
                "sound" if list_items(row.get("indicators")) else "fault" if known else "cannot be judged"
            )
            rows.append(("result-no-indicator", "result", result, row["policy_id"], verdict, basis))
    return rows


def _indicator_faults(active: pd.DataFrame, measurements: pd.DataFrame | None) -> list[_Judged]:
    """Return the verdict on each indicator a policy names: whether it has a baseline and a target."""
    rows = []
    complete: set[str] = set()
    has_measurements = measurements is not None and not measurements.empty
    basis = _WORDS.measured(has_measurements)
    if measurements is not None and has_measurements:
        both = measurements[measurements["baseline_value"].notna() & measurements["target_value"].notna()]
        complete = set(both["indicator_id"]) | set(both["indicator_name"])
    for row in active.to_dict("records"):
        for indicator in list_items(row.get("indicators")):
            verdict = (
                "cannot be judged" if not has_measurements else "sound" if indicator in complete else "fault"
            )
            rows.append(("indicator-no-target", "indicator", indicator, row["policy_id"], verdict, basis))
    return rows


def logic_summary(faults: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kind of fault: fault, label, judged, faults, unjudged and basis.

    ``unjudged`` counts the rows that cannot be judged; a kind with nothing judged has judged = 0, not a clean bill.
    """
    rows = []
    for fault in LOGIC_FAULTS:
        part = faults[faults["fault"] == fault]
        judged = part[part["verdict"] != "cannot be judged"]
        rows.append(
            {
                "fault": fault,
                "label": _WORDS.label(fault),
                "judged": len(judged),
                "faults": int((judged["verdict"] == "fault").sum()),
                "unjudged": len(part) - len(judged),
                "basis": "; ".join(sorted(set(part["basis"]))),
            }
        )
    return pd.DataFrame(rows)


def check_objectives(policies: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the SMART marks that the tables can give to each objective standing at a year.

    Key (policy_id, objective). measurable: the wording holds a figure other than a year, or the policy names an
    indicator. time_bound: the policy has an end year. relevant: the policy names a need. specific and achievable need
    a reader: *cannot be judged* here. Marks are yes | no | cannot be judged. SMART after Doran (1981).
    """
    rows = []
    active = policies[_stands(policies, year)]
    for row in active.to_dict("records"):
        aims = list_items(row.get("needs")) or list_items(row.get("barriers_addressed"))
        for objective in list_items(row.get("objectives")):
            figure = bool(re.search(r"\d", re.sub(r"\b(?:19|20)\d\d\b", "", objective)))
            measurable = figure or bool(list_items(row.get("indicators")))
            rows.append(
                {
                    "policy_id": row["policy_id"],
                    "objective": objective,
                    "specific": "cannot be judged",
                    "measurable": "yes" if measurable else "no",
                    "achievable": "cannot be judged",
                    "relevant": "yes" if aims else "no",
                    "time_bound": "yes" if _is_filled(row.get("end_year")) else "no",
                }
            )
    columns = ["policy_id", "objective", "specific", "measurable", "achievable", "relevant", "time_bound"]
    return pd.DataFrame(rows, columns=columns)


def check_indicators(
    policies: pd.DataFrame, actions: pd.DataFrame, measurements: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the RACER marks that the tables can give to each indicator a policy, action or measurement names.

    relevant: a policy or an action carries it. accepted: needs the people concerned, so *cannot be judged*.
    credible: at least one measured value whose row is published (not our own judgement). easy: at least one value has
    been collected. robust: unit, direction, baseline and target are all given. Without measurements the last three
    *cannot be judged*. RACER as in the Better Regulation Toolbox. Key ``indicator``; where it is used is ``used_by``.
    """
    uses: dict[str, list[str]] = {}
    for row in policies.to_dict("records"):
        for indicator in list_items(row.get("indicators")):
            uses.setdefault(indicator, []).append(f"policies:{row['policy_id']}")
    for row in actions.to_dict("records"):
        name = row.get("indicator")
        if _is_filled(name):
            uses.setdefault(str(name), []).append(f"actions:{row['action_id']}")
    measured = measurements if measurements is not None and len(measurements) else None
    if measured is not None:
        for row in measured.to_dict("records"):
            known = next(
                (k for k in (row["indicator_id"], row["indicator_name"]) if k in uses), row["indicator_name"]
            )
            link = f"actions:{row['action_id']}" if _is_filled(row.get("action_id")) else ""
            holders = uses.setdefault(known, [])
            if link and link not in holders:
                holders.append(link)
    rows = []
    for indicator, holders in uses.items():
        own = None
        if measured is not None:
            own = measured[
                (measured["indicator_id"] == indicator) | (measured["indicator_name"] == indicator)
            ]
        marks = {"credible": "cannot be judged", "easy": "cannot be judged", "robust": "cannot be judged"}
        if own is not None:
            values = own[own["value"].notna()]
            published = "evidence" in values and bool(values["evidence"].eq("published").any())
            spec = all(has_values(own, c) for c in ("unit", "direction", "baseline_value", "target_value"))
            marks = {
                "credible": "yes" if published else "no",
                "easy": "yes" if len(values) else "no",
                "robust": "yes" if spec else "no",
            }
        rows.append(
            {
                "indicator": indicator,
                "used_by": ";".join(sorted(holders)),
                "relevant": "yes" if holders else "no",
                "accepted": "cannot be judged",
                **marks,
            }
        )
    columns = ["indicator", "used_by", "relevant", "accepted", "credible", "easy", "robust"]
    return pd.DataFrame(rows, columns=columns)
