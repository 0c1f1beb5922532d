"""Whether the order of gaps hangs on the demand weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import View, journey_stages, view
from eis_lib.steps.shared.words import _label
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
    words = {name: text for name, (text, _) in judged.schemes.items()}
    others = [name for name in judged.schemes if name != judged.scheme]
    names = [judged.scheme, *others]
    wide = ranks.pivot_table(index="gap_id", columns="scheme", values="rank")
    first: list[str] = list(wide.nsmallest(GAPS_COMPARED, judged.scheme).index) if len(wide) else []
    span = (wide.max(axis=1) - wide.min(axis=1)).astype(int)
    steady = sorted(set(first) & {g for g in wide.index if (wide.loc[g] <= GAPS_COMPARED).all()})
    table = ranks.assign(scheme_label=ranks["scheme"].map(words)).sort_values(
        ["gap_id", "scheme"], kind="stable"
    )
    if not len(wide):
        return Section(
            answer="There is no gap to rank.",
            tables={"gap_ranks": Table(table, "Rank of every gap under every set of weights")},
            how_sure="not applicable.",
        )
    taus = [(n, gap_rules.rank_agreement(ranks, judged.scheme, n)) for n in others]
    said = [f"{words[n]}: {tau:.2f}" for n, tau in taus if not math.isnan(tau)]
    answer = (
        f"**{len(steady)} of the first {len(first)} gaps** stay among the first {GAPS_COMPARED} whatever the weights ({len(names)} sets). "
        f"Agreement of the whole order with {plain(words[judged.scheme])} (Kendall's tau-b, 1 = the same): {plain('; '.join(said)) or 'no other set'}."
    )
    made = {}
    if others:
        made["sensitivity"] = _sensitivity_chart(
            review, now, ranks, first=list(first), names=names, words=words, span=span, steady=steady
        )
    return Section(
        answer=answer,
        charts=made,
        tables={
            "gap_ranks": Table(
                table.reset_index(drop=True).round({"score": 6}),
                "Rank of every gap under every set of weights",
                "Each survey is used whole and alone; a need it did not ask about takes the mean of those it asked. Whether a gap exists "
                "does not depend on weights, only its place does.",
            )
        },
        how_sure="low to medium; surveys ask about few needs ("
        + ", ".join(
            f"{plain(words[n])}: {int(judged.schemes[n][1].notna().sum())} of {len(judged.schemes[n][1])}"
            for n in names
            if n != "equal"
        )
        + "), the others take the mean, so the order would move more if more had been asked. Weights of personas are kept.",
        to_check="A survey of the region's own firms (rows in _common/barriers.csv with its NUTS code) would settle the order.",
    )


def _sensitivity_chart(
    review: Review,
    now: View,
    ranks: pd.DataFrame,
    *,
    first: Sequence[str],
    names: Sequence[str],
    words: Mapping[str, str],
    span: pd.Series,
    steady: Sequence[str],
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
            "scheme": [words[s].replace(" ", "\n", 1) for s in drawn["scheme"]],
            "place": drawn["place"],
            "moves": [int(span[g]) > 3 for g in drawn["gap_id"]],
        }
    )
    moving = frame.loc[frame["moves"], "gap"].nunique()
    title = (
        f"{len(steady)} of the {len(first)} heaviest gaps stay among the first {GAPS_COMPARED} under every survey"
        + (f"; {moving} move by more than three ranks" if moving else "")
    )
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=f"Place of the {len(first)} heaviest gaps under each set of demand weights, {now.year}; equal ranks stand in alphabetical order; orange: "
        "moves by more than three ranks",
        source=f"surveys in _common/barriers.csv, each used alone; {_source(review, now)}",
        description=f"{title}. Sets compared: {', '.join(words[n] for n in names)}.",
    )
