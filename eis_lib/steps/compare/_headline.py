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
from eis_lib.steps.compare._exchange import _exchange_values
from eis_lib.steps.compare._peers import _nearest
from eis_lib.steps.compare._practices import PRACTICES_DRAWN, Matched, _grade_words, _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _pct, _records, _short, _source, places


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    alone = _alone(review)
    if alone:
        return alone
    found, name = places(review), plain(review.pack.region.name)
    matched = _matched(review)
    near = _nearest(review)
    differences = transfer.coverage_differences(
        review.gathered("coverage").query("facet == 'journey_stages'"), review.pack.id
    )
    missing = differences[differences["standing"] == "missing here"]
    only = differences[differences["standing"] == "only here"]
    values = _exchange_values(review)
    takes = values[(values["taker"] == review.pack.id) & (values["value"] > 0)].sort_values(
        ["share", "giver"], ascending=[False, True]
    )
    gives = values[(values["giver"] == review.pack.id) & (values["value"] > 0)].sort_values(
        ["share", "taker"], ascending=[False, True]
    )
    answered = matched.tested[matched.tested["gap_id"].isin(matched.answered)]
    bullets = [
        f"**{len(answered)} of {count(len(matched.tested), 'gap candidate')}** of {name} "
        f"({_pct(float(answered['weight'].sum()) / matched.weight if matched.weight else math.nan)} of their weight) have a practice "
        f"elsewhere that speaks to the same need; {len(matched.refused)} further practices were looked at and are not proposed.",
    ]
    if len(matched.matches):
        best = matched.matches.iloc[0]
        bullets.append(
            f"First to read: *{plain(best['title'])}* of {plain(found[best['region']].name)}, for "
            f"{listing([_low(review, 'barrier', need) for need in best['needs']], most=3)} "
            f"({transfer.GRADES[int(best['evidence_grade'])] if not math.isnan(best['evidence_grade']) else 'not graded'}; effort {best['effort']})."
        )
    if len(near):
        first = near.iloc[0]
        bullets.append(
            f"Most alike in structure{' outside its own country' if review.parameters.other_countries_only else ''}: "
            f"{listing([plain(found[other].name) for other in near['other']])}; {plain(found[first['other']].name)} is closest in "
            f"{first['closest_in']} and furthest in {first['furthest_in']}."
        )
    kinds = list(dict.fromkeys(missing["support_type"]))
    bullets.append(
        f"At {count(len(missing), 'point')} of the journey most other regions have a kind of support that {name} has not on record"
        + (f" ({listing([_low(review, 'support_type', code) for code in kinds], most=4)})" if kinds else "")
        + f"; at {len(only) or 'none'} it is the other way round."
    )
    if len(takes) and len(gives):
        bullets.append(
            f"It could learn most from {plain(found[takes.iloc[0]['giver']].name)} ({_pct(takes.iloc[0]['share'])} of the weight of its gaps) "
            f"and give most to {plain(found[gives.iloc[0]['taker']].name)} ({_pct(gives.iloc[0]['share'])} of theirs)."
        )
    elif len(takes):
        bullets.append(
            f"It could learn most from {plain(found[takes.iloc[0]['giver']].name)} ({_pct(takes.iloc[0]['share'])} of the weight of its gaps); "
            "its own practices speak to no other region's gap."
        )
    bullets.append(_levels_note(review))
    made = {}
    if len(matched.matches):
        made["top_practices"] = _top_chart(review, matched)
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts=made,
        how_sure="low to medium; gaps are computed candidates, practices carry our own grading, and what a pack does not list looks like "
        "a difference.",
    )


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
