"""Whether somebody decides, funds, coordinates, delivers and advises, and what is not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class _Governed:
    """Who governs what in a year: roles by policy and need area, their sums by area, and owners of actions."""

    year: int
    roles: pd.DataFrame
    areas: pd.DataFrame
    accounts: pd.DataFrame

    @property
    def active(self) -> pd.DataFrame:
        """Roles under standing policies."""
        return self.roles[self.roles["standing"].isin(["in-force", "undated"])]

    @property
    def named_areas(self) -> list[str]:
        """The need areas that standing policies name."""
        return list(dict.fromkeys(self.areas.loc[self.areas["state"] != "no policy", "need_area"]))

    @property
    def crowded(self) -> pd.DataFrame:
        """Need areas in which several bodies decide, most bodies first."""
        several = self._areas_of("decides", self.areas["bodies"] > 1)
        return several.sort_values("bodies", ascending=False, kind="stable")

    @property
    def uncoordinated(self) -> pd.DataFrame:
        return self._areas_of("coordinates", self.areas["bodies"] == 0)

    @property
    def coordinated(self) -> int:
        return len(self.named_areas) - len(self.uncoordinated)

    @property
    def unrecorded(self) -> list[str]:
        """Roles that nobody is recorded to hold under a standing policy."""
        return [role for role in policy.ROLES if not (self.active["role"] == role).any()]

    def _areas_of(self, role: str, mask: pd.Series) -> pd.DataFrame:
        return self.areas[(self.areas["state"] != "no policy") & (self.areas["role"] == role) & mask]


def governance(review: Review, *, year: int | None = None) -> Section:
    """Return who decides, funds, coordinates, delivers and advises, per policy and need area, and what is not recorded."""
    at = _years(review, year)
    roles, names = _roles(review, at), _bodies(review)
    seen = _Governed(
        at,
        roles,
        areas=policy.area_roles(roles, review.vocabulary.codes("barrier")),
        accounts=policy.action_accountability(review.pack.actions),
    )
    drawn = {"governance_roles": _role_chart(review, seen)}
    if seen.named_areas:
        drawn["governance_bodies"] = _body_chart(review, seen.active, seen.named_areas, names, at)
    return Section(
        answer=" ".join(
            [
                *_area_sentences(review, seen),
                *_decider_sentences(review, seen),
                *_action_sentences(seen.accounts),
            ]
        ),
        charts=drawn,
        tables={
            "governance_roles": _table(
                roles.assign(name=[names.get(body, body) for body in roles["body"]])[
                    ["body", "name", "listed", "policy_id", "need_area", "role", "basis", "standing"]
                ],
                "Who does what, per policy and need area",
                "basis: given by a source, coded as our own judgement, or derived (owner → decides, provider of a delivering service → delivers). A role held for a policy is read into each barrier the policy names.",
            ),
            "governance_areas": _table(seen.areas, f"Bodies per need area and role in {at}"),
            "governance_issues": _table(
                _governance_issues(seen.areas, seen.accounts, _double_decisions(roles), seen.unrecorded),
                "What a governance review would take up first",
                "Candidates: several deciders can be right because of the nature or size of the task; the table says where to look.",
            ),
            "action_owners": _table(seen.accounts, "Who answers for each action"),
        },
        how_sure=f"Low to medium: of the roles under standing policies {_basis_words(seen.active)}; funding, coordination and advice are never derived.",
        to_check=_gap_words(review, seen),
    )


def _role_label(review: Review, role: str) -> str:
    return review.vocabulary.label("governance_role", role)


def _plain_bodies(review: Review, ids: Iterable[str], most: int = 5) -> str:
    names = _bodies(review)
    return listing([plain(names.get(body, body)) for body in ids], most)


def _area_sentences(review: Review, seen: _Governed) -> Iterator[str]:
    """Yield in how many need areas several bodies decide, and in how many somebody coordinates."""
    most = ""
    if len(seen.crowded):
        top = seen.crowded.iloc[0]
        most = f", most in {_barriers(review, [top['need_area']])} ({_plain_bodies(review, top['names'].split(';'), 4)})"
    yield f"More than one body decides in {len(seen.crowded)} of the {count(len(seen.named_areas), 'need area')} that standing policies name{most}."
    yield (
        f"A coordinator is recorded in {seen.coordinated} of them."
        if seen.coordinated
        else "No coordinator is recorded in any of them, which is unknown rather than absent."
    )


def _decider_sentences(review: Review, seen: _Governed) -> Iterator[str]:
    """Yield the policies whose deciders have all ceased, and those with several deciders, if any."""
    ownerless = _ownerless(review, seen.roles, seen.year)
    if len(ownerless):
        ceased = _plain_bodies(review, sorted(set(ownerless["names"])))
        yield f"Nobody is left to answer for {_titled(review, ownerless['policy_id'], 2)}: {ceased} ceased before {seen.year}."
    twice = _double_decisions(seen.roles)
    if len(twice):
        yield f"Two or more bodies decide on {_titled(review, twice['policy_id'], 2)}."


def _action_sentences(accounts: pd.DataFrame) -> Iterator[str]:
    """Yield how many actions have an owner, if there are actions."""
    nobody = int((accounts["accountability"] == "nobody").sum())
    outside = int((accounts["accountability"] == "named, not a listed provider").sum())
    if len(accounts):
        owners = (
            f"{nobody} of {count(len(accounts), 'action')} name no owner"
            if nobody
            else f"Each of {count(len(accounts), 'action')} names an owner"
        )
        yield owners + (f", {outside} of them outside the listed providers." if outside else ".")


def _basis_words(active: pd.DataFrame) -> str:
    """Return how many roles a source gives, we coded, and were derived."""
    basis = active.drop_duplicates(["body", "policy_id", "role"])["basis"].value_counts()
    kinds = (("given", "from a source"), ("coded", "our own judgement"), ("derived", "derived"))
    found = [f"{basis[key]} {words}" for key, words in kinds if key in basis]
    return listing(found) if found else "none is recorded"


def _gap_words(review: Review, seen: _Governed) -> str:
    """Return what is to be checked: roles nobody is recorded to hold, or else areas nobody coordinates."""
    if seen.unrecorded:
        return f"{listing([_role_label(review, role) for role in seen.unrecorded])}: no row says who does it under a standing policy; record it in governance.csv."
    if len(seen.uncoordinated):
        return f"The areas without a coordinator: {_barriers(review, seen.uncoordinated['need_area'], 4)}."
    return "Whether each recorded role is still held."


def _role_chart(review: Review, seen: _Governed) -> Any:
    codes = review.vocabulary.codes("barrier")
    labels = {role: _role_label(review, role) for role in policy.ROLES}
    title = f"More than one body decides in {len(seen.crowded)} of {len(seen.named_areas)} need areas; " + (
        f"a coordinator is on record in {seen.coordinated}"
        if seen.coordinated
        else "no coordinator is on record"
    )
    return charts.chart_roles(
        seen.areas.assign(
            need_area=[_barrier(review, code) for code in seen.areas["need_area"]],
            role=seen.areas["role"].map(labels),
        )[["need_area", "role", "bodies", "state"]],
        [_barrier(review, code) for code in codes],
        list(labels.values()),
        title=title,
        subtitle=f"Bodies per role under policies standing in {seen.year}; ? = recorded for none of them, so unknown",
        source="governance, policies and services of the region pack; the owner is read as deciding, the provider as delivering, where nothing else is recorded",
        description=f"{title}. {len(codes) - len(seen.named_areas)} areas are named by no standing policy.",
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
