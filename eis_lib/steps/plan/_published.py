"""Whether what the region did or planned meets what the review proposes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.english import count
from eis_lib.methods import recommendation as advice
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _open, _proposals, _short_title, _source
from eis_lib.steps.shared.words import _label


def published(review: Review) -> Section:
    """Return where what the region did or planned meets what the review proposes."""
    todo, actions = _open(_proposals(review)), review.pack.actions
    pairs = advice.meet(actions, todo)
    met = todo[todo["recommendation_id"].isin(pairs["recommendation_id"])]
    alone = actions[~actions["action_id"].isin(pairs["action_id"])]
    open_only = todo[~todo["recommendation_id"].isin(pairs["recommendation_id"])]
    top = todo.head(3)
    same = top[top["recommendation_id"].isin(pairs["recommendation_id"])]
    answer = (
        f"**{len(met)}** of {count(len(todo), 'recommendation')} share a need or a service with one of the region’s {count(len(actions), 'published action')}; "
        f"{len(open_only) or 'none'} go where no published action went"
        + (f" (first: {inside(plain(_short_title(open_only.iloc[0]['title'])))})" if len(open_only) else "")
        + f". Of the three weightiest, {len(same) or 'none'} {'was' if len(same) == 1 else 'were'} met by the published plan. "
        + (
            f"{count(len(alone), 'published action')} {'meets' if len(alone) == 1 else 'meet'} no recommendation, which is no criticism: need met since is no gap today."
            if len(alone)
            else "Every published action meets one."
        )
        if len(actions)
        else "The pack lists no published action to compare with."
    )
    made = {}
    if len(actions):
        made["published_and_proposed"] = _both_chart(review, todo, actions)
    names = actions.set_index("action_id")
    table = pairs.merge(todo[["recommendation_id", "title", "option"]], on="recommendation_id").rename(
        columns={"title": "recommendation"}
    )
    table["published_action"] = table["action_id"].map(names["title"])
    table["published_status"] = table["action_id"].map(names["status"])
    table["published_years"] = [_years(names.loc[a]) for a in table["action_id"]]
    return Section(
        answer=answer,
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
                "Where published actions and recommendations meet",
                "Two meet if they share a need or a service; that says nothing on whether the published one worked. Years and status as published.",
            )
        },
        how_sure="medium for the match of needs, which are our coding of the published text.",
        to_check="For each pair: did the published action happen, and did it help?",
    )


def _years(action: pd.Series) -> str:
    start, end = ("" if pd.isna(action[c]) else str(int(action[c])) for c in ("start_year", "end_year"))
    return f"{start or '?'}–{end or '?'}"


def _both_chart(review: Review, todo: pd.DataFrame, actions: pd.DataFrame) -> Any:
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
    title = (
        f"{count(len(unanswered), 'need')} with a recommendation had no published action"
        if unanswered
        else "Every need with a recommendation had a published action"
    )
    return charts.both_sides(
        pd.DataFrame(rows),
        title=title,
        subtitle=f"{len(actions)} published actions by the needs they name (one may name several), {len(todo)} recommendations by need",
        source=_source(review),
        description=f"{title}. Bars to the left count published actions, bars to the right recommendations.",
    )
