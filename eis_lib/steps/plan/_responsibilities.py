"""Whether somebody answers for each action, what measures it, and whether its money is published."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _source, _words
from eis_lib.steps.plan._written import Planned, _planned
from eis_lib.steps.shared.words import _text, cut, words_of


def responsibilities(review: Review) -> Section:
    """Return who is responsible, accountable, consulted and informed, action by action."""
    planned = _planned(review)
    raci = planned.raci
    if raci.empty:
        words = words_of(__file__, review)
        return Section(words.nobody(), tables={"raci": Table(raci, words.no_action())})
    accountable = raci[raci["role"] == "A"]["body"].value_counts()
    body = str(accountable.index[0])
    words = words_of(
        __file__,
        review,
        answers_for=accountable.iloc[0],
        actions=len(planned.plan),
        bodies=raci["body"].nunique(),
    )
    published = review.pack.actions
    roleless = sum(any(not role for _, role in advice.parse_players(p)) for p in published["players"])
    names = planned.plan[["action_id", "action_no", "title"]]
    return Section(
        answer=sentences(
            words.answer(len(advice.raci_faults(raci)), body),
            words.published_owners(len(published), roleless) if len(published) else "",
        ),
        charts={"raci": _raci_chart(review, planned, body, words)},
        tables={
            "raci": Table(
                names.merge(raci, on="action_id").assign(meaning=lambda f: f["role"].map(advice.RACI_WORDS)),
                words.raci_caption(),
                words.raci_note(),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _raci_chart(review: Review, planned: Planned, body: str, words: Words) -> Any:
    number = dict(zip(planned.plan["action_id"], planned.plan["action_no"], strict=True))
    letters = (
        planned.raci.assign(action=planned.raci["action_id"].map(number))
        .groupby(["body", "action"], sort=False)["role"]
        .agg(lambda r: " ".join(sorted(set(r), key="ARCI".index)))
        .rename("letters")
        .reset_index()
    )
    spread = letters.groupby("body", sort=False)["action"].count().sort_values(ascending=False, kind="stable")
    shown = letters[letters["body"].isin(spread.index[:14])].copy()
    shown["is_accountable"] = shown["letters"].str.contains("A")
    place = {b: n for n, b in enumerate(spread.index)}
    shown = shown.assign(_p=shown["body"].map(place)).sort_values(["_p", "action"], kind="stable")
    shown["action"] = shown["action"].map(words.column)
    shown["body"] = [cut(b, 46) for b in shown["body"]]
    title = words.title(cut(body, 40))
    return charts.raci_matrix(
        shown,
        title=title,
        subtitle=words.subtitle(),
        source=_source(review),
        description=words.description(title),
    )


def indicators(review: Review) -> Section:
    """Return the indicators attached to each action, with common codes, and what they do not measure."""
    planned = _planned(review)
    codes = planned.indicators
    actions = review.pack.actions
    given, named = (int(actions[c].map(_text).ne("").sum()) for c in ("indicator_code", "indicator"))
    words = words_of(__file__, review)
    answer = [
        words.no_code_for_exports(
            len(planned.plan),
            codes.loc[codes["code"] != "", "code"].nunique() if len(codes) else 0,
            review.parameters.template,
        )
    ]
    if len(actions):
        answer += [words.with_indicator(len(actions), named), words.with_code(given)]
    else:
        answer += [words.no_published_action()]
    table = (
        planned.plan[["action_id", "action_no", "title"]].merge(codes, on="action_id")
        if len(codes)
        else codes
    )
    return Section(
        answer=sentences(*answer),
        tables={"plan_indicators": Table(table, words.indicators_caption(), words.indicators_note())},
        how_sure=words.indicators_sure(),
        to_check=words.indicators_check(),
    )


def money(review: Review) -> Section:
    """Return what is published about the money of the region's own actions, by source."""
    actions = review.pack.actions
    table = advice.funding_table(actions)
    title_of = dict(zip(actions["action_id"], actions["title"], strict=True))
    table.insert(1, "title", table["action_id"].map(title_of))
    words = _words(__file__, review)
    return Section(
        answer=_money_words(actions, table, words) if len(actions) else words.no_published_action(),
        tables={"funding": Table(table, words.money_caption(), words.money_note())},
        how_sure=words.money_sure(),
        to_check=words.money_check(),
    )


def _money_words(actions: pd.DataFrame, table: pd.DataFrame, words: Words) -> str:
    verdict = table.drop_duplicates("action_id")["adds_up"].value_counts()
    costs = actions["cost_eur"]
    said = [
        words.costs(len(actions), int(costs.notna().sum()), float(costs.sum())),
        words.sum_to_cost(verdict.get("yes", 0)),
        words.do_not_add_up(verdict.get("no", 0)),
        words.without_amounts(verdict.get("amounts not published", 0)),
        words.without_source(verdict.get("no source named", 0)),
    ]
    given = table.dropna(subset=["amount_eur"])
    if len(given):
        by = given.groupby("source")["amount_eur"].sum().sort_values(ascending=False, kind="stable")
        said.append(words.largest_source(str(by.index[0]), float(by.iloc[0])))
    return sentences(*said)
