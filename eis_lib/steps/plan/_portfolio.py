"""Whether the best actions fit the budget, what leaves with less, and what more money is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    tranche = tuple(budget / span for _ in range(span))
    base = items.rules
    rules = programme.Rules(
        base.exclusions, base.prerequisites, base.territory_minimum, base.required, base.barred, tranche
    )
    best = programme.solve_portfolio(items.costed, budget, rules)
    if best.status == programme.INFEASIBLE:
        return Section(
            f"No choice of actions keeps to {_money(budget)} and the minimum per territory. {apart}",
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen="no"), "Actions with a known cost"),
                "costs_unknown": unknown,
            },
            how_sure="high; HiGHS proves that there is none.",
        )
    second = programme.next_best(items.costed, budget, rules)
    less = programme.solve_portfolio(items.costed, budget * 0.9, programme.scaled(rules, 0.9))
    shadow = programme.shadow_value(items.costed, budget, rules)
    greedy = programme.greedy_portfolio(items.costed, budget, rules)
    title_of = dict(zip(items.costed["action_id"], items.costed["title"], strict=True))
    leaves = [title_of[a] for a in best.chosen if a not in less.chosen]
    enters = [title_of[a] for a in less.chosen if a not in best.chosen]

    def named(ids: Sequence[str]) -> str:
        return listing([f"*{plain(title_of[a])}*" for a in ids], 4) if ids else "nothing"

    lead = "Looking back at all published actions: with" if scope == "back" else "With"
    answer = (
        f"{lead} **{_money(budget)}** ({basis}) over {count(span, 'year')}, the best choice among {n} actions with a known cost is {named(best.chosen)}: "
        f"{_money(best.cost)} for {_pct(best.value, 1)} of demand × severity, {'proven optimal' if best.is_proven else 'not proven'} by HiGHS. "
        + (
            f"Next best: {named(second[0].chosen)} ({_pct(second[0].value, 1)}). "
            if second and second[0].chosen
            else "No other choice that does anything fits. "
        )
        + (
            f"With 10 % less, {listing([f'*{plain(t)}*' for t in leaves], 3)} would leave"
            + (f" and {listing([f'*{plain(t)}*' for t in enters], 3)} come in" if enters else "")
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
        + apart
    )
    if n > 2:
        made["budget_curve"] = _budget_chart(review, items, budget, rules, best, greedy, less)
    first = _first_year(review)
    frame = items.costed.assign(
        chosen=["yes" if a in best.chosen else "no" for a in items.costed["action_id"]],
        start_year=pd.array(
            [first + best.start[a] if a in best.start else pd.NA for a in items.costed["action_id"]],
            dtype="Int64",
        ),
        in_next_best=["yes" if second and a in second[0].chosen else "no" for a in items.costed["action_id"]],
        at_90_percent=["yes" if a in less.chosen else "no" for a in items.costed["action_id"]],
        greedy=["yes" if a in greedy.chosen else "no" for a in items.costed["action_id"]],
    )
    summary = pd.DataFrame(
        [
            ("best", best.value, best.cost, best.status),
            *([("next best", second[0].value, second[0].cost, second[0].status)] if second else []),
            ("at 90 % of the budget", less.value, less.cost, less.status),
            ("greedy", greedy.value, greedy.cost, "a rule of thumb"),
        ],
        columns=["answer", "value", "cost_eur", "status"],
    )
    return Section(
        answer=answer,
        charts=made,
        tables={
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
            "costs_unknown": unknown,
        },
        how_sure="low; the optimum is proven, but costs are few, borrowed or of a wider area, and the value of an action is a claim on demand, not an effect.",
        to_check="Replace borrowed costs by estimates of those who would carry the action out, then choose again.",
    )


def _budget_chart(
    review: Review,
    items: Items,
    budget: float,
    rules: programme.Rules,
    best: programme.Portfolio,
    greedy: programme.Portfolio,
    less: programme.Portfolio,
) -> Any:
    total = float(items.costed["cost_eur"].sum())
    top = max(total, budget) * 1.02
    curve = programme.frontier(items.costed, [top * k / 24 for k in range(25)], rules)
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
