"""Whether other regions do something different that fits this one: the answer on one screen."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.compare._differences import _stage_differences
from eis_lib.steps.compare._exchange import _exchange_values
from eis_lib.steps.compare._peers import _nearest
from eis_lib.steps.compare._practices import PRACTICES_DRAWN, Matched, _grade_words, _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _pct, _short, _source, places
from eis_lib.steps.shared.words import _records


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    alone = _alone(review)
    if alone:
        return alone
    matched = _matched(review)
    bullets = (
        _gaps_answered(review, matched),
        _first_to_read(review, matched),
        _most_alike(review),
        _support_elsewhere(review),
        _most_to_learn(review),
        _levels_note(review),
    )
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets if bullet),
        charts={"top_practices": _top_chart(review, matched)} if len(matched.matches) else {},
        how_sure="low to medium; gaps are computed candidates, practices carry our own grading, and what a pack does not list looks like "
        "a difference.",
    )


def _gaps_answered(review: Review, matched: Matched) -> str:
    answered = matched.tested[matched.tested["gap_id"].isin(matched.answered)]
    share = float(answered["weight"].sum()) / matched.weight if matched.weight else math.nan
    return (
        f"**{len(answered)} of {count(len(matched.tested), 'gap candidate')}** of {plain(review.pack.region.name)} "
        f"({_pct(share)} of their weight) have a practice "
        f"elsewhere that speaks to the same need; {len(matched.refused)} further practices were looked at and are not proposed."
    )


def _first_to_read(review: Review, matched: Matched) -> str:
    if matched.matches.empty:
        return ""
    best = matched.matches.iloc[0]
    return (
        f"First to read: *{plain(best['title'])}* of {plain(places(review)[best['region']].name)}, for "
        f"{listing([_low(review, 'barrier', need) for need in best['needs']], most=3)} "
        f"({transfer.GRADES[int(best['evidence_grade'])] if not math.isnan(best['evidence_grade']) else 'not graded'}; effort {best['effort']})."
    )


def _most_alike(review: Review) -> str:
    found, near = places(review), _nearest(review)
    if near.empty:
        return ""
    first = near.iloc[0]
    return (
        f"Most alike in structure{' outside its own country' if review.parameters.other_countries_only else ''}: "
        f"{listing([plain(found[other].name) for other in near['other']])}; {plain(found[first['other']].name)} is closest in "
        f"{first['closest_in']} and furthest in {first['furthest_in']}."
    )


def _support_elsewhere(review: Review) -> str:
    differences = _stage_differences(review)
    missing = differences[differences["standing"] == "missing here"]
    only = int((differences["standing"] == "only here").sum())
    kinds = [_low(review, "support_type", code) for code in dict.fromkeys(missing["support_type"])]
    return (
        f"At {count(len(missing), 'point')} of the journey most other regions have a kind of support that {plain(review.pack.region.name)} has not on record"
        + (f" ({listing(kinds, most=4)})" if kinds else "")
        + f"; at {only or 'none'} it is the other way round."
    )


def _most_to_learn(review: Review) -> str:
    """Return from whom the region could learn most and to whom it could give most; nothing where it could learn from nobody."""
    found, values = places(review), _exchange_values(review)
    values = values[values["value"] > 0]
    takes, gives = (
        values[values[side] == review.pack.id].sort_values(["share", other], ascending=[False, True])
        for side, other in (("taker", "giver"), ("giver", "taker"))
    )
    if takes.empty:
        return ""
    take = takes.iloc[0]
    learn = f"It could learn most from {plain(found[take['giver']].name)} ({_pct(take['share'])} of the weight of its gaps)"
    if gives.empty:
        return f"{learn}; its own practices speak to no other region's gap."
    give = gives.iloc[0]
    return f"{learn} and give most to {plain(found[give['taker']].name)} ({_pct(give['share'])} of theirs)."


def _top_chart(review: Review, matched: Matched) -> Any:
    found = places(review)
    shown = matched.matches.head(PRACTICES_DRAWN)
    frame = pd.DataFrame(
        {
            "practice": [_short(title, 44) for title in shown["title"]],
            "met": shown["gap_score_met"] / float(matched.tested["score"].sum()),
            "note": [
                f"{found[row.region].name} · {_grade_words(row.evidence_grade)} · effort {row.effort}"
                for row in _records(shown)
            ],
        }
    )
    first = shown.iloc[0]
    title = (
        f"“{_short(first['title'], 60)}” ({found[first['region']].name}) speaks to {frame.iloc[0]['met']:.0%} of the gaps of "
        f"{review.pack.region.name}, more than any other practice"
    )
    return charts.top_practices(
        frame,
        title=title,
        subtitle=f"First {len(shown)} of {len(matched.matches)} practices of other regions that meet a tested gap; weight × severity of the "
        "gaps with the same need, half where the stage is another",
        source=_source(review),
        description=f"{title}. {len(matched.matches)} practices in all.",
    )
