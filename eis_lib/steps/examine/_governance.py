"""Whether somebody decides, funds, coordinates, delivers and advises, and what is not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
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
from eis_lib.steps.shared.words import _short_title, words_of

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
    words = words_of(__file__, review, year=at)
    drawn = {"governance_roles": _role_chart(review, seen, words)}
    if seen.named_areas:
        drawn["governance_bodies"] = _body_chart(review, seen, names, words)
    return Section(
        answer=sentences(*_area_sentences(review, seen, words), *_duty_sentences(review, seen, words)),
        charts=drawn,
        tables={
            "governance_roles": _table(
                roles.assign(name=[names.get(body, body) for body in roles["body"]])[
                    ["body", "name", "listed", "policy_id", "need_area", "role", "basis", "standing"]
                ],
                words.roles_caption(),
                words.roles_note(),
            ),
            "governance_areas": _table(seen.areas, words.areas_caption()),
            "governance_issues": _table(
                _governance_issues(seen, words), words.issues_caption(), words.issues_note()
            ),
            "action_owners": _table(seen.accounts, words.owners_caption()),
        },
        how_sure=words.how_sure(_bases(seen.active, words)),
        to_check=_check_words(review, seen, words),
    )


def _role_label(review: Review, role: str) -> str:
    return review.vocabulary.label("governance_role", role)


def _plain_bodies(review: Review, ids: Iterable[str]) -> list[str]:
    names = _bodies(review)
    return [plain(names.get(body, body)) for body in ids]


def _area_sentences(review: Review, seen: _Governed, words: Words) -> tuple[str, str]:
    """Return in how many need areas several bodies decide, and in how many somebody coordinates."""
    widest = None
    if len(seen.crowded):
        top = seen.crowded.iloc[0]
        (area,) = _barriers(review, [top["need_area"]])
        widest = {"area": area, "bodies": _plain_bodies(review, top["names"].split(";"))}
    return (
        words.deciders(len(seen.crowded), len(seen.named_areas), widest),
        words.coordinators(seen.coordinated),
    )


def _duty_sentences(review: Review, seen: _Governed, words: Words) -> Iterator[str]:
    """Yield the policies whose deciders have all ceased, those with several, and how many actions have an owner, if any."""
    ownerless = _ownerless(review, seen.roles, seen.year)
    if len(ownerless):
        ceased = _plain_bodies(review, sorted(set(ownerless["names"])))
        yield words.nobody_left(_titled(review, ownerless["policy_id"]), ceased)
    twice = _double_decisions(seen.roles)
    if len(twice):
        yield words.decided_twice(_titled(review, twice["policy_id"]))
    owner = seen.accounts["accountability"]
    if len(owner):
        yield words.owners_of_actions(
            len(owner), int((owner == "nobody").sum()), int((owner == "named, not a listed provider").sum())
        )


def _bases(active: pd.DataFrame, words: Words) -> list[str]:
    """Return how many roles a source gives, we coded, and were derived."""
    basis = active.drop_duplicates(["body", "policy_id", "role"])["basis"].value_counts()
    return [words.based(kind, basis[kind]) for kind in ("given", "coded", "derived") if kind in basis]


def _check_words(review: Review, seen: _Governed, words: Words) -> str:
    """Return what is to be checked: roles nobody is recorded to hold, or else areas nobody coordinates."""
    if seen.unrecorded:
        return words.check_unrecorded([_role_label(review, role) for role in seen.unrecorded])
    if len(seen.uncoordinated):
        return words.check_uncoordinated(_barriers(review, seen.uncoordinated["need_area"]))
    return words.check_still_held()


def _role_chart(review: Review, seen: _Governed, words: Words) -> Any:
    codes = review.vocabulary.codes("barrier")
    labels = {role: _role_label(review, role) for role in policy.ROLES}
    title = words.roles_title(len(seen.crowded), len(seen.named_areas), seen.coordinated)
    return charts.chart_roles(
        seen.areas.assign(
            need_area=[_barrier(review, code) for code in seen.areas["need_area"]],
            role=seen.areas["role"].map(labels),
        )[["need_area", "role", "bodies", "state"]],
        [_barrier(review, code) for code in codes],
        list(labels.values()),
        title=title,
        subtitle=words.roles_subtitle(),
        source=words.roles_source(),
        description=words.roles_description(title, len(codes) - len(seen.named_areas)),
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


def _governance_issues(seen: _Governed, words: Words) -> pd.DataFrame:
    """Return one row per thing to take up: issue, subject, bodies, names, state (candidate | unknown)."""
    areas, accounts = seen.areas, seen.accounts
    rows = [
        ("policy", row.policy_id, row.bodies, row.names, "candidate")
        for row in _each_row(_double_decisions(seen.roles))
    ]
    several = areas[(areas["role"] == "decides") & (areas["bodies"] > 1)]
    for row in _each_row(several.sort_values("bodies", ascending=False, kind="stable")):
        rows.append(("area", row.need_area, row.bodies, row.names, "candidate"))
    for role in ("coordinates", "funds", "delivers"):
        state = "unknown" if role in seen.unrecorded else "candidate"
        missing = areas[(areas["role"] == role) & areas["state"].isin(["nobody recorded", "not recorded"])]
        for area in missing["need_area"]:
            rows.append((role, area, 0, "", state))
    for row in _each_row(
        accounts[accounts["accountability"].isin(["nobody", "named, not a listed provider"])]
    ):
        rows.append((row.accountability, row.action_id, 0, row.owner, "candidate"))
    frame = pd.DataFrame(rows, columns=["issue", "subject", "bodies", "names", "state"])
    return frame.assign(issue=[words.issue(kind) for kind in frame["issue"]])


def _body_chart(review: Review, seen: _Governed, names: dict[str, str], words: Words) -> Any:
    """Return the picture of bodies by need area, the widest deciders first, at most 18 bodies."""
    areas = seen.named_areas
    cells = _body_cells(seen.active, areas)
    breadth = cells.groupby("body").agg(decides=("decides", "sum"), areas=("need_area", "size"))
    breadth = breadth.sort_values(["decides", "areas"], ascending=False, kind="stable")
    shown = [str(body) for body in breadth.index[:18]]
    labels = {body: _short_title(names.get(body, body), 34) for body in shown}
    cells = cells[cells["body"].isin(shown)]
    top = _short_title(names.get(shown[0], shown[0]), 50)
    title = words.bodies_title(top, *breadth.iloc[0][["decides", "areas"]], len(areas))
    return charts.chart_bodies(
        cells.assign(
            body=cells["body"].map(labels), need_area=[_barrier(review, code) for code in cells["need_area"]]
        )[["body", "need_area", "letters", "decides"]],
        [labels[body] for body in shown],
        [_barrier(review, code) for code in areas],
        title=title,
        subtitle=words.bodies_subtitle(len(breadth) - len(shown)),
        source=words.bodies_source(),
        description=words.bodies_description(title),
    )


def _body_cells(active: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    """Return what each body does in each need area: body, need_area, letters, decides."""
    letters = {"decides": "D", "funds": "F", "coordinates": "C", "delivers": "S", "advises": "A"}
    held = active[active["need_area"].isin(areas)].drop_duplicates(["body", "need_area", "role"])
    held = held.assign(decides=held["role"] == "decides")
    cells = held.groupby(["body", "need_area"]).agg(
        letters=("role", lambda roles: "".join(letters[role] for role in policy.ROLES if role in set(roles))),
        decides=("decides", "any"),
    )
    return cells.reset_index()
