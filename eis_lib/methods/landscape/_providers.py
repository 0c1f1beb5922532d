"""What each provider does, and the network of providers and services read off the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import pandas as pd

from eis_lib.methods.landscape._cells import list_items
from eis_lib.methods.landscape._services import providers_of
from eis_lib.pack.frames import column_or_missing

_ROLES = (
    "provider_id",
    "name",
    "level",
    "kind",
    "services",
    "joint_services",
    "stages",
    "support_types",
    "modes",
    "need_areas",
    "stage_codes",
    "support_type_codes",
    "is_entry_point",
    "is_entry_at_a_price",
    "is_hub",
    "is_specialist",
    "role",
    "service_ids",
)


def provider_roles(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    *,
    entry_stages: Sequence[str] = ("aware", "assess"),
    hub_stages: int = 4,
    hub_support_types: int = 3,
) -> pd.DataFrame:
    """Return what each provider does in the landscape.

    Roles are read off the records, a convention of this project: an **entry point** has a free service at one of the
    ``entry_stages`` that a firm without exports may use; a **hub** spans at least ``hub_stages`` stages and
    ``hub_support_types`` kinds of support; a **specialist** gives several services of one kind; a **single offer** is one
    service that is none of these, and any other provider is a **contributor**. A provider without a service in
    ``services`` has the role ``no service listed``.

    Returns
    -------
    DataFrame
        One row per provider, most services first: ``provider_id``, ``name``, ``level``, ``kind``, ``services`` (led or
        joint), ``joint_services``, ``stages``, ``support_types``, ``modes``, ``need_areas`` (numbers), ``stage_codes``,
        ``support_type_codes`` (tuples), ``is_entry_point``, ``is_entry_at_a_price`` (such a service, but not
        free), ``is_hub``, ``is_specialist`` (bool), ``role`` (words), ``service_ids`` (tuple).
    """
    ties = providers_of(services)
    given_by = ties.groupby("provider_id", sort=False)["service_id"].agg(tuple).to_dict()
    joint = set(ties.loc[~ties["is_lead"].astype(bool), "service_id"])
    by_id = services.set_index("service_id")
    rows = []
    for provider in providers.itertuples():
        ids = tuple(sorted(given_by.get(provider.provider_id, ())))
        stages, kinds = _held(by_id, ids, "journey_stages"), _held(by_id, ids, "support_type")
        doors = _doors(by_id, ids, entry_stages)
        entry = True in doors
        hub = len(stages) >= hub_stages and len(kinds) >= hub_support_types
        specialist = len(kinds) == 1 and len(ids) > 1
        rows.append(
            {
                "provider_id": provider.provider_id,
                "name": provider.name,
                "level": provider.level,
                "kind": provider.kind,
                "services": len(ids),
                "joint_services": sum(i in joint for i in ids),
                "stages": len(stages),
                "support_types": len(kinds),
                "modes": len(_held(by_id, ids, "modes")),
                "need_areas": len(_held(by_id, ids, "need_area")),
                "stage_codes": stages,
                "support_type_codes": kinds,
                "is_entry_point": entry,
                "is_entry_at_a_price": bool(doors) and not entry,
                "is_hub": hub,
                "is_specialist": specialist,
                "role": _role(len(ids), entry, hub, specialist),
                "service_ids": ids,
            }
        )
    return _most_services_first(rows)


def _most_services_first(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return the roles as a frame, which has its columns, too, where there is no provider."""
    frame = pd.DataFrame(rows, columns=list(_ROLES))
    frame = frame.astype(dict.fromkeys([c for c in _ROLES if c.startswith("is_")], "bool"))
    return frame.sort_values(
        ["services", "stages", "provider_id"], ascending=[False, False, True], ignore_index=True
    )


def _held(by_id: pd.DataFrame, ids: Sequence[str], column: str) -> tuple[str, ...]:
    """Return all codes that some services have in a column, in order."""
    if column not in by_id:
        return ()
    return tuple(sorted({code for i in ids for code in list_items(by_id.at[i, column])}))


def _doors(by_id: pd.DataFrame, ids: Sequence[str], entry_stages: Sequence[str]) -> set[object]:
    """Return, for the services at a stage of entry that a firm without exports may use, whether they are free."""
    return {
        by_id.at[i, "cost_to_sme"] == "free"
        for i in ids
        if set(list_items(by_id.at[i, "journey_stages"])) & set(entry_stages)
        and "non-exporter" in list_items(by_id.at[i, "experience"])
    }


def _role(services: int, entry: bool, hub: bool, specialist: bool) -> str:
    """Return in words what a provider of so many services does."""
    words = [("entry point", entry), ("hub", hub), ("specialist", specialist)]
    plain = ("no service listed", "single offer", "contributor")[min(services, 2)]
    return " and ".join(word for word, holds in words if holds) or plain


@dataclass(frozen=True)
class Network:
    """The provider–service network read off the records.

    ``graph`` is a directed multigraph with nodes ``("provider", id)`` and ``("service", id)`` and edges with ``kind``:
    ``provides``, ``co-provides``, ``part of``, ``requires`` and, where recorded, the kinds of referral.
    ``services`` has one row per service, ``providers`` one per provider (see :func:`network`).
    """

    graph: nx.MultiDiGraph
    services: pd.DataFrame
    providers: pd.DataFrame
    has_referrals: bool
    left_out: int


