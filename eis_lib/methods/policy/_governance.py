"""Who decides, funds, coordinates, delivers and advises, and who answers for each action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from eis_lib.methods.landscape import list_items
from eis_lib.methods.policy._standing import _ended_before, _is_filled, standing

ROLES = ("decides", "funds", "coordinates", "delivers", "advises")


# --- governance ------------------------------------------------------------------------------------------------


def governance_roles(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    year: int,
    governance: pd.DataFrame | None = None,
    providers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return who does what for each policy and need area, recorded roles before those read from other tables.

    Parameters
    ----------
    policies, services
        The pack's tables; an owner *decides* on its policy, the provider of a service the policy names *delivers* it.
    year
        The year looked at.
    governance
        provider_id, policy_id, need_area, role, evidence; None where the region records no roles.
    providers
        provider_id, end_year: a body that ceased before the year holds no role in it.

    Returns
    -------
    pd.DataFrame
        body (provider_id, or the owner's name where it is no listed provider), listed (bool), policy_id, need_area,
        role, basis, standing of the policy, or *body ceased*. Key (body, policy_id, need_area, role). A role held for an area
        under no policy stands as undated. ``basis`` is *given* (a source says
        so), *coded* (recorded as our own judgement) or *derived* (read here from owner and delivering services).
        Funding, coordination and advice are never derived: without a recorded role they are unknown.
    """
    areas = {
        row["policy_id"]: list_items(row.get("barriers_addressed")) for row in policies.to_dict("records")
    }
    rows = [] if governance is None else _recorded_roles(governance, areas)
    rows += _derived_roles(policies, services, areas)
    columns = ["body", "listed", "policy_id", "need_area", "role", "basis"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.drop_duplicates(["body", "policy_id", "need_area", "role"], keep="first", ignore_index=True)
    state = dict(zip(policies["policy_id"], standing(policies, year), strict=True))
    frame["standing"] = frame["policy_id"].map(state).fillna("undated")
    if providers is not None and len(providers):
        ceased = set(providers.loc[_ended_before(providers, year), "provider_id"])
        frame["standing"] = frame["standing"].mask(frame["body"].isin(ceased), "body ceased")
    position = {role: index for index, role in enumerate(ROLES)}
    return frame.sort_values(
        ["need_area", "role", "body", "policy_id"],
        key=lambda column: column.map(position) if column.name == "role" else column,
        kind="stable",
        ignore_index=True,
    )


def _recorded_roles(
    governance: pd.DataFrame, areas: Mapping[str, Sequence[str]]
) -> list[tuple[str, bool, str, str, str, str]]:
    """Return the roles on record; one without an area of its own holds for those of its policy."""
    rows = []
    for row in governance.to_dict("records"):
        policy = row["policy_id"] if _is_filled(row.get("policy_id")) else ""
        own = row.get("need_area")
        for area in (own,) if _is_filled(own) else areas.get(policy, ()) or ("",):
            basis = "coded" if row.get("evidence") == "own-judgement" else "given"
            rows.append((row["provider_id"], True, policy, str(area), row["role"], basis))
    return rows


def _derived_roles(
    policies: pd.DataFrame, services: pd.DataFrame, areas: Mapping[str, Sequence[str]]
) -> list[tuple[str, bool, str, str, str, str]]:
    """Return the roles read here: an owner decides, the providers of a service that a policy names deliver."""
    provider_of = {
        row["service_id"]: (row["provider_id"], *list_items(row.get("co_providers")))
        for row in services.to_dict("records")
    }
    rows = []
    for row in policies.to_dict("records"):
        named = _is_filled(row.get("owner"))
        owner = row["owner"] if named else row.get("owner_name")
        for area in areas[row["policy_id"]] or ("",):
            if _is_filled(owner):
                rows.append((str(owner), named, row["policy_id"], area, "decides", "derived"))
            for service in list_items(row.get("delivered_by")):
                for body in provider_of.get(service, ()):
                    rows.append((body, True, row["policy_id"], area, "delivers", "derived"))
    return rows


def area_roles(roles: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return per need area and role the bodies that hold it under standing policies.

    Key (need_area, role) over all codes × `ROLES`: bodies (count), names (joined with ;), given (bodies a source names)
    and state. *One body* and *several bodies* say themselves. *No policy*: no standing policy names the area and no role
    is recorded for it, so there is nothing to govern. *Nobody recorded*: the role is recorded in other areas and
    missing here. *Not recorded*: no row under any standing policy gives or derives the role, so its absence says
    nothing. A role recorded for an area alone, under no policy, counts as standing.
    """
    active = roles[roles["standing"].isin(["in-force", "undated"])]
    recorded, governed = set(active["role"]), set(active["need_area"])
    held: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for area, role, body, basis in zip(
        active["need_area"], active["role"], active["body"], active["basis"], strict=True
    ):
        every, given = held.setdefault((area, role), (set(), set()))
        every.add(body)
        if basis == "given":
            given.add(body)
    rows = []
    for area in codes:
        for role in ROLES:
            bodies, given = held.get((area, role), (set(), set()))
            if bodies:
                state = "several bodies" if len(bodies) > 1 else "one body"
            elif area not in governed:
                state = "no policy"
            else:
                state = "nobody recorded" if role in recorded else "not recorded"
            rows.append((area, role, len(bodies), ";".join(sorted(bodies)), len(given), state))
    return pd.DataFrame(rows, columns=["need_area", "role", "bodies", "names", "given", "state"])


def action_accountability(actions: pd.DataFrame) -> pd.DataFrame:
    """Return for each action whether somebody answers for it, in the table's order.

    Key ``action_id``: title, owner, ``accountability`` ∈ *listed provider* | *named, not a listed provider* | *nobody*,
    has_indicator, has_target, has_cost (booleans: a field filled, nothing more).
    """
    rows = []
    for row in actions.to_dict("records"):
        listed, named = _is_filled(row.get("owner")), _is_filled(row.get("owner_name"))
        state = "listed provider" if listed else "named, not a listed provider" if named else "nobody"
        owner = row.get("owner") if listed else row.get("owner_name") if named else ""
        rows.append(
            {
                "action_id": row["action_id"],
                "title": row["title"],
                "owner": owner,
                "accountability": state,
                "has_indicator": _is_filled(row.get("indicator")),
                "has_target": _is_filled(row.get("target")),
                "has_cost": _is_filled(row.get("cost_eur")),
            }
        )
    columns = ["action_id", "title", "owner", "accountability", "has_indicator", "has_target", "has_cost"]
    return pd.DataFrame(rows, columns=columns)
