"""Whether this region could give or take something, and who should visit whom about what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._practices import _grade_words
from eis_lib.steps.compare._view import _alone, _gaps, _low, _pct, _practice_rows, _practices, _source, places
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
    shares, given = _give_and_take(review), _practices_to_give(review)
    best_take, best_give = (
        shares.sort_values([way, "partner"], ascending=[False, True]).iloc[0] for way in ("take", "give")
    )
    return Section(
        answer=_give_words(review, best_take, best_give, given),
        charts={"give_and_take": _give_chart(review, shares, best_take, best_give)},
        tables={
            "what_we_could_give": Table(
                given,
                f"Practices of {review.pack.region.name} that speak to a tested gap elsewhere",
                f"Evidence grade {review.parameters.minimum_evidence_grade} or better.",
            )
        },
        how_sure="low; both sides rest on computed gap candidates and on our coding of practices.",
        to_check="Would the people behind the practice receive a visit?",
    )


def _give_and_take(review: Review) -> pd.DataFrame:
    """Return the share of gaps met in each direction, per partner, the largest first."""
    values, own = _exchange_values(review), review.pack.id
    take = values[values["taker"] == own].set_index("giver")["share"]
    giving = values[values["giver"] == own].set_index("taker")["share"]
    partners = {region: place.row for region, place in places(review).items() if region != own}
    frame = pd.DataFrame({"region": list(partners), "partner": list(partners.values())})
    frame = frame.assign(take=frame["region"].map(take), give=frame["region"].map(giving))
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


def _give_words(review: Review, best_take: pd.Series, best_give: pd.Series, given: pd.DataFrame) -> str:
    found = places(review)
    answer = (
        f"{plain(review.pack.region.name)} could take most from **{plain(found[best_take['region']].name)}**, whose practices speak to {_pct(best_take['take'])} of the weight of its gaps"
        + (
            f", and give most to **{plain(found[best_give['region']].name)}** ({_pct(best_give['give'])} of theirs)."
            if best_give["give"] > 0
            else "; with the evidence asked for, its own practices speak to no gap elsewhere."
        )
    )
    wanted = given["practice_id"].value_counts()
    if wanted.empty:
        return answer
    title = _practice_rows(review)[review.pack.id, str(wanted.index[0])]["title"]
    return f"{answer} Its practice most regions could use is *{plain(title)}* ({count(int(wanted.iloc[0]), 'region')})."


def _give_chart(review: Review, shares: pd.DataFrame, best_take: pd.Series, best_give: pd.Series) -> Any:
    found, name = places(review), review.pack.region.name
    title = (
        f"{name} could take most from {found[best_take['region']].name} and give most to {found[best_give['region']].name}"
        if best_give["give"] > 0
        else f"{name} could take most from {found[best_take['region']].name}; no practice of its own meets a gap elsewhere"
    )
    return charts.give_and_take(
        shares,
        own=name,
        title=title,
        subtitle="Share of the weight × severity of tested gap candidates that practices of the other side speak to (half where the stage is another)",
        source=_source(review),
        description=f"{title}.",
    )


def exchange(review: Review) -> Section:
    """Return the partnership's own page: who is strong where, and who should visit whom about what."""
    alone = _alone(review)
    if alone:
        return alone
    values = _exchange_values(review)
    visits, strengths = _visits(review), _strengths(review)
    kept = values.assign(
        practice_ids=[";".join(v) for v in values["practice_ids"]],
        needs=[";".join(v) for v in values["needs"]],
    ).sort_values(["taker", "share", "giver"], ascending=[True, False, True], ignore_index=True)
    return Section(
        answer=_exchange_words(review, visits, strengths.lone),
        charts={
            "exchange_matrix": _matrix_chart(review, visits),
            "strong_where": _strengths_chart(review, strengths),
        },
        tables={
            "exchange": Table(
                visits,
                "Who should visit whom, about what",
                "An exact assignment; first wish: whom the visitor would choose if hosts took everybody.",
            ),
            "exchange_values": Table(kept, "What every region could learn from every other"),
            "strong_where": Table(
                strengths.table, "Demand met by need and region (shares of the demand for the need)"
            ),
        },
        how_sure="low to medium; the same rules and personas for every region, so that differences say more than levels.",
        to_check="Whether hosts can show the practice at work, and in which language.",
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


def _exchange_words(review: Review, visits: pd.DataFrame, lone: list[str]) -> str:
    told = "; ".join(
        f"{plain(v.visitor_name)} to {plain(v.host_name)} about {plain(v.about_words.split('; ')[0])} ({_pct(v.share_of_gaps)})"
        for v in _records(visits.head(VISITS_TOLD))
    )
    answer = (
        f"If every region makes one visit and receives one, the exchange that meets most is: {told}"
        + (f"; the table has {len(visits) - VISITS_TOLD} more" if len(visits) > VISITS_TOLD else "")
        + ". "
        if len(visits)
        else "No practice of any region speaks to a tested gap of another. "
    )
    mine, host = (visits[visits[side] == review.pack.id] for side in ("visitor", "host"))
    if len(mine):
        answer += f"For {plain(review.pack.region.name)} that means a visit to **{plain(mine.iloc[0]['host_name'])}**"
        answer += f" and a visit from {plain(host.iloc[0]['visitor_name'])}. " if len(host) else ". "
    wishes = visits["first_wish"].value_counts()
    if len(wishes) and wishes.iloc[0] > 1:
        answer += f"If hosts took everybody, {int(wishes.iloc[0])} of {len(visits)} would go to {plain(str(wishes.index[0]))}. "
    if lone:
        answer += f"No region is strong in {listing([_low(review, 'barrier', n) for n in lone], most=5)}: there the partnership has to look outside."
    return answer


def _matrix_chart(review: Review, visits: pd.DataFrame) -> Any:
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
    title = (
        "No visit would meet a tested gap"
        if first is None
        else f"{first['visitor_name']} would learn most: a visit to {first['host_name']} speaks to {_pct(first['share_of_gaps'])} of its gaps"
    )
    return charts.exchange_matrix(
        frame,
        title=title,
        subtitle="Share of the visitor's gap candidates (weight × severity) that the host's practices speak to; framed: the best exchange "
        "with one visit each",
        source=_source(review),
        description=f"{title}. {len(visits)} visits in the best exchange.",
    )


def _strengths_chart(review: Review, strengths: _Strengths) -> Any:
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
        title=f"No region is strong in {lone} of {needs} needs"
        if lone
        else "Every need has a region that is strong in it",
        subtitle=f"Share of each region's own demand for a need that services on record meet; strong: {transfer.STRONG:.0%} or more, weak: "
        f"a gap for {transfer.WEAK:.0%} or more (project convention)",
        source=_source(review),
        description=f"Needs by regions; {lone} of {needs} needs without a strong region.",
    )
