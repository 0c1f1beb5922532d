"""Whether the findings call for action: the recommendations, what each rests on, and the options for pairs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import recommendation as advice
from eis_lib.methods.overlap import is_validated
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _open, _pct, _proposals, _short_title, _source
from eis_lib.steps.shared.words import _label

DRAWN = 10
"""Recommendations a chart shows; all are in the table."""


def recommendations(review: Review) -> Section:
    """Return the recommendations that follow from the findings, each with what it rests on."""
    proposals = _proposals(review)
    if proposals.empty:
        return Section(
            "The steps before left no finding that a recommendation could rest on.",
            tables={"recommendations": _recommendation_table(proposals)},
            how_sure="low; an empty inventory says nothing about the region.",
        )
    todo = _open(proposals)
    decided = int((proposals["status"] != advice.PROPOSED).sum())
    taught = int((todo["lessons"] != "").sum())
    kinds = todo["option"].value_counts()
    parts = [
        f"{kinds[o]} to {inside(_label(review, 'decision', o))}" for o in charts.OPTION_COLOURS if o in kinds
    ]
    answer = (
        f"**{count(len(todo), 'recommendation')}** follow from the findings: {listing(parts, 7)}. "
        f"{taught or 'None'} of them can lean on a lesson from a partner region or from peers. "
        + (
            f"People have decided on {decided}; the rest are proposals."
            if decided
            else "Nobody has decided on any of them: all are proposals."
        )
        + " No closure is recommended because two services look alike."
    )
    return Section(
        answer=answer,
        tables={"recommendations": _recommendation_table(proposals)},
        how_sure="low to medium; most rest on candidates that nobody has validated, and every one names its findings.",
        to_check="Read the findings behind the first three, then record a decision on each in decisions.csv (subject: recommendation).",
    )


def _recommendation_chart(review: Review, todo: pd.DataFrame) -> dict[str, Any]:
    """Return the chart of the first recommendations, unless none bears on any demand."""
    drawn = todo.head(DRAWN)
    if drawn.empty or not float(drawn["value"].max()) > 0:
        return {}
    top = drawn.iloc[0]
    title = f"Weightiest of {count(len(todo), 'recommendation')}: {inside(_short_title(top['title']))}"
    chart = charts.recommendation_bars(
        pd.DataFrame(
            {
                "label": [_short_title(t) for t in drawn["title"]],
                "value": drawn["value"],
                "option": drawn["option"],
                "option_label": [_label(review, "decision", o) for o in drawn["option"]],
                "note": [_bar_note(r) for r in _each_row(drawn)],
            }
        ),
        title=title,
        subtitle=f"{'All' if len(drawn) == len(todo) else f'First {len(drawn)} of'} {len(todo)} recommendations; beside the bar: where the lesson comes from",
        source=_source(review),
        description=f"{title}: {_pct(float(top['value']), 1)} of weighted demand times severity. {len(todo)} recommendations in all.",
    )
    return {"recommendations": chart}


def _bar_note(row: Any) -> str:
    if row.practice_id:
        return f"{row.practice_region}, evidence {int(row.evidence_grade)} of 4"
    return "peers’ remark" if row.lessons else "no lesson found"


def _recommendation_table(proposals: pd.DataFrame) -> Table:
    frame = proposals.copy()
    frame.insert(0, "rank", range(1, len(frame) + 1))
    return Table(
        frame.round({"weight": 6, "value": 6, "firms": 6, "context_fit": 4}),
        "Recommendations, those that bear on most demand first",
        "Value: share of weighted demand × severity of the kind of gap (look-alike doors weigh "
        f"{advice.SHARED_DOOR:g}; project conventions). Evidence grade 0 where no practice was found. Status ‘proposed’ until a person decides.",
    )


def options(review: Review) -> Section:
    """Return what can be done about each pair of look-alikes, and which options are open now."""
    pairs = review.earlier("test", "candidates")
    table = advice.list_options(pairs)
    shut = int(table["open"].str.startswith("no").sum())
    validated = pairs[pairs["status"].map(lambda s: is_validated(str(s))).astype(bool)]
    waiting = len(pairs) - len(validated) - int((pairs["status"] == "rejected").sum())
    answer = (
        (
            f"For **{count(waiting, 'pair')}** that nobody has checked, two options are open: keep both, or coordinate. "
            if waiting
            else "No pair waits to be checked. "
        )
        + f"{len(validated) or 'None'} {'has' if len(validated) == 1 else 'have'} been confirmed by people; only there can merging, transfer or "
        "redesign be talked about, and closing only once the effects are assessed."
        if len(pairs)
        else "Step 3 found no pair of services that look alike."
    )
    return Section(
        answer=answer,
        tables={
            "options": Table(
                table,
                "Options for every pair of look-alikes, and which are open now",
                f"After GAO-15-49SP: similarity is a reason to look, never to close. {shut} options are shut for now.",
            )
        },
        how_sure="high; this is the rule applied to the decisions on record.",
        to_check="Ask both providers of each confirmed pair which firms would lose a door.",
    )
