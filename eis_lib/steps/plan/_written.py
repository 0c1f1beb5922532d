"""The actions of the plan written out: what is done, who leads, and the indicators of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.methods import recommendation as advice
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.plan._proposals import (
    _bodies,
    _cost_over_years,
    _first_year,
    _open,
    _proposals,
    _short_title,
)
from eis_lib.steps.plan._ranking import _ranked
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _label, _text, words_of


def _alive(review: Review) -> dict[str, str]:
    """Return the bodies that still exist in the year: provider id → level."""
    return {
        str(p.provider_id): str(p.level)
        for p in _each_row(review.pack.providers)
        if pd.isna(p.end_year) or p.end_year >= review.year
    }


@once_per_review
def _lead(review: Review) -> str:
    """Return the body that would answer for what nobody owns yet.

    Among the EIS partners that still exist the one that gives most services today; where none gives any, the regional or local
    body that gives most.
    """
    alive = _alive(review)
    gives = view(review).services["provider_id"].value_counts()
    partners = [p.provider_id for p in review.pack.region.partners if p.provider_id in alive]
    near = [b for b, level in alive.items() if level in ("regional", "local")]
    for group in (
        [p for p in partners if p in gives.index],
        [b for b in near if b in gives.index],
        partners,
        list(alive),
    ):
        if group:
            return min(group, key=lambda b: (-int(gives.get(b, 0)), b))
    return ""


def _owner(review: Review, row: Any) -> str:
    """Return the one body proposed to be accountable: for a service that exists its provider nearest to the firms, else the lead."""
    lead, alive = _lead(review), _alive(review)
    if row.option not in ("redesign", "merge", "transfer", "close"):
        return lead
    giver = dict(zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True))
    bodies = {giver[s] for s in split(row.services) if giver.get(s) in alive}
    levels = review.vocabulary.codes("level")
    share = pd.Series([giver[s] for s in split(row.services) if giver.get(s) in alive]).value_counts()
    return min(bodies, key=lambda b: (levels.index(alive[b]), -int(share[b]), b)) if bodies else lead


def _clean(text: str) -> str:
    """Return a name that can stand in a list of ``name: role``."""
    return " ".join(text.replace(";", ",").replace(":", " –").split())


@dataclass(frozen=True)
class Planned:
    """The actions of the plan: ``plan`` in the layout of the template, ``raci`` and ``indicators`` long."""

    plan: pd.DataFrame
    raci: pd.DataFrame
    indicators: pd.DataFrame


@once_per_review
def _planned(review: Review) -> Planned:
    todo = _open(_proposals(review))
    settings = review.parameters
    if todo.empty:
        return Planned(
            pd.DataFrame(columns=list(PLAN_COLUMNS)),
            pd.DataFrame(columns=["action_id", "body", "role", "why"]),
            pd.DataFrame(),
        )
    ranked = _ranked(review, todo) if len(todo) > 1 else todo
    # the template asks for a lesson: recommendations that have one are written out first, each group in its order
    ranked = ranked.assign(_bare=ranked["lessons"] == "").sort_values("_bare", kind="stable")
    first, begun = _first_year(review), 0
    rows, roles, codes = [], [], []
    for number, r in enumerate(_each_row(ranked.head(settings.actions)), start=1):
        owner = _owner(review, r)
        # low effort starts at once; of the others two a year
        start = first if r.effort == "low" else first + min(begun // 2, settings.years - 1)
        begun += r.effort != "low"
        people = _people(review, r, owner)
        roles += [
            {"action_id": r.recommendation_id, "body": body, "role": letter, "why": why}
            for body, letter, why in people
        ]
        attached = advice.indicators_for(
            r.option, r.support_type, settings.template, has_practice=bool(r.practice_id)
        )
        codes += [
            {"action_id": r.recommendation_id, "level": a, "code": b, "name": c, "measures_exports": "no"}
            for a, b, c in attached
        ]
        rows.append(
            {
                **_general(review),
                **_in_time(review, r, start, min(advice.EFFORT_YEARS[r.effort], settings.years)),
                "action_no": number,
                "action_id": r.recommendation_id,
                "title": _short_title(r.title),
                "status": r.status,
                "background": _background(review, r),
                "action": words_of(__file__, review).what(r),
                "players": _players(people),
                "accountable": _clean(_bodies(review).get(owner, owner)),
                "findings": r.findings,
                "rows": r.rows,
                "lessons": r.lessons,
                "indicator": attached[-1][2],
                "indicator_codes": ";".join(code for _, code, _ in attached if code),
            }
        )
    return Planned(pd.DataFrame(rows, columns=list(PLAN_COLUMNS)), pd.DataFrame(roles), pd.DataFrame(codes))


def _people(review: Review, r: Any, owner: str) -> list[tuple[str, str, str]]:
    """Return who has which part in an action: (name, letter of RACI, why)."""
    bodies, partners = _bodies(review), review.pack.region.partners
    providers = review.pack.services.set_index("service_id")["provider_id"]
    matches = review.earlier("compare", "practice_matches").set_index("practice_id")
    involved = [providers[s] for s in split(r.services) if s in providers.index and providers[s] != owner]
    doing = list(dict.fromkeys(involved))[:4]
    asked = _text(matches.loc[r.practice_id, "whom"]) if r.practice_id in matches.index else ""
    words = words_of(__file__, review)
    part = ("C", words.is_consulted()) if r.option == "add" else ("R", words.changes_its_service())
    team = [(owner, "A", words.answers_for_it()), (owner, "R", words.carries_it_out())]
    team += [(body, *part) for body in doing]
    people = [(bodies.get(b, b), letter, why) for b, letter, why in team]
    if asked:
        people.append((f"{asked} ({r.practice_region})", "C", words.tells_how()))
    named = {b for b, *_ in people}
    people += [(p.name, "I", words.is_informed()) for p in partners if p.name not in named]
    return [(_clean(b), letter, why) for b, letter, why in people]


def _players(people: Iterable[tuple[str, str, str]]) -> str:
    """Return all parts of each body in one line."""
    by_body: dict[str, list[str]] = {}
    for body, _, why in people:
        by_body.setdefault(body, []).append(why)
    return ";".join(f"{body}: {', '.join(dict.fromkeys(whys))}" for body, whys in by_body.items())


def _general(review: Review) -> dict[str, Any]:
    """Return what the template asks for that is the same for every action; left empty what people fill in."""
    region = review.pack.region
    return {
        "project": "EIS – Everywhere International SMEs",
        "partner_organisation": region.partners[0].name if region.partners else "",
        "other_partners": ";".join(p.name for p in region.partners[1:]),
        "country": _label(review, "country", region.country),
        "nuts_2_region": f"{region.nuts_2_code} (NUTS {region.nuts_version})" if region.nuts_2_code else "",
        "instrument_kind": region.policy_instrument_kind,
        "instrument_name": region.policy_instrument,
        "indicator_note": advice.NO_EXPORT_CODE,
        "template": review.parameters.template,
        **dict.fromkeys(("contact_person", "email", "phone", "funding", "date", "signature", "stamp"), ""),
    }


def _in_time(review: Review, r: Any, start: int, length: int) -> dict[str, Any]:
    """Return the years of an action and what they cost together."""
    return {
        "start_year": start,
        "end_year": start + length - 1,
        "timeframe": f"{start}–{start + length - 1}" if length > 1 else f"{start}",
        "costs_eur": r.cost_eur_per_year * length,
        "cost_note": _cost_over_years(review, r.cost_basis, length)
        if r.cost_basis
        else words_of(__file__, review).cost_to_estimate(),
    }


PLAN_COLUMNS = (
    "action_no", "action_id", "title", "status", "project", "partner_organisation", "other_partners", "country", "nuts_2_region",
    "contact_person", "email", "phone", "instrument_kind", "instrument_name", "background", "action", "players", "accountable",
    "start_year", "end_year", "timeframe", "costs_eur", "cost_note", "funding", "findings", "rows", "lessons", "indicator",
    "indicator_codes", "indicator_note", "template", "date", "signature", "stamp",
)  # fmt: skip
"""Columns of ``action_plan``: part I (general), II (policy context), III (background, action, players, timeframe, costs, funding), close."""


def _background(review: Review, r: Any) -> str:
    grade = inside(_label(review, "evidence_grade", int(r.evidence_grade))[2:]) if r.practice_id else ""
    remarks = review.pack.peer_reviews
    heard = [i.partition(":")[2] for i in split(r.lessons) if i.startswith("peer-review:")]
    said = list(remarks.loc[remarks["review_id"].isin(heard), "statement"])
    return words_of(__file__, review, evidence=grade).background(r, said)
