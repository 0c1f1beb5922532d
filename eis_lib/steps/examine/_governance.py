"""Whether somebody decides, funds, coordinates, delivers and advises, and what is not recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import (
    _barrier,
    _barriers,
    _bodies,
    _roles,
    _standing_rows,
    _table,
    _titled,
    _years,
)
from eis_lib.steps.shared.words import _short_title

# --- governance ------------------------------------------------------------------------------------------------


def governance(review: Review, *, year: int | None = None) -> Section:
    """Return who decides, funds, coordinates, delivers and advises, per policy and need area, and what is not recorded."""
    at, pack = _years(review, year), review.pack
    codes = review.vocabulary.codes("barrier")
    roles = _roles(review, at)
    active = roles[roles["standing"].isin(["in-force", "undated"])]
    areas = policy.area_roles(roles, codes)
    accounts = policy.action_accountability(pack.actions)
    twice = _double_decisions(roles)
    label = {role: review.vocabulary.label("governance_role", role) for role in policy.ROLES}
    names = _bodies(review)
    governed = areas[areas["state"] != "no policy"]
    area_order = list(dict.fromkeys(governed["need_area"]))
    deciding = governed[(governed["role"] == "decides") & (governed["bodies"] > 1)]
    deciding = deciding.sort_values("bodies", ascending=False, kind="stable")
    unrecorded = [role for role in policy.ROLES if not (active["role"] == role).any()]
    alone = governed[(governed["role"] == "coordinates") & (governed["bodies"] == 0)]
    nobody = accounts[accounts["accountability"] == "nobody"]
    outside = accounts[accounts["accountability"] == "named, not a listed provider"]
    held = len(area_order) - len(alone)
    title = f"More than one body decides in {len(deciding)} of {len(area_order)} need areas; " + (
        "no coordinator is on record" if not held else f"a coordinator is on record in {held}"
    )
    picture = charts.chart_roles(
        areas.assign(
            need_area=[_barrier(review, code) for code in areas["need_area"]], role=areas["role"].map(label)
        )[["need_area", "role", "bodies", "state"]],
        [_barrier(review, code) for code in codes],
        [label[role] for role in policy.ROLES],
        title=title,
        subtitle=f"Bodies per role under policies standing in {at}; ? = recorded for none of them, so unknown",
        source="governance, policies and services of the region pack; the owner is read as deciding, the provider as delivering, where nothing else is recorded",
        description=f"{title}. {len(codes) - len(area_order)} areas are named by no standing policy.",
    )
    drawn = {"governance_roles": picture}
    if area_order:
        drawn["governance_bodies"] = _body_chart(review, active, area_order, names, at)
    sentences = [
        f"More than one body decides in {len(deciding)} of the {count(len(area_order), 'need area')} that standing policies name"
    ]
    if len(deciding):
        top = deciding.iloc[0]
        sentences[0] += (
            f", most in {_barriers(review, [top['need_area']])} ({listing([plain(names.get(b, b)) for b in top['names'].split(';')], 4)})"
        )
    sentences[0] += "."
    sentences.append(
        f"A coordinator is recorded in {held} of them."
        if held
        else "No coordinator is recorded in any of them, which is unknown rather than absent."
    )
    ownerless = _ownerless(review, roles, at)
    if len(ownerless):
        sentences.append(
            f"Nobody is left to answer for {_titled(review, ownerless['policy_id'], 2)}: {listing([plain(names.get(b, b)) for b in sorted(set(ownerless['names']))])} ceased before {at}."
        )
    if len(twice):
        sentences.append(f"Two or more bodies decide on {_titled(review, twice['policy_id'], 2)}.")
    if len(accounts):
        owners = (
            f"{len(nobody)} of {count(len(accounts), 'action')} name no owner"
            if len(nobody)
            else f"Each of {count(len(accounts), 'action')} names an owner"
        )
        sentences.append(
            owners + (f", {len(outside)} of them outside the listed providers." if len(outside) else ".")
        )
    basis = active.drop_duplicates(["body", "policy_id", "role"])["basis"].value_counts()
    kinds = [
        f"{basis[key]} {words}"
        for key, words in (("given", "from a source"), ("coded", "our own judgement"), ("derived", "derived"))
        if key in basis
    ]
    check = (
        f"The areas without a coordinator: {_barriers(review, alone['need_area'], 4)}."
        if len(alone)
        else "Whether each recorded role is still held."
    )
    if unrecorded:
        check = f"{listing([label[role] for role in unrecorded])}: no row says who does it under a standing policy; record it in governance.csv."
    return Section(
        answer=" ".join(sentences),
        charts=drawn,
        tables={
            "governance_roles": _table(
                roles.assign(name=[names.get(body, body) for body in roles["body"]])[
                    ["body", "name", "listed", "policy_id", "need_area", "role", "basis", "standing"]
                ],
                "Who does what, per policy and need area",
                "basis: given by a source, coded as our own judgement, or derived (owner → decides, provider of a delivering service → delivers). A role held for a policy is read into each barrier the policy names.",
            ),
            "governance_areas": _table(areas, f"Bodies per need area and role in {at}"),
            "governance_issues": _table(
                _governance_issues(areas, accounts, twice, unrecorded),
                "What a governance review would take up first",
                "Candidates: several deciders can be right because of the nature or size of the task; the table says where to look.",
            ),
            "action_owners": _table(accounts, "Who answers for each action"),
        },
        how_sure=f"Low to medium: of the roles under standing policies {listing(kinds) if kinds else 'none is recorded'}; funding, coordination and advice are never derived.",
        to_check=check,
    )


def _ownerless(review: Review, roles: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the standing policies whose every decider has ceased to exist: policy_id, names (joined with ;)."""
    standing = set(_standing_rows(review.pack.policies, year)["policy_id"])
    decides = roles[(roles["role"] == "decides") & roles["policy_id"].isin(standing)]
    rows = [
        (key, ";".join(sorted(set(group["body"]))))
        for key, group in decides.groupby("policy_id")
        if group["standing"].eq("body ceased").all()
    ]
    return pd.DataFrame(rows, columns=["policy_id", "names"])


