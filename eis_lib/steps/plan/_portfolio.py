"""Whether the best actions fit the budget, what leaves with less, and what more money is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import portfolio as programme
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._items import Items, _budget, _items
from eis_lib.steps.plan._proposals import _first_year, _pct, _source
from eis_lib.steps.shared.words import _money

SCOPES: Mapping[str, str] = MappingProxyType(
    {"What can still be decided": "ahead", "All published actions, looking back": "back"}
)

BUDGETS: Mapping[str, float | None] = MappingProxyType(
    {
        "As the parameters say": None,
        **{
            f"EUR {amount:,}": float(amount)
            for amount in (50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000)
        },
    }
)


def portfolio(
    review: Review, *, budget_eur: float | None = None, years: int | None = None, scope: str = "ahead"
) -> Section:
    """Return the best actions under the budget, the next best, what leaves at −10 %, and what more money is worth."""
    span = years or review.parameters.years
    items = _items(review, scope, span)
    budget, basis = _budget(review, budget_eur, items.costed)
    n, m = len(items.costed), len(items.uncosted)
    unknown = Table(
        items.uncosted.drop(columns=["cost_eur", "cost_basis"]),
        "Actions whose cost was not published: none of them is in the choice, and none is taken to be free",
        "They have to be estimated by whoever would carry them out.",
    )
    made: dict[str, Any] = {"costs_known": _cost_chart(review, items)} if n + m else {}
    apart = f"{count(m, 'action')} {'has' if m == 1 else 'have'} no published cost and stand apart."
    if n < 2:
        return Section(
            f"{'Only one' if n else 'None'} of {n + m} actions has a published cost: there is nothing to choose between. {apart}",
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen=""), "Actions with a known cost"),
                "costs_unknown": unknown,
            },
            how_sure="high that costs are missing; nothing is said about their size.",
            to_check="Estimate the cost of the first three recommendations with whoever would carry them out.",
        )
    chosen = _choose(items, budget, span)
    if chosen is None:
        return Section(
            f"No choice of actions keeps to {_money(budget)} and the minimum per territory. {apart}",
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen="no"), "Actions with a known cost"),
                "costs_unknown": unknown,
            },
            how_sure="high; HiGHS proves that there is none.",
        )
    if n > 2:
        made["budget_curve"] = _budget_chart(review, items, chosen)
    lead = "Looking back at all published actions: with" if scope == "back" else "With"
    return Section(
        answer=f"{lead} **{_money(budget)}** ({basis}) over {count(span, 'year')}, {_choice_words(items, chosen)}{apart}",
        charts=made,
        tables=_choice_tables(review, items, chosen) | {"costs_unknown": unknown},
        how_sure="low; the optimum is proven, but costs are few, borrowed or of a wider area, and the value of an action is a claim on demand, not an effect.",
        to_check="Replace borrowed costs by estimates of those who would carry the action out, then choose again.",
    )


@dataclass(frozen=True)
class _Chosen:
    """The best choice under a budget, and what it is held against: the next best, a tenth less money, the rule of thumb."""

    budget: float
    rules: programme.Rules
    best: programme.Portfolio
    second: programme.Portfolio | None
    less: programme.Portfolio
    greedy: programme.Portfolio


def _choose(items: Items, budget: float, span: int) -> _Chosen | None:
    """Return the best choice, the money coming in equal parts a year; None where no choice keeps the rules."""
    rules = replace(items.rules, year_budgets=tuple(budget / span for _ in range(span)))
    best = programme.solve_portfolio(items.costed, budget, rules)
    if best.status == programme.INFEASIBLE:
        return None
    return _Chosen(
        budget,
        rules,
        best,
        next(iter(programme.next_best(items.costed, budget, rules)), None),
        programme.solve_portfolio(items.costed, budget * 0.9, programme.scaled(rules, 0.9)),
        programme.greedy_portfolio(items.costed, budget, rules),
    )


def _choice_words(items: Items, chosen: _Chosen) -> str:
    best, second, less, greedy = chosen.best, chosen.second, chosen.less, chosen.greedy
    title_of = dict(zip(items.costed["action_id"], items.costed["title"], strict=True))

    def named(ids: Sequence[str], most: int = 4) -> str:
        return listing([f"*{plain(title_of[a])}*" for a in ids], most) if ids else "nothing"

    leaves = [a for a in best.chosen if a not in less.chosen]
    enters = [a for a in less.chosen if a not in best.chosen]
    shadow = programme.shadow_value(items.costed, chosen.budget, chosen.rules)
    return (
        f"the best choice among {len(items.costed)} actions with a known cost is {named(best.chosen)}: "
        f"{_money(best.cost)} for {_pct(best.value, 1)} of demand × severity, {'proven optimal' if best.is_proven else 'not proven'} by HiGHS. "
        + (
            f"Next best: {named(second.chosen)} ({_pct(second.value, 1)}). "
            if second and second.chosen
            else "No other choice that does anything fits. "
        )
        + (
            f"With 10 % less, {named(leaves, 3)} would leave"
            + (f" and {named(enters, 3)} come in" if enters else "")
            + ". "
            if leaves
            else "With 10 % less nothing would leave. "
        )
        + f"One more million is worth {_pct(shadow.dual * 1e6, 2)} by the dual of the LP relaxation, and {_pct(shadow.marginal * 1e6, 2)} by solving again with 10 % more. "
        + (
            "Value per euro alone (greedy) finds the same. "
            if math.isclose(greedy.value, best.value, abs_tol=1e-9)
            else f"Value per euro alone (greedy) would reach {_pct(greedy.value, 1)} with {named(greedy.chosen)}. "
        )
    )


def _choice_tables(review: Review, items: Items, chosen: _Chosen) -> dict[str, Table]:
    best, second, less, greedy = chosen.best, chosen.second, chosen.less, chosen.greedy
    ids, first = items.costed["action_id"], _first_year(review)

    def is_in(choice: programme.Portfolio | None) -> list[str]:
        return ["yes" if choice and a in choice.chosen else "no" for a in ids]

    starts = [first + best.start[a] if a in best.start else pd.NA for a in ids]
    frame = items.costed.assign(
        chosen=is_in(best),
        start_year=pd.array(starts, dtype="Int64"),
        in_next_best=is_in(second),
        at_90_percent=is_in(less),
        greedy=is_in(greedy),
    )
    summary = pd.DataFrame(
        [
            ("best", best.value, best.cost, best.status),
            *([("next best", second.value, second.cost, second.status)] if second else []),
            ("at 90 % of the budget", less.value, less.cost, less.status),
            ("greedy", greedy.value, greedy.cost, "a rule of thumb"),
        ],
        columns=["answer", "value", "cost_eur", "status"],
    )
    return {
        "portfolio": Table(
            frame.sort_values(
                ["chosen", "value", "action_id"], ascending=[False, False, True], kind="stable"
            ).reset_index(drop=True),
            "Actions with a known cost, chosen ones first",
            "Value of a recommendation: its gaps, weight × severity; of a published action: all gaps of the needs it names, and the doors and hand-overs it bears on, so two actions on one need both "
            "count it. Costs of practices are those of the region that runs them, not scaled. The money comes in equal parts a year; unspent money is carried over.",
        ),
        "portfolio_answers": Table(
            summary.round({"value": 6}),
            "The best answer, the next best, with a tenth less, and the rule of thumb",
        ),
    }


def _budget_chart(review: Review, items: Items, chosen: _Chosen) -> Any:
    budget, best, greedy, less = chosen.budget, chosen.best, chosen.greedy, chosen.less
    total = float(items.costed["cost_eur"].sum())
    top = max(total, budget) * 1.02
    curve = programme.frontier(items.costed, [top * k / 24 for k in range(25)], chosen.rules)
    # a choice costs less than the budget it was found at: the step begins where its own cost is
    curve = (
        curve[curve["status"] == programme.OPTIMAL]
        .drop(columns="budget_eur")
        .rename(columns={"cost_eur": "budget_eur"})
    )
    curve = pd.concat([curve.drop_duplicates("value"), curve.tail(1).assign(budget_eur=top)])
    marks = pd.DataFrame(
        [
            ("best at the budget", best.cost, best.value),
            ("a tenth less", less.cost, less.value),
            ("greedy", greedy.cost, greedy.value),
        ],
        columns=["label", "cost_eur", "value"],
    )
    whole = float(curve["value"].max())
    title = f"{_money(budget)} reach {_pct(best.value / whole if whole else math.nan)} of what all costed actions together would address"
    return charts.budget_curve(
        curve,
        marks,
        title=title,
        subtitle=f"Best value for each budget, {len(items.costed)} actions with a known cost; every step solved exactly",
        source=f"{_source(review)}; {len(items.uncosted)} actions without a published cost are left out",
        description=f"{title}. Best choice: {_pct(best.value, 1)}; greedy: {_pct(greedy.value, 1)}; with a tenth less: {_pct(less.value, 1)}.",
    )


def _cost_chart(review: Review, items: Items) -> Any:
    rows = []
    for group in ("published by the region", "proposed by the review"):
        known, not_known = (int((f["origin"] == group).sum()) for f in (items.costed, items.uncosted))
        if known + not_known:
            rows += [
                {"group": group, "state": "cost known", "actions": known},
                {"group": group, "state": "cost not published", "actions": not_known},
            ]
    known, total = len(items.costed), len(items.costed) + len(items.uncosted)
    title = f"A cost is published for {known or 'none'} of {total} actions that could be chosen"
    return charts.known_costs(
        pd.DataFrame(rows),
        title=title,
        subtitle="For a recommendation: the yearly cost of the practice it leans on, where that region published it",
        source=_source(review),
        description=f"{title}.",
    )
