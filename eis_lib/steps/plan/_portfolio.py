"""Whether the best actions fit the budget, what leaves with less, and what more money is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import portfolio as programme
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._items import Items, _budget, _items
from eis_lib.steps.plan._proposals import _first_year, _source, _words

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
    words = _words(__file__, review, known=n)
    unknown = Table(
        items.uncosted.drop(columns=["cost_eur", "cost_basis"]), words.unknown_caption(), words.unknown_note()
    )
    made: dict[str, Any] = {"costs_known": _cost_chart(review, items, words)} if n + m else {}
    if n < 2:
        return Section(
            sentences(words.nothing_to_choose(n, n + m), words.stand_apart(m)),
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen=""), words.known_caption()),
                "costs_unknown": unknown,
            },
            how_sure=words.nothing_to_choose_sure(),
            to_check=words.estimate_first_costs(),
        )
    chosen = _choose(items, budget, span)
    if chosen is None:
        return Section(
            sentences(words.no_choice(budget), words.stand_apart(m)),
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen="no"), words.known_caption()),
                "costs_unknown": unknown,
            },
            how_sure=words.no_choice_sure(),
        )
    if n > 2:
        made["budget_curve"] = _budget_chart(review, items, chosen, words)
    return Section(
        answer=sentences(
            words.with_budget(budget, basis, span, scope == "back"),
            sentences(*_choice_words(items, chosen, words), words.stand_apart(m)),
            between=", ",
        ),
        charts=made,
        tables=_choice_tables(review, items, chosen, words) | {"costs_unknown": unknown},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
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


def _choice_words(items: Items, chosen: _Chosen, words: Words) -> Iterator[str]:
    best, second, less, greedy = chosen.best, chosen.second, chosen.less, chosen.greedy
    title_of = dict(zip(items.costed["action_id"], items.costed["title"], strict=True))

    def named(ids: Iterable[str]) -> list[str]:
        return [f"*{plain(title_of[a])}*" for a in ids]

    shadow = programme.shadow_value(items.costed, chosen.budget, chosen.rules)
    yield words.best_choice(named(best.chosen), best.cost, best.value, best.is_proven)
    yield words.next_best(named(second.chosen) if second else [], second.value if second else 0.0)
    yield words.with_less(
        named(a for a in best.chosen if a not in less.chosen),
        named(a for a in less.chosen if a not in best.chosen),
    )
    yield words.one_more_million(shadow.dual * 1e6, shadow.marginal * 1e6)
    if math.isclose(greedy.value, best.value, abs_tol=1e-9):
        yield words.greedy_same()
    else:
        yield words.greedy_other(named(greedy.chosen), greedy.value)


def _choice_tables(review: Review, items: Items, chosen: _Chosen, words: Words) -> dict[str, Table]:
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
            words.chosen_caption(),
            words.chosen_note(),
        ),
        "portfolio_answers": Table(
            summary.round({"value": 6}),
            words.answers_caption(),
        ),
    }


def _budget_chart(review: Review, items: Items, chosen: _Chosen, words: Words) -> Any:
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
    title = words.curve_title(budget, best.value / whole if whole else math.nan)
    return charts.budget_curve(
        curve,
        marks,
        title=title,
        subtitle=words.curve_subtitle(len(items.costed)),
        source=words.curve_source(_source(review), len(items.uncosted)),
        description=words.curve_description(title, best.value, greedy.value, less.value),
    )


def _cost_chart(review: Review, items: Items, words: Words) -> Any:
    rows = []
    for group in ("published by the region", "proposed by the review"):
        known, not_known = (int((f["origin"] == group).sum()) for f in (items.costed, items.uncosted))
        if known + not_known:
            rows += [
                {"group": group, "state": "cost known", "actions": known},
                {"group": group, "state": "cost not published", "actions": not_known},
            ]
    title = words.costs_title(len(items.costed), len(items.costed) + len(items.uncosted))
    return charts.known_costs(
        pd.DataFrame(rows),
        title=title,
        subtitle=words.costs_subtitle(),
        source=_source(review),
        description=words.costs_description(title),
    )