def _double_decisions(roles: pd.DataFrame) -> pd.DataFrame:
    """Return the standing policies on which more than one body decides: policy_id, bodies, names (joined with ;)."""
    part = roles[(roles["role"] == "decides") & roles["standing"].isin(["in-force", "undated"])]
    rows = [
        (key, group["body"].nunique(), ";".join(sorted(set(group["body"]))))
        for key, group in part.groupby("policy_id")
    ]
    found = pd.DataFrame(rows, columns=["policy_id", "bodies", "names"])
    return found[found["bodies"] > 1].reset_index(drop=True)


def _governance_issues(
    areas: pd.DataFrame, accounts: pd.DataFrame, twice: pd.DataFrame, unrecorded: Sequence[str]
) -> pd.DataFrame:
    """Return one row per thing to take up: issue, subject, bodies, names, state (candidate | unknown)."""
    rows = [
        ("several bodies decide on one policy", row.policy_id, row.bodies, row.names, "candidate")
        for row in _each_row(twice)
    ]
    several = areas[(areas["role"] == "decides") & (areas["bodies"] > 1)]
    for row in _each_row(several.sort_values("bodies", ascending=False, kind="stable")):
        rows.append(("several bodies decide in one area", row.need_area, row.bodies, row.names, "candidate"))
    for role in ("coordinates", "funds", "delivers"):
        state = "unknown" if role in unrecorded else "candidate"
        missing = areas[(areas["role"] == role) & areas["state"].isin(["nobody recorded", "not recorded"])]
        for area in missing["need_area"]:
            rows.append((f"nobody recorded who {role}", area, 0, "", state))
    issues = {
        "nobody": "action without an owner",
        "named, not a listed provider": "action owned outside the listed providers",
    }
    for row in _each_row(accounts[accounts["accountability"].isin(list(issues))]):
        rows.append((issues[row.accountability], row.action_id, 0, row.owner, "candidate"))
    return pd.DataFrame(rows, columns=["issue", "subject", "bodies", "names", "state"])


def _body_chart(
    review: Review, active: pd.DataFrame, areas: list[str], names: dict[str, str], year: int
) -> Any:
    """Return the picture of bodies by need area, the widest deciders first, at most 18 bodies."""
    letters = {"decides": "D", "funds": "F", "coordinates": "C", "delivers": "S", "advises": "A"}
    held = active[active["need_area"].isin(areas)].drop_duplicates(["body", "need_area", "role"])
    held = held.assign(decides=held["role"] == "decides")
    cells = held.groupby(["body", "need_area"]).agg(
        letters=("role", lambda roles: "".join(letters[role] for role in policy.ROLES if role in set(roles))),
        decides=("decides", "any"),
    )
    cells = cells.reset_index()
    breadth = cells.groupby("body").agg(decides=("decides", "sum"), areas=("need_area", "size"))
    breadth = breadth.sort_values(["decides", "areas"], ascending=False, kind="stable")
    shown = [str(body) for body in breadth.index[:18]]
    labels = {body: _short_title(names.get(body, body), 34) for body in shown}
    cells = cells[cells["body"].isin(shown)]
    top, most = names.get(shown[0], shown[0]), breadth.iloc[0]
    title = f"{_short_title(top, 50)} " + (
        f"decides in {most['decides']} of {len(areas)} need areas"
        if most["decides"]
        else f"is present in {most['areas']} of {len(areas)} need areas"
    )
    left_out = len(breadth) - len(shown)
    return charts.chart_bodies(
        cells.assign(
            body=cells["body"].map(labels), need_area=[_barrier(review, code) for code in cells["need_area"]]
        )[["body", "need_area", "letters", "decides"]],
        [labels[body] for body in shown],
        [_barrier(review, code) for code in areas],
        title=title,
        subtitle=f"D decides, F funds, C coordinates, S delivers a service, A advises; policies standing in {year}"
        + (f"; {left_out} bodies with fewer areas left out" if left_out else ""),
        source="governance, policies and services of the region pack",
        description=f"{title}. Blue cells are those where the body decides.",
    )
