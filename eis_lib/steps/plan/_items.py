"""What a portfolio may choose from, the rules it must respect, and the budget."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import portfolio as programme
from eis_lib.methods import recommendation as advice
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.plan._proposals import _cost_over_years, _first_year, _open, _proposals, _short_title
from eis_lib.steps.shared.words import _text, words_of


@dataclass(frozen=True)
class Items:
    """What a portfolio may choose from, and what it can not because nobody published a cost."""

    costed: pd.DataFrame
    uncosted: pd.DataFrame
    rules: programme.Rules


@once_per_review
def _items(review: Review, scope: str, years: int) -> Items:
    gap_scores = review.earlier("test", "gaps")
    acting = gap_scores[~gap_scores["kind"].isin(["continuity", "evidence"])]
    by_need = acting.groupby("need")["score"].sum()
    todo = _open(_proposals(review))
    pairs = advice.meet(review.pack.actions, todo[todo["kind"] != "gap"])
    worth = dict(zip(todo["recommendation_id"], todo["value"], strict=True))
    words = words_of(__file__, review)
    rows = []
    if scope == "ahead":
        for r in _each_row(todo):
            length = min(advice.EFFORT_YEARS[r.effort], years)
            rows.append(
                {
                    "action_id": r.recommendation_id, "title": _short_title(r.title), "origin": "proposed by the review", "value": r.value,
                    "cost_eur": r.cost_eur_per_year * length,
                    "cost_basis": _cost_over_years(review, r.cost_basis, length) if r.cost_basis else "", "territory": "",
                }
            )  # fmt: skip
    services = review.pack.services.set_index("service_id")["territory"]
    for a in _each_row(review.pack.actions):
        ended = not pd.isna(a.end_year) and a.end_year < _first_year(review)
        if scope == "ahead" and (a.status in ("done", "stopped") or ended):
            continue
        needs = a.barriers_addressed if isinstance(a.barriers_addressed, tuple) else ()
        places = {_text(services.get(s)) for s in (a.services if isinstance(a.services, tuple) else ())}
        rows.append(
            {
                "action_id": a.action_id, "title": a.title, "origin": "published by the region",
                "value": float(
                    sum(by_need.get(n, 0.0) for n in needs)
                    + sum(worth[r] for r in pairs.loc[pairs["action_id"] == a.action_id, "recommendation_id"])
                ), "cost_eur": a.cost_eur,
                "cost_basis": _text(a.note) or words.as_published(), "territory": places.pop() if len(places) == 1 else "",
            }
        )  # fmt: skip
    columns = ["action_id", "title", "origin", "value", "cost_eur", "cost_basis", "territory"]
    frame = pd.DataFrame(rows, columns=columns).astype({"value": "float64", "cost_eur": "float64"})
    costed, uncosted = programme.split_costed(frame)
    return Items(costed, uncosted, _rules(review, costed))


def _rules(review: Review, costed: pd.DataFrame) -> programme.Rules:
    """Return the rules: what actions exclude and require, and a minimum per territory if asked."""
    known = set(costed["action_id"])
    exclusions, needs = [], []
    for a in _each_row(review.pack.actions):
        if a.action_id not in known:
            continue
        exclusions += [
            (min(a.action_id, other), max(a.action_id, other)) for other in a.excludes if other in known
        ]
        needs += [(a.action_id, other) for other in a.requires if other in known]
    least = review.parameters.per_territory
    minimum = dict.fromkeys(sorted(set(costed["territory"]) - {""}), least) if least else None
    return programme.Rules(tuple(dict.fromkeys(exclusions)), tuple(needs), minimum)


def _budget(review: Review, given: float | None, costed: pd.DataFrame) -> tuple[float, str]:
    words = words_of(__file__, review)
    if given is None:
        given = review.parameters.budget_eur
        if given is not None:
            return given, words.as_the_parameter_says()
        if review.pack.region.budget_eur is not None:
            return review.pack.region.budget_eur, words.as_the_region_says()
        return float(costed["cost_eur"].sum()) / 2, words.half_of_known_costs()
    return given, words.as_chosen_here()
