"""Whether the findings call for action: the recommendations, what each rests on, and the options for pairs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.methods.overlap import is_validated
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _open, _proposals, _short_title, _source, _words
from eis_lib.steps.shared.words import _label

DRAWN = 10
"""Recommendations a chart shows; all are in the table."""


def recommendations(review: Review) -> Section:
    """Return the recommendations that follow from the findings, each with what it rests on."""
    proposals = _proposals(review)
    words = _words(__file__, review)
    tables = {"recommendations": _recommendation_table(proposals, words)}
    if proposals.empty:
        return Section(words.nothing_found(), tables=tables, how_sure=words.nothing_found_sure())
    todo = _open(proposals)
    kinds = todo["option"].value_counts()
    by_option = [words.of_option(kinds[o], o) for o in charts.OPTION_COLOURS if o in kinds]
    answer = sentences(
        words.follow(len(todo), by_option),
        words.taught(int((todo["lessons"] != "").sum())),
        words.decided(int((proposals["status"] != advice.PROPOSED).sum())),
        words.no_closure(),
    )
    return Section(answer=answer, tables=tables, how_sure=words.how_sure(), to_check=words.to_check())


def _recommendation_chart(review: Review, todo: pd.DataFrame) -> dict[str, Any]:
    """Return the chart of the first recommendations, unless none bears on any demand."""
    drawn = todo.head(DRAWN)
    if drawn.empty or not float(drawn["value"].max()) > 0:
        return {}
    top = drawn.iloc[0]
    words = _words(__file__, review)
    title = words.title(len(todo), _short_title(top["title"]))
    chart = charts.recommendation_bars(
        pd.DataFrame(
            {
                "label": [_short_title(t) for t in drawn["title"]],
                "value": drawn["value"],
                "option": drawn["option"],
                "option_label": [_label(review, "decision", o) for o in drawn["option"]],
                "note": [words.bar(r) for r in _each_row(drawn)],
            }
        ),
        title=title,
        subtitle=words.subtitle(len(drawn), len(todo)),
        source=_source(review),
        description=words.description(title, float(top["value"]), len(todo)),
    )
    return {"recommendations": chart}


def _recommendation_table(proposals: pd.DataFrame, words: Words) -> Table:
    frame = proposals.copy()
    frame.insert(0, "rank", range(1, len(frame) + 1))
    return Table(
        frame.round({"weight": 6, "value": 6, "firms": 6, "context_fit": 4}),
        words.caption(),
        words.note(advice.SHARED_DOOR),
    )


def options(review: Review) -> Section:
    """Return what can be done about each pair of look-alikes, and which options are open now."""
    pairs = review.earlier("test", "candidates")
    table = advice.list_options(pairs)
    shut = int(table["open"].str.startswith("no").sum())
    validated = pairs[pairs["status"].map(lambda s: is_validated(str(s))).astype(bool)]
    waiting = len(pairs) - len(validated) - int((pairs["status"] == "rejected").sum())
    words = _words(__file__, review)
    return Section(
        answer=sentences(words.unchecked(waiting), words.confirmed(len(validated)))
        if len(pairs)
        else words.no_pair(),
        tables={"options": Table(table, words.options_caption(), words.options_note(shut))},
        how_sure=words.options_sure(),
        to_check=words.options_check(),
    )
