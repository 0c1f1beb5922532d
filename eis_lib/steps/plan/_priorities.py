"""Whether the order of recommendations is firm under several criteria, methods and weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import choice
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _open, _proposals, _short_title, _source
from eis_lib.steps.plan._ranking import METHODS, _decision, _ranked, _values
from eis_lib.steps.plan._recommendations import DRAWN
from eis_lib.steps.shared.words import cut, words_of

EMPHASES: Mapping[str, str] = MappingProxyType(
    {
        "Balanced": "balanced",
        "The need first": "need",
        "Quick wins first": "quick-wins",
        "Evidence first": "evidence",
    }
)


def priorities(review: Review, *, emphasis: str | None = None) -> Section:
    """Return the order of recommendations under several criteria and methods, and how firm the first place is."""
    todo = _open(_proposals(review))
    chosen = emphasis or review.parameters.emphasis
    words = words_of(__file__, review, emphasis=chosen)
    if len(todo) < 2:
        return Section(
            words.nothing_to_order(len(todo)),
            tables={"priorities": Table(todo.head(0), words.nothing_to_rank())},
            how_sure=words.nothing_to_order_sure(),
        )
    decision, ranked = _decision(todo, chosen), _ranked(review, todo, chosen)
    moves = choice.weight_changes(decision)
    made = {"method_ranks": _ranks_chart(review, ranked, words)}
    if len(moves):
        made["weight_moves"] = _moves_chart(review, moves, ranked, words)
    scores = [f"{m}{end}" for m in METHODS for end in ("", "_rank")]
    return Section(
        answer=_order_words(todo, decision, ranked, moves, words),
        charts=made,
        tables={
            "priorities": Table(
                ranked[
                    ["recommendation_id", "title", *scores, "best_rank", "worst_rank", "is_dominated", *CRITERIA_COLUMNS]
                ].round(dict.fromkeys(METHODS, 6) | {"value": 6, "firms": 6}),
                words.order_caption(),
                words.order_note(decision.weights.to_dict()),
            ),
            "weight_changes": Table(
                _moves_table(moves, ranked, words), words.moves_caption(), words.moves_note()
            ),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )  # fmt: skip


def _winners(ranked: pd.DataFrame) -> dict[str, str]:
    """Return the recommendation that each method puts first."""
    return {m: ranked.loc[ranked[f"{m}_rank"] == 1, "recommendation_id"].iloc[0] for m in METHODS}


def _order_words(
    todo: pd.DataFrame, decision: choice.Decision, ranked: pd.DataFrame, moves: pd.DataFrame, words: Words
) -> str:
    winners, values = _winners(ranked), _values(todo)
    first_by_sum = ranked.set_index("recommendation_id").loc[winners["weighted_sum"], "title"]
    firm = moves.dropna(subset=["shift"]).assign(size=lambda f: f["shift"].abs())
    reversals = choice.rank_reversals(decision, choice.topsis)
    return sentences(
        words.best_rank(
            _short_title(ranked["title"].iloc[0]),
            _short_title(first_by_sum),
            len(set(winners.values())) == 1,
        ),
        words.first_passes(firm.sort_values(["size", "criterion"]).iloc[0])
        if len(firm)
        else words.first_stays(),
        words.dominated(int(ranked["is_dominated"].sum())),
        *(words.left_out(c, values[c].iloc[0]) for c in values if c not in decision.weights),
        words.reversals(len(reversals)) if len(reversals) else "",
    )


def _ranks_chart(review: Review, ranked: pd.DataFrame, words: Words) -> Any:
    drawn = ranked.head(DRAWN)
    long = pd.DataFrame(
        [
            {"label": _short_title(r.title), "method": words.method(m), "rank": int(getattr(r, f"{m}_rank"))}
            for r in _each_row(drawn)
            for m in METHODS
        ]
    )
    first = cut(inside(_short_title(ranked["title"].iloc[0])), 90)
    title = words.ranks_title(first, len(set(_winners(ranked).values())))
    return charts.method_ranks(
        long,
        title=title,
        subtitle=words.ranks_subtitle(len(drawn), len(ranked)),
        source=_source(review),
        description=words.ranks_description(title, len(drawn)),
    )


CRITERIA_COLUMNS = ("value", "firms", "evidence_grade", "effort", "how_sure")


def _moves_table(moves: pd.DataFrame, ranked: pd.DataFrame, words: Words) -> pd.DataFrame:
    title = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    frame = moves.copy()
    frame.insert(1, "criterion_label", [words.criterion(c) for c in frame["criterion"]])
    frame["new_first_title"] = [_short_title(title[n]) if n else "" for n in frame["new_first"]]
    return frame.round({"weight": 6, "weight_at_change": 6, "shift": 6})


def _moves_chart(review: Review, moves: pd.DataFrame, ranked: pd.DataFrame, words: Words) -> Any:
    title_of = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    able = moves.dropna(subset=["shift"])
    if len(able):
        nearest = able.loc[able["shift"].abs().sort_values(kind="stable").index[0]]
        title = words.first_passes_title(nearest)
    else:
        title = words.first_stays_title()
    frame = pd.DataFrame(
        {
            "label": [words.criterion(c) for c in moves["criterion"]],
            "weight": moves["weight"],
            "weight_at_change": moves["weight_at_change"],
            "note": [
                cut(f"→ {inside(_short_title(title_of[n]))}", 42) if n else words.no_change()
                for n in moves["new_first"]
            ],
        }
    )
    return charts.weight_moves(
        frame,
        title=title,
        subtitle=words.moves_subtitle(),
        source=_source(review),
        description=words.moves_description(title, len(able), len(moves)),
    )
