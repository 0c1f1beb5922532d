"""Whether the order of gaps hangs on the demand weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, journey_stages, view
from eis_lib.steps.shared.words import _label, words_of
from eis_lib.steps.test._gaps import _gap_label
from eis_lib.steps.test._judged import _judge
from eis_lib.steps.test._view import _source

GAPS_COMPARED = 10


def sensitivity(review: Review, *, year: int | None = None) -> Section:
    """Return how far the order of gaps depends on the demand weights."""
    now = view(review, year)
    judged = _judge(review, now)
    ranks = gap_rules.rank_under_weights(
        review.common.personas,
        journey_stages(review),
        judged.cells,
        {name: weights for name, (_, weights) in judged.schemes.items()},
    )
    ranks = ranks[ranks["kind"] != "continuity"]
    named = {name: text for name, (text, _) in judged.schemes.items()}
    others = [name for name in judged.schemes if name != judged.scheme]
    names = [judged.scheme, *others]
    wide = ranks.pivot_table(index="gap_id", columns="scheme", values="rank")
    first: list[str] = list(wide.nsmallest(GAPS_COMPARED, judged.scheme).index) if len(wide) else []
    span = (wide.max(axis=1) - wide.min(axis=1)).astype(int)
    steady = sorted(set(first) & {g for g in wide.index if (wide.loc[g] <= GAPS_COMPARED).all()})
    table = ranks.assign(scheme_label=ranks["scheme"].map(named)).sort_values(
        ["gap_id", "scheme"], kind="stable"
    )
    words = words_of(__file__, review, steady=len(steady), first=len(first), compared=GAPS_COMPARED)
    if not len(wide):
        return Section(
            answer=words.nothing_to_rank(),
            tables={"gap_ranks": Table(table, words.ranks_caption())},
            how_sure=words.nothing_is_sure(),
        )
    taus = [(named[n], gap_rules.rank_agreement(ranks, judged.scheme, n)) for n in others]
    asked = [(named[n], judged.schemes[n][1].notna()) for n in names if n != "equal"]
    made = {}
    if others:
        made["sensitivity"] = _sensitivity_chart(
            review, now, ranks, first=first, names=names, named=named, span=span, words=words
        )
    return Section(
        answer=words.answer(
            named[judged.scheme], len(names), [(n, tau) for n, tau in taus if not math.isnan(tau)]
        ),
        charts=made,
        tables={
            "gap_ranks": Table(
                table.reset_index(drop=True).round({"score": 6}),
                words.ranks_caption(),
                words.ranks_note(),
            )
        },
        how_sure=words.how_sure([(n, int(has.sum()), len(has)) for n, has in asked]),
        to_check=words.to_check(),
    )


def _sensitivity_chart(
    review: Review,
    now: View,
    ranks: pd.DataFrame,
    *,
    first: Sequence[str],
    names: Sequence[str],
    named: Mapping[str, str],
    span: pd.Series,
    words: Words,
) -> Any:
    placed = ranks.sort_values(["scheme", "rank", "gap_id"], kind="stable")
    placed = placed.assign(place=placed.groupby("scheme").cumcount() + 1)
    drawn = placed[placed["gap_id"].isin(first)].copy()
    drawn["column"] = drawn["scheme"].map({n: i for i, n in enumerate(names)})
    drawn = drawn.sort_values(["column", "place"], kind="stable")
    frame = pd.DataFrame(
        {
            "gap": [
                f"{_gap_label(review, g)} ({inside(_label(review, 'gap_kind', g.kind))})"
                for g in _each_row(drawn)
            ],
            "scheme": [named[s].replace(" ", "\n", 1) for s in drawn["scheme"]],
            "place": drawn["place"],
            "moves": [int(span[g]) > 3 for g in drawn["gap_id"]],
        }
    )
    moving = frame.loc[frame["moves"], "gap"].nunique()
    title = words.title(moving)
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=words.subtitle(now.year),
        source=words.source(_source(review, now)),
        description=words.description(title, [named[n] for n in names]),
    )