def network(
    services: pd.DataFrame, providers: pd.DataFrame, referrals: pd.DataFrame | None = None
) -> Network:
    """Return the provider–service network with its entry points, hubs and isolated services.

    Parameters
    ----------
    services, providers
        The landscape looked at.
    referrals
        ``from_service``, ``to_service``, ``kind``; None where the region records none. Referrals from or to a service that
        is not in ``services`` are left out and counted in ``left_out``.

    Returns
    -------
    Network
        ``services``: ``service_id``, ``provider_id``, ``referrals_in``, ``referrals_out``, ``warm_out``,
        ``betweenness`` (0–1, share of shortest referral paths that pass through), ``position`` (``entry``, ``hub``,
        ``through``, ``end`` or ``isolated``); without referrals all but the ids are missing: how firms are passed on is then
        unknown, not none. A hub lies on more shortest paths than any other service.
        ``providers``: ``provider_id``, ``services``, ``linked_providers`` (tied by a joint service, a part, a
        requirement or a referral), ``linked_by`` (tuple of kinds), ``group`` (number of its connected group, largest
        first), ``is_isolated``.
    """
    graph = _tied(services, providers)
    known = set(services["service_id"])
    lead = dict(zip(services["service_id"].tolist(), services["provider_id"].tolist(), strict=True))
    handed = nx.DiGraph()
    handed.add_nodes_from(services["service_id"])
    left_out = 0
    warm: dict[str, int] = {}
    if referrals is not None:
        for referral in referrals.itertuples():
            if referral.from_service not in known or referral.to_service not in known:
                left_out += 1
                continue
            graph.add_edge(
                ("service", referral.from_service), ("service", referral.to_service), kind=str(referral.kind)
            )
            handed.add_edge(referral.from_service, referral.to_service)
            if referral.kind == "warm-handover":
                warm[str(referral.from_service)] = warm.get(str(referral.from_service), 0) + 1
    return Network(
        graph=graph,
        services=_service_positions(services, handed, warm, has_referrals=referrals is not None),
        providers=_provider_links(providers, graph, lead),
        has_referrals=referrals is not None,
        left_out=left_out,
    )


def _tied(services: pd.DataFrame, providers: pd.DataFrame) -> nx.MultiDiGraph:
    """Return who provides what, and which services are part of others or require them, as a graph."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(("provider", p) for p in providers["provider_id"])
    graph.add_nodes_from(("service", s) for s in services["service_id"])
    known = set(services["service_id"])
    for tie in providers_of(services).itertuples():
        graph.add_edge(
            ("provider", tie.provider_id),
            ("service", tie.service_id),
            kind="provides" if tie.is_lead else "co-provides",
        )
    for column, kind in (("part_of", "part of"), ("requires", "requires")):
        for service, others in zip(services["service_id"], column_or_missing(services, column), strict=True):
            for other in list_items(others):
                if other in known:
                    graph.add_edge(("service", service), ("service", other), kind=kind)
    return graph


def _service_positions(
    services: pd.DataFrame, handed: nx.DiGraph, warm: Mapping[str, int], *, has_referrals: bool
) -> pd.DataFrame:
    frame = services[["service_id", "provider_id"]].reset_index(drop=True)
    if not has_referrals:
        return frame.assign(
            referrals_in=pd.array([pd.NA] * len(frame), dtype="Int64"),
            referrals_out=pd.array([pd.NA] * len(frame), dtype="Int64"),
            warm_out=pd.array([pd.NA] * len(frame), dtype="Int64"),
            betweenness=float("nan"),
            position=pd.Series([None] * len(frame), dtype="object"),
        )
    between = nx.betweenness_centrality(handed)
    top = max(between.values(), default=0.0)
    positions = []
    for service in frame["service_id"]:
        into, out = handed.in_degree(service), handed.out_degree(service)
        if into == out == 0:
            positions.append("isolated")
        elif top > 0 and between[service] == top:
            positions.append("hub")
        elif into == 0:
            positions.append("entry")
        elif out == 0:
            positions.append("end")
        else:
            positions.append("through")
    return frame.assign(
        referrals_in=pd.array([handed.in_degree(s) for s in frame["service_id"]], dtype="Int64"),
        referrals_out=pd.array([handed.out_degree(s) for s in frame["service_id"]], dtype="Int64"),
        warm_out=pd.array([warm.get(s, 0) for s in frame["service_id"]], dtype="Int64"),
        betweenness=[between[s] for s in frame["service_id"]],
        position=positions,
    )


def _provider_links(providers: pd.DataFrame, graph: nx.MultiDiGraph, lead: Mapping[str, str]) -> pd.DataFrame:
    links = nx.Graph()
    links.add_nodes_from(providers["provider_id"])
    how: dict[str, set[str]] = {p: set() for p in providers["provider_id"]}

    def tie(one: str, other: str, kind: str) -> None:
        if one != other and one in how and other in how:
            links.add_edge(one, other)
            how[one].add(kind)
            how[other].add(kind)

    for (source_kind, source), (_, target), kind in graph.edges(data="kind"):
        if source_kind == "service":
            tie(lead[source], lead[target], kind)
        elif kind == "co-provides":
            tie(lead[target], source, "joint service")
    groups = sorted(nx.connected_components(links), key=lambda g: (-len(g), min(g)))
    group_of = {p: n for n, group in enumerate(groups, start=1) for p in group}
    rows = [
        {
            "provider_id": p,
            "services": graph.out_degree(("provider", p)),
            "linked_providers": links.degree(p),
            "linked_by": tuple(sorted(how[p])),
            "group": group_of[p],
            "is_isolated": links.degree(p) == 0,
        }
        for p in providers["provider_id"]
    ]
    frame = pd.DataFrame(
        rows, columns=["provider_id", "services", "linked_providers", "linked_by", "group", "is_isolated"]
    )
    return frame.sort_values(
        ["linked_providers", "services", "provider_id"], ascending=[False, False, True]
    ).reset_index(drop=True)
