"""Whether what the region did or planned meets what the review proposes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _open, _proposals, _short_title, _source
from eis_lib.steps.shared.words import _label, words_of


def published(review: Review) -> Section:
    """Return where what the region did or planned meets what the review proposes."""
    todo, actions = _open(_proposals(review)), review.pack.actions
    pairs = advice.meet(actions, todo)
    met = todo[todo["recommendation_id"].isin(pairs["recommendation_id"])]
    alone = actions[~actions["action_id"].isin(pairs["action_id"])]
    open_only = todo[~todo["recommendation_id"].isin(pairs["recommendation_id"])]
    top = todo.head(3)
    words = words_of(
        __file__,
        review,
        elsewhere=len(open_only),
        first_elsewhere=inside(plain(_short_title(open_only["title"].iloc[0]))) if len(open_only) else "",
    )
    answer = sentences(
        words.shared(len(met), len(todo), len(actions)),
        words.weightiest(int(top["recommendation_id"].isin(pairs["recommendation_id"]).sum())),
        words.alone(len(alone)),
    )
    made = {}
    if len(actions):
        made["published_and_proposed"] = _both_chart(review, todo, actions, words)
    names = actions.set_index("action_id")
    table = pairs.merge(todo[["recommendation_id", "title", "option"]], on="recommendation_id").rename(
        columns={"title": "recommendation"}
    )
    table["published_action"] = table["action_id"].map(names["title"])
    table["published_status"] = table["action_id"].map(names["status"])
    table["published_years"] = [_years(names.loc[a]) for a in table["action_id"]]
    return Section(
        answer=answer if len(actions) else words.no_action(),
        charts=made,
        tables={
            "published_and_proposed": Table(
                table[
                    [
                        "recommendation_id",
                        "recommendation",
                        "option",
                        "action_id",
                        "published_action",
                        "published_status",
                        "published_years",
                        "shares",
                        "same_instrument",
                    ]
                ],
                words.caption(),
                words.note(),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _years(action: pd.Series) -> str:
    start, end = ("" if pd.isna(action[c]) else str(int(action[c])) for c in ("start_year", "end_year"))
    return f"{start or '?'}–{end or '?'}"


def _both_chart(review: Review, todo: pd.DataFrame, actions: pd.DataFrame, words: Words) -> Any:
    rows = []
    proposed = todo["need"].value_counts()
    told: dict[str, int] = {}
    for needs in actions["barriers_addressed"]:
        for need in needs if isinstance(needs, tuple) else ():
            told[need] = told.get(need, 0) + 1
    needs = [n for n in review.vocabulary.codes("barrier") if n in proposed.index or n in told]
    needs.sort(key=lambda n: (-int(proposed.get(n, 0)), told.get(n, 0), n))
    for need in needs:
        rows += [
            {"label": _label(review, "barrier", need), "side": side, "actions": int(number)}
            for side, number in (("published", told.get(need, 0)), ("proposed", proposed.get(need, 0)))
        ]
    unanswered = [n for n in needs if n in proposed.index and n not in told]
    title = words.title(len(unanswered))
    return charts.both_sides(
        pd.DataFrame(rows),
        title=title,
        subtitle=words.subtitle(len(actions), len(todo)),
        source=_source(review),
        description=words.description(title),
    )
