"""How policies, services and promises are tied to one another at a year."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from eis_lib.methods.landscape import list_items
from eis_lib.methods.policy._coverage import policy_barriers
from eis_lib.methods.policy._standing import _column, _is_filled, _long, _stands, standing

# --- alignment both ways ---------------------------------------------------------------------------------------


_ALIGNED = (
    "policy_id",
    "title",
    "kind",
    "level",
    "start_year",
    "end_year",
    "standing",
    "objectives",
    "services_named",
    "services_standing",
    "services_ended",
    "delivery",
    "services",
    "budget_eur",
    "budget_published",
)


def align_policies(policies: pd.DataFrame, services: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return for each policy whether a service delivers it at a year and whether its money is published.

    Returns
    -------
    pd.DataFrame
        Key ``policy_id``: title, kind, level, start_year, end_year, standing, objectives (count), services_named,
        services_standing, services_ended (or not begun), ``delivery``: *delivered* (a named service stands),
        *no named service stands*, *no service named*; budget_eur (NaN = not published), budget_published.
    """
    state = dict(zip(services["service_id"], standing(services, year), strict=True))
    rows = []
    for policy, status in zip(policies.to_dict("records"), standing(policies, year), strict=True):
        named = list_items(policy.get("delivered_by"))
        active = [s for s in named if state.get(s) in {"in-force", "undated"}]
        budget = policy.get("budget_eur")
        known = budget is not None and not pd.isna(budget)
        rows.append(
            {
                "policy_id": policy["policy_id"],
                "title": policy["title"],
                "kind": policy.get("kind"),
                "level": policy.get("level"),
                "start_year": policy.get("start_year"),
                "end_year": policy.get("end_year"),
                "standing": status,
                "objectives": len(list_items(policy.get("objectives"))),
                "services_named": len(named),
                "services_standing": len(active),
                "services_ended": len(named) - len(active),
                "delivery": "delivered"
                if active
                else "no named service stands"
                if named
                else "no service named",
                "services": ";".join(active),
                "budget_eur": float(budget) if known else np.nan,  # type: ignore[arg-type]
                "budget_published": known,
            }
        )
    frame = pd.DataFrame(rows, columns=list(_ALIGNED))  # columns, too, where there is no policy
    for column in ("start_year", "end_year"):
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("Int64")
    return frame.astype({"budget_published": "bool"})


def align_services(
    services: pd.DataFrame, policies: pd.DataFrame, year: int, service_barriers: pd.DataFrame
) -> pd.DataFrame:
    """Return for each service standing at a year the closest tie it has to a policy.

    The ladder, sharpest first: *named by a standing policy* · *named only by an ended one* · *its provider owns a
    standing policy that does not name it* · *a standing policy shares a barrier only* · *no tie*. Only the first two
    rest on a recorded link (``delivered_by``); the others are read from other columns. A component of a scheme
    (``part_of``) is named where its scheme is.

    Key ``service_id``: provider_id, name, support_type, standing, backing, policies (ids of that tie, joined with ;).
    """
    state = dict(zip(policies["policy_id"], standing(policies, year), strict=True))
    named: dict[str, list[str]] = {}
    for policy, service in _long(policies, "policy_id", "delivered_by", "service").itertuples(index=False):
        named.setdefault(service, []).append(policy)
    owned: dict[str, list[str]] = {}
    for policy, owner in zip(policies["policy_id"], _column(policies, "owner"), strict=True):
        if _is_filled(owner):
            owned.setdefault(owner, []).append(policy)
    by_barrier: dict[str, list[str]] = {}
    links_to_barriers = policy_barriers(policies, year)
    for policy, barrier in zip(links_to_barriers["policy_id"], links_to_barriers["barrier"], strict=True):
        by_barrier.setdefault(barrier, []).append(policy)
    barriers_of = service_barriers.groupby("service_id")["barrier"].agg(tuple).to_dict()

    def stands(ids: Iterable[str]) -> list[str]:
        return sorted({i for i in ids if state[i] in {"in-force", "undated"}})

    rows = []
    for service, status in zip(services.to_dict("records"), standing(services, year), strict=True):
        if status not in {"in-force", "undated"}:
            continue
        scheme = service.get("part_of")
        links = [
            *named.get(service["service_id"], []),
            *(named.get(str(scheme), []) if _is_filled(scheme) else []),
        ]
        theme = stands(p for b in barriers_of.get(service["service_id"], ()) for p in by_barrier.get(b, []))
        ladder = (
            ("named by a standing policy", stands(links)),
            ("named only by an ended policy", sorted(links)),
            ("provider owns a policy that does not name it", stands(owned.get(service["provider_id"], []))),
            ("shares a barrier only", theme),
        )
        backing, ids = next(((name, ids) for name, ids in ladder if ids), ("no tie", []))
        rows.append(
            {
                "service_id": service["service_id"],
                "provider_id": service["provider_id"],
                "name": service["name"],
                "support_type": service["support_type"],
                "standing": status,
                "backing": backing,
                "policies": ";".join(ids),
            }
        )
    columns = ["service_id", "provider_id", "name", "support_type", "standing", "backing", "policies"]
    return pd.DataFrame(rows, columns=columns)


def align_promises(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    year: int,
    service_barriers: pd.DataFrame,
    *,
    untold: Collection[str] = (),
) -> pd.DataFrame:
    """Return each barrier a standing policy says it tackles, and what stands behind the promise at that year.

    ``support``: *own service* (a standing service it names answers the barrier) · *other service* (only services it
    does not name do) · *no service* (none in the landscape does) · *cannot be told* (none does, of a barrier in ``untold``:
    see `eis_lib.methods.landscape.untold_needs`). Key (policy_id, barrier); ``own``, ``others`` count.
    """
    active = set(services.loc[_stands(services, year), "service_id"])
    answering = service_barriers[service_barriers["service_id"].isin(active)]
    by_barrier = answering.groupby("barrier")["service_id"].agg(set).to_dict()
    delivers = (
        _long(policies, "policy_id", "delivered_by", "service")
        .groupby("policy_id")["service"]
        .agg(set)
        .to_dict()
    )
    rows = []
    links = policy_barriers(policies, year)
    for policy, barrier, status in links[links["standing"].isin(["in-force", "undated"])].itertuples(
        index=False
    ):
        able = by_barrier.get(barrier, set())
        own = len(able & delivers.get(policy, set()))
        bare = "cannot be told" if barrier in untold else "no service"
        support = "own service" if own else "other service" if able else bare
        rows.append((policy, barrier, status, own, len(able) - own, support))
    return pd.DataFrame(rows, columns=["policy_id", "barrier", "standing", "own", "others", "support"])
