"""Whether the order of recommendations is firm under several criteria, methods and weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.english import count
from eis_lib.methods import choice
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _open, _proposals, _short_title, _source
from eis_lib.steps.plan._ranking import CRITERIA, METHODS, _decision, _ranked
from eis_lib.steps.plan._recommendations import DRAWN
from eis_lib.steps.shared.words import cut

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
    if len(todo) < 2:
        return Section(
            f"There {'is only one recommendation' if len(todo) == 1 else 'are no recommendations'}: nothing to put in order.",
            tables={"priorities": Table(todo.head(0), "Nothing to rank")},
            how_sure="high.",
        )
    decision, ranked = _decision(todo, chosen), _ranked(review, todo, chosen)
    moves = choice.weight_changes(decision)
    made = {"method_ranks": _ranks_chart(review, ranked, chosen)}
    if len(moves):
        made["weight_moves"] = _moves_chart(review, moves, ranked)
    weights = zip(decision.weights.index.astype(str), decision.weights, strict=True)
    scores = [f"{m}{end}" for m in METHODS for end in ("", "_rank")]
    return Section(
        answer=_order_words(decision, ranked, moves, chosen),
        charts=made,
        tables={
            "priorities": Table(
                ranked[
                    ["recommendation_id", "title", *scores, "best_rank", "worst_rank", "is_dominated", *CRITERIA_COLUMNS]
                ].round(dict.fromkeys(METHODS, 6) | {"value": 6, "firms": 6}),
                "Recommendations by mean rank over three methods",
                "Weighted sum: 0–100, SMART with swing weights on local scales; TOPSIS: closeness 0–1; PROMETHEE II: net flow, usual preference. "
                "Weights are project conventions: " + ", ".join(f"{inside(CRITERIA[c][0])} {w:.0%}" for c, w in weights) + ".",
            ),
            "weight_changes": Table(
                _moves_table(moves, ranked),
                "How far a weight must move before another recommendation comes first (weighted sum, exact)",
                "The other weights keep their proportions. Empty: no weight from 0 to 100 % does it.",
            ),
        },
        how_sure="medium for the arithmetic, low for the weights: they are ours until a steering group sets its own.",
        to_check="Let the steering group give swing points before it sees this order.",
    )  # fmt: skip


def _winners(ranked: pd.DataFrame) -> dict[str, str]:
    """Return the recommendation that each method puts first."""
    return {m: ranked.loc[ranked[f"{m}_rank"] == 1, "recommendation_id"].iloc[0] for m in METHODS}


def _order_words(decision: choice.Decision, ranked: pd.DataFrame, moves: pd.DataFrame, emphasis: str) -> str:
    winners, beaten = _winners(ranked), int(ranked["is_dominated"].sum())
    first_by_sum = ranked.set_index("recommendation_id").loc[winners["weighted_sum"], "title"]
    firm = moves.dropna(subset=["shift"]).assign(size=lambda f: f["shift"].abs())
    firm = firm.sort_values(["size", "criterion"])
    reversals = choice.rank_reversals(decision, choice.topsis)
    return (
        f"With weights set to *{inside(_words_of(EMPHASES, emphasis))}*, the best mean rank goes to **{plain(inside(_short_title(ranked.iloc[0]['title'])))}**"
        + (
            "; all three methods put it first. "
            if len(set(winners.values())) == 1
            else f"; the methods differ, and the weighted sum puts {plain(inside(_short_title(first_by_sum)))} first. "
        )
        + (
            f"The weighted sum’s first place would pass to another once “{inside(CRITERIA[firm.iloc[0]['criterion']][0])}” weighed "
            f"{firm.iloc[0]['weight_at_change']:.1%} instead of {firm.iloc[0]['weight']:.1%}. "
            if len(firm)
            else "No single weight, moved alone, would change the weighted sum’s first place. "
        )
        + f"{count(beaten, 'recommendation')} {'is' if beaten == 1 else 'are'} dominated: another is at least as good on every criterion."
        + ("".join(f" {plain(m).capitalize()}." for m in _dropped(decision)))
        + (
            f" A warning on TOPSIS: taking one recommendation off the list would swap {count(len(reversals), 'pair')} of the others."
            if len(reversals)
            else ""
        )
    )


def _ranks_chart(review: Review, ranked: pd.DataFrame, emphasis: str) -> Any:
    drawn = ranked.head(DRAWN)
    long = pd.DataFrame(
        [
            {"label": _short_title(r.title), "method": words, "rank": int(getattr(r, f"{m}_rank"))}
            for r in _each_row(drawn)
            for m, words in METHODS.items()
        ]
    )
    methods = {1: "all three methods", 2: "most methods"}.get(
        len(set(_winners(ranked).values())), "one method"
    )
    title = f"First under {methods}: {cut(inside(_short_title(ranked.iloc[0]['title'])), 90)}"
    return charts.method_ranks(
        long,
        title=title,
        subtitle=f"Rank under each method, {'all' if len(drawn) == len(ranked) else f'first {len(drawn)} of'} {len(ranked)} recommendations by mean rank; "
        f"weights: {inside(_words_of(EMPHASES, emphasis))}",
        source=_source(review),
        description=f"{title}. Ranks of {len(drawn)} recommendations under weighted sum, TOPSIS and PROMETHEE II.",
    )


CRITERIA_COLUMNS = ("value", "firms", "evidence_grade", "effort", "how_sure")


def _dropped(decision: choice.Decision) -> list[str]:
    found = []
    for message in decision.dropped:
        code = message.split("'")[1]
        found.append(message.replace(f"'{code}'", f"“{inside(CRITERIA[code][0])}”"))
    return found


def _words_of(options: Mapping[str, str], code: str) -> str:
    return next(words for words, c in options.items() if c == code)


def _moves_table(moves: pd.DataFrame, ranked: pd.DataFrame) -> pd.DataFrame:
    title = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    frame = moves.copy()
    frame.insert(1, "criterion_label", [CRITERIA[c][0] for c in frame["criterion"]])
    frame["new_first_title"] = [_short_title(title[n]) if n else "" for n in frame["new_first"]]
    return frame.round({"weight": 6, "weight_at_change": 6, "shift": 6})


def _moves_chart(review: Review, moves: pd.DataFrame, ranked: pd.DataFrame) -> Any:
    title_of = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    able = moves.dropna(subset=["shift"])
    if len(able):
        nearest = able.loc[able["shift"].abs().sort_values(kind="stable").index[0]]
        title = (
            f"First place on the weighted sum passes once “{inside(CRITERIA[nearest['criterion']][0])}” weighs "
            f"{nearest['weight_at_change']:.1%} instead of {nearest['weight']:.1%}"
        )
    else:
        title = "No single weight, moved alone, changes first place"
    frame = pd.DataFrame(
        {
            "label": [CRITERIA[c][0] for c in moves["criterion"]],
            "weight": moves["weight"],
            "weight_at_change": moves["weight_at_change"],
            "note": [
                cut(f"→ {inside(_short_title(title_of[n]))}", 42) if n else "no change"
                for n in moves["new_first"]
            ],
        }
    )
    return charts.weight_moves(
        frame,
        title=title,
        subtitle="Disc: weight now; triangle: nearest weight at which another recommendation (named) comes first; weighted sum",
        source=_source(review),
        description=f"{title}. {len(able)} of {len(moves)} criteria can change first place.",
    )
