"""Whether other regions do something different that fits this one: the answer on one screen."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.sentences import bulleted
from eis_lib.language.templates import Words
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.compare._differences import _stage_differences
from eis_lib.steps.compare._exchange import _exchange_values
from eis_lib.steps.compare._peers import _nearest
from eis_lib.steps.compare._practices import PRACTICES_DRAWN, Matched, _grade_words, _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _short, _source, _words, places
from eis_lib.steps.shared.words import _records


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    alone = _alone(review)
    if alone:
        return alone
    matched = _matched(review)
    words = _words(__file__, review, tested=len(matched.tested))
    return Section(
        answer=bulleted(
            _gaps_answered(matched, words),
            _first_to_read(review, matched, words),
            _most_alike(review, words),
            _support_elsewhere(review, words),
            _most_to_learn(review, words),
            _levels_note(review),
        ),
        charts={"top_practices": _top_chart(review, matched, words)} if len(matched.matches) else {},
        how_sure=words.how_sure(),
    )


def _gaps_answered(matched: Matched, words: Words) -> str:
    answered = matched.tested[matched.tested["gap_id"].isin(matched.answered)]
    share = float(answered["weight"].sum()) / matched.weight if matched.weight else math.nan
    return words.gaps_answered(len(answered), share, len(matched.refused))


def _first_to_read(review: Review, matched: Matched, words: Words) -> str:
    if matched.matches.empty:
        return ""
    best = matched.matches.iloc[0]
    needs = [_low(review, "barrier", need) for need in best["needs"]]
    evidence = "" if math.isnan(best["evidence_grade"]) else _grade_words(best["evidence_grade"])
    return words.first_to_read(best, places(review)[best["region"]].name, needs, evidence)


def _most_alike(review: Review, words: Words) -> str:
    found, near = places(review), _nearest(review)
    if near.empty:
        return ""
    names = [plain(found[other].name) for other in near["other"]]
    return words.most_alike(names, near.iloc[0], review.parameters.other_countries_only)


def _support_elsewhere(review: Review, words: Words) -> str:
    differences = _stage_differences(review)
    missing = differences[differences["standing"] == "missing here"]
    only = int((differences["standing"] == "only here").sum())
    kinds = [_low(review, "support_type", code) for code in dict.fromkeys(missing["support_type"])]
    return words.support_elsewhere(len(missing), kinds, only)


def _most_to_learn(review: Review, words: Words) -> str:
    """Return from whom the region could learn most and to whom it could give most; nothing where it could learn from nobody."""
    found, values = places(review), _exchange_values(review)
    values = values[values["value"] > 0]
    best = []
    for side, other in (("taker", "giver"), ("giver", "taker")):
        own = values[values[side] == review.pack.id].sort_values(["share", other], ascending=[False, True])
        best.append(
            {"name": found[own.iloc[0][other]].name, "share": own.iloc[0]["share"]} if len(own) else None
        )
    take, give = best
    return words.most_to_learn(take, give) if take else ""


def _top_chart(review: Review, matched: Matched, words: Words) -> Any:
    found = places(review)
    shown = matched.matches.head(PRACTICES_DRAWN)
    frame = pd.DataFrame(
        {
            "practice": [_short(title, 44) for title in shown["title"]],
            "met": shown["gap_score_met"] / float(matched.tested["score"].sum()),
            "note": [
                words.bar(found[row.region].name, _grade_words(row.evidence_grade), row.effort)
                for row in _records(shown)
            ],
        }
    )
    first = shown.iloc[0]
    title = words.title(_short(first["title"], 60), found[first["region"]].name, frame.iloc[0]["met"])
    return charts.top_practices(
        frame,
        title=title,
        subtitle=words.subtitle(len(shown), len(matched.matches)),
        source=_source(review),
        description=words.description(title, len(matched.matches)),
    )
