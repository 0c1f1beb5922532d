"""Whether this region could give or take something, and who should visit whom about what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import transfer
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table
from eis_lib.steps.compare._practices import _grade_words
from eis_lib.steps.compare._view import (
    _alone,
    _gaps,
    _low,
    _pct,
    _practice_rows,
    _practices,
    _source,
    _words,
    places,
)
from eis_lib.steps.shared.words import _label, _records

VISITS_TOLD = 10
"""Visits the answer tells; the rest are in the table."""


@once_per_review
def _exchange_values(review: Review) -> pd.DataFrame:
    return transfer.exchange_values(
        _gaps(review), _practices(review), minimum_grade=review.parameters.minimum_evidence_grade
    )


def give(review: Review) -> Section:
    """Return what this region could give the others, beside what it could take."""
    alone = _alone(review)
    if alone:
        return alone
    shares, given, words = _give_and_take(review), _practices_to_give(review), _words(__file__, review)
    take, give = (
        shares.sort_values([way, "partner"], ascending=[False, True]).iloc[0] for way in ("take", "give")
    )
    return Section(
        answer=sentences(words.most_to_take_and_give(take, give), _most_wanted(review, given, words)),
        charts={
            "give_and_take": charts.give_and_take(
                shares.drop(columns="region_name"),
                own=review.pack.region.name,
                title=words.give_title(take, give),
                subtitle=words.give_subtitle(),
                source=_source(review),
                description=words.give_description(take, give),
            )
        },
        tables={
            "what_we_could_give": Table(
                given,
                words.given_caption(),
                words.given_note(review.parameters.minimum_evidence_grade),
            )
        },
        how_sure=words.how_sure_to_give(),
        to_check=words.to_check_to_give(),
    )


def _most_wanted(review: Review, given: pd.DataFrame, words: Words) -> str:
    wanted = given["practice_id"].value_counts()
    if wanted.empty:
        return ""
    title = _practice_rows(review)[review.pack.id, str(wanted.index[0])]["title"]
    return words.most_wanted(title, int(wanted.iloc[0]))


def _give_and_take(review: Review) -> pd.DataFrame:
    """Return the share of gaps met in each direction, per partner, the largest first."""
    values, own = _exchange_values(review), review.pack.id
    take = values[values["taker"] == own].set_index("giver")["share"]
    giving = values[values["giver"] == own].set_index("taker")["share"]
    partners = {region: place for region, place in places(review).items() if region != own}
    frame = pd.DataFrame({"region": list(partners), "partner": [place.row for place in partners.values()]})
    frame = frame.assign(
        take=frame["region"].map(take),
        give=frame["region"].map(giving),
        region_name=[place.name for place in partners.values()],
    )
    frame["most"] = frame[["take", "give"]].fillna(0).max(axis=1).round(9)
    return frame.sort_values(["most", "partner"], ascending=[False, True], ignore_index=True)


GIVEN_COLUMNS = (
    "taker", "taker_name", "practice_id", "title", "needs", "evidence_words", "share_of_their_gaps",
)  # fmt: skip
"""Columns of ``what_we_could_give``."""


def _practices_to_give(review: Review) -> pd.DataFrame:
    """Return the practices of this region that speak to a gap elsewhere, one row per taker and practice."""
    found, own, practices = places(review), review.pack.id, _practice_rows(review)
    values = _exchange_values(review)
    rows = []
    for offer in _records(values[(values["giver"] == own) & (values["value"] > 0)]):
        for code in offer.practice_ids:
            practice = practices[own, code]
            needs = ";".join(n for n in offer.needs if n in practice["barriers_addressed"])
            grade = practice["evidence_grade"]
            words = _grade_words(math.nan if pd.isna(grade) else float(grade))
            rows.append(
                (offer.taker, found[offer.taker].name, code, practice["title"], needs, words, offer.share)
            )
    return pd.DataFrame(rows, columns=list(GIVEN_COLUMNS)).sort_values(
        ["share_of_their_gaps", "taker", "practice_id"], ascending=[False, True, True], ignore_index=True
    )


def exchange(review: Review) -> Section:
    """Return the partnership's own page: who is strong where, and who should visit whom about what."""
    alone = _alone(review)
    if alone:
        return alone
    values = _exchange_values(review)
    visits, strengths, words = _visits(review), _strengths(review), _words(__file__, review)
    kept = values.assign(
        practice_ids=[";".join(v) for v in values["practice_ids"]],
        needs=[";".join(v) for v in values["needs"]],
    ).sort_values(["taker", "share", "giver"], ascending=[True, False, True], ignore_index=True)
    return Section(
        answer=_exchange_words(review, visits, strengths.lone, words),
        charts={
            "exchange_matrix": _matrix_chart(review, visits, words),
            "strong_where": _strengths_chart(review, strengths, words),
        },
        tables={
            "exchange": Table(visits, words.visits_caption(), words.visits_note()),
            "exchange_values": Table(kept, words.values_caption()),
            "strong_where": Table(strengths.table, words.strong_caption()),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


VISIT_COLUMNS = (
    "visitor", "visitor_name", "host", "host_name", "about", "about_words", "practice_ids", "first_practice", "share_of_gaps", "gaps_met",
    "first_wish",
)  # fmt: skip
"""Columns of ``exchange``."""


def _visits(review: Review) -> pd.DataFrame:
    """Return the visits of the best exchange, with what each is about."""
    found, practices = places(review), _practice_rows(review)
    rows = [
        {
            "visitor": visit.visitor,
            "visitor_name": found[visit.visitor].name,
            "host": visit.host,
            "host_name": found[visit.host].name,
            "about": ";".join(visit.needs[:3]),
            "about_words": "; ".join(_low(review, "barrier", n) for n in visit.needs[:3]),
            "practice_ids": ";".join(visit.practice_ids),
            "first_practice": practices[visit.host, visit.practice_ids[0]]["title"],
            "share_of_gaps": visit.share,
            "gaps_met": visit.gaps_met,
            "first_wish": found[visit.first_wish].name,
        }
        for visit in _records(transfer.best_exchange(_exchange_values(review)))
    ]
    return pd.DataFrame(rows, columns=list(VISIT_COLUMNS))


def _by_name(review: Review) -> list[str]:
    found = places(review)
    return sorted(found, key=lambda region: found[region].name)


@dataclass(frozen=True)
class _Strengths:
    """Demand met by need and region, the needs asked for, and those that no region is strong in."""

    table: pd.DataFrame
    needs: list[str]
    lone: list[str]


def _strengths(review: Review) -> _Strengths:
    strength = transfer.strong_where(review.gathered("profile"))
    strength = strength[strength["need"].isin(review.vocabulary.codes("barrier"))]
    asked = strength.groupby("need")["demand"].mean().sort_values(ascending=False, kind="stable")
    needs = list(asked.index[asked > 0])
    order = {"need": needs.index, "region": _by_name(review).index}
    table = strength[strength["need"].isin(needs)].sort_values(
        ["need", "region"], key=lambda column: column.map(order[str(column.name)]), ignore_index=True
    )
    strong = set(table.loc[table["standing"] == "strong", "need"])
    return _Strengths(table, needs, [n for n in needs if n not in strong])


def _exchange_words(review: Review, visits: pd.DataFrame, lone: list[str], words: Words) -> str:
    told = visits.head(VISITS_TOLD)
    told = told.assign(first_need=[about.split("; ")[0] for about in told["about_words"]])
    said = [words.visits_made(_records(told), len(visits) - VISITS_TOLD)]
    made, received = (visits[visits[side] == review.pack.id] for side in ("visitor", "host"))
    if len(made):
        visitor = received.iloc[0]["visitor_name"] if len(received) else ""
        said.append(words.own_visit(made.iloc[0]["host_name"], visitor))
    wishes = visits["first_wish"].value_counts()
    if len(wishes) and wishes.iloc[0] > 1:
        said.append(words.first_wish(int(wishes.iloc[0]), len(visits), str(wishes.index[0])))
    if lone:
        said.append(words.no_region_strong([_low(review, "barrier", n) for n in lone]))
    return sentences(*said)


def _matrix_chart(review: Review, visits: pd.DataFrame, words: Words) -> Any:
    found, order, values = places(review), _by_name(review), _exchange_values(review)
    cells = values[values["taker"].isin(order) & values["giver"].isin(order)].sort_values(
        ["taker", "giver"], key=lambda regions: regions.map(order.index)
    )
    chosen = set(zip(visits["visitor"], visits["host"], strict=True))
    frame = pd.DataFrame(
        {
            "visitor": [found[r].row for r in cells["taker"]],
            "host": [found[r].column for r in cells["giver"]],
            "column_place": [order.index(r) for r in cells["giver"]],
            "share": cells["share"].fillna(0.0),
            "is_chosen": [pair in chosen for pair in zip(cells["taker"], cells["giver"], strict=True)],
        }
    )
    first = visits.iloc[0] if len(visits) else None
    return charts.exchange_matrix(
        frame,
        title=words.matrix_title(first),
        subtitle=words.matrix_subtitle(),
        source=_source(review),
        description=words.matrix_description(first, len(visits)),
    )


def _strengths_chart(review: Review, strengths: _Strengths, words: Words) -> Any:
    found, table = places(review), strengths.table
    lone, needs = len(strengths.lone), len(strengths.needs)
    return charts.strong_where(
        pd.DataFrame(
            {
                "need": [_label(review, "barrier", n) for n in table["need"]],
                "region": [found[r].column for r in table["region"]],
                "standing": table["standing"],
                "mark": [_pct(v) if not math.isnan(v) else "" for v in table["served_share"]],
            }
        ),
        title=words.strong_title(lone, needs),
        subtitle=words.strong_subtitle(transfer.STRONG, transfer.WEAK),
        source=_source(review),
        description=words.strong_description(lone, needs),
    )
