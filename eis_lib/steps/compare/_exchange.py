"""Whether this region could give or take something, and who should visit whom about what."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._practices import _grade_words
from eis_lib.steps.compare._view import (
    _alone,
    _gaps,
    _label,
    _low,
    _pct,
    _practice_rows,
    _practices,
    _source,
    places,
)

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
    found, own = places(review), review.pack.id
    values = _exchange_values(review)
    practices = _practice_rows(review)
    take: Any = values[values["taker"] == own].set_index("giver")
    giving: Any = values[values["giver"] == own].set_index("taker")
    partners = [r for r in found if r != own]
    frame = pd.DataFrame(
        {
            "region": partners,
            "partner": [found[r].row for r in partners],
            "take": [float(take.at[r, "share"]) if r in take.index else math.nan for r in partners],
            "give": [float(giving.at[r, "share"]) if r in giving.index else math.nan for r in partners],
        }
    )
    frame["most"] = frame[["take", "give"]].fillna(0).max(axis=1).round(9)
    frame = frame.sort_values(["most", "partner"], ascending=[False, True], ignore_index=True)
    rows = []
    for region in partners:
        if region not in giving.index or not giving.at[region, "value"] > 0:
            continue
        for code in giving.at[region, "practice_ids"]:
            practice = practices[own, code]
            rows.append(
                {
                    "taker": region,
                    "taker_name": found[region].name,
                    "practice_id": code,
                    "title": practice["title"],
                    "needs": ";".join(
                        n for n in giving.at[region, "needs"] if n in practice["barriers_addressed"]
                    ),
                    "evidence_words": _grade_words(
                        math.nan if pd.isna(practice["evidence_grade"]) else float(practice["evidence_grade"])
                    ),
                    "share_of_their_gaps": giving.at[region, "share"],
                }
            )
    columns = [
        "taker",
        "taker_name",
        "practice_id",
        "title",
        "needs",
        "evidence_words",
        "share_of_their_gaps",
    ]
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["share_of_their_gaps", "taker", "practice_id"], ascending=[False, True, True], ignore_index=True
    )
    name = plain(review.pack.region.name)
    best_take, best_give = frame.sort_values(["take", "partner"], ascending=[False, True]).iloc[0], frame.sort_values(
        ["give", "partner"], ascending=[False, True]
    ).iloc[0]  # fmt: skip
    wanted = table["practice_id"].value_counts()
    answer = (
        f"{name} could take most from **{plain(found[best_take['region']].name)}**, whose practices speak to {_pct(best_take['take'])} of the weight of its gaps"
        + (
            f", and give most to **{plain(found[best_give['region']].name)}** ({_pct(best_give['give'])} of theirs)."
            if best_give["give"] > 0
            else "; with the evidence asked for, its own practices speak to no gap elsewhere."
        )
        + (
            f" Its practice most regions could use is *{plain(practices[own, str(wanted.index[0])]['title'])}* ({count(int(wanted.iloc[0]), 'region')})."
            if len(wanted)
            else ""
        )
    )
    title = (
        f"{review.pack.region.name} could take most from {found[best_take['region']].name} and give most to {found[best_give['region']].name}"
        if best_give["give"] > 0
        else f"{review.pack.region.name} could take most from {found[best_take['region']].name}; no practice of its own meets a gap elsewhere"
    )
    chart = charts.give_and_take(
        frame,
        own=review.pack.region.name,
        title=title,
        subtitle="Share of the weight × severity of tested gap candidates that practices of the other side speak to (half where the stage is another)",
        source=_source(review),
        description=f"{title}.",
    )
    return Section(
        answer=answer,
        charts={"give_and_take": chart},
        tables={
            "what_we_could_give": Table(
                table,
                f"Practices of {review.pack.region.name} that speak to a tested gap elsewhere",
                f"Evidence grade {review.parameters.minimum_evidence_grade} or better.",
            )
        },
        how_sure="low; both sides rest on computed gap candidates and on our coding of practices.",
        to_check="Would the people behind the practice receive a visit?",
    )  # fmt: skip


def exchange(review: Review) -> Section:
    """Return the partnership's own page: who is strong where, and who should visit whom about what."""
    alone = _alone(review)
    if alone:
        return alone
    found = places(review)
    order = sorted(found, key=lambda r: found[r].name)
    values = _exchange_values(review)
    visits = transfer.best_exchange(values)
    practices = _practice_rows(review)
    chosen = set(zip(visits["visitor"], visits["host"], strict=True))
    cells = values[values["taker"].isin(order) & values["giver"].isin(order)].assign(
        place=lambda f: f["taker"].map(order.index) * 100 + f["giver"].map(order.index)
    )
    cells = cells.sort_values("place")
    frame = pd.DataFrame(
        {
            "visitor": [found[r].row for r in cells["taker"]],
            "host": [found[r].column for r in cells["giver"]],
            "column_place": [order.index(r) for r in cells["giver"]],
            "share": cells["share"].fillna(0.0),
            "is_chosen": [(t, g) in chosen for t, g in zip(cells["taker"], cells["giver"], strict=True)],
        }
    )
    strength = transfer.strong_where(review.gathered("profile"))
    strength = strength[strength["need"].isin(review.vocabulary.codes("barrier"))]
    asked = strength.groupby("need")["demand"].mean()
    needs = [n for n in asked.sort_values(ascending=False, kind="stable").index if asked[n] > 0]
    strength = strength[strength["need"].isin(needs)].assign(
        row=lambda f: f["need"].map(needs.index), column=lambda f: f["region"].map(order.index)
    )
    strength = strength.sort_values(["row", "column"], ignore_index=True)
    lone = [n for n in needs if (strength[strength["need"] == n]["standing"] == "strong").sum() == 0]
    rows = []
    for visit in visits.to_dict("records"):
        rows.append(
            {
                "visitor": visit["visitor"],
                "visitor_name": found[visit["visitor"]].name,
                "host": visit["host"],
                "host_name": found[visit["host"]].name,
                "about": ";".join(visit["needs"][:3]),
                "about_words": "; ".join(_low(review, "barrier", n) for n in visit["needs"][:3]),
                "practice_ids": ";".join(visit["practice_ids"]),
                "first_practice": practices[visit["host"], visit["practice_ids"][0]]["title"],
                "share_of_gaps": visit["share"],
                "gaps_met": visit["gaps_met"],
                "first_wish": found[visit["first_wish"]].name,
            }
        )
    columns = [
        "visitor", "visitor_name", "host", "host_name", "about", "about_words", "practice_ids", "first_practice", "share_of_gaps", "gaps_met",
        "first_wish",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    mine = table[table["visitor"] == review.pack.id]
    host = table[table["host"] == review.pack.id]
    wishes = table["first_wish"].value_counts()
    answer = (
        "If every region makes one visit and receives one, the exchange that meets most is: "
        + "; ".join(
            f"{plain(r['visitor_name'])} to {plain(r['host_name'])} about {plain(r['about_words'].split('; ')[0])} ({_pct(r['share_of_gaps'])})"
            for r in rows[:VISITS_TOLD]
        )
        + (f"; the table has {len(rows) - VISITS_TOLD} more" if len(rows) > VISITS_TOLD else "")
        + ". "
        if rows
        else "No practice of any region speaks to a tested gap of another. "
    )
    if len(mine):
        answer += f"For {plain(review.pack.region.name)} that means a visit to **{plain(mine.iloc[0]['host_name'])}**"
        answer += f" and a visit from {plain(host.iloc[0]['visitor_name'])}. " if len(host) else ". "
    if len(wishes) and wishes.iloc[0] > 1:
        answer += f"If hosts took everybody, {int(wishes.iloc[0])} of {len(table)} would go to {plain(str(wishes.index[0]))}. "
    if lone:
        answer += f"No region is strong in {listing([_low(review, 'barrier', n) for n in lone], most=5)}: there the partnership has to look outside."
    title = (
        f"{table.iloc[0]['visitor_name']} would learn most: a visit to {table.iloc[0]['host_name']} speaks to {_pct(table.iloc[0]['share_of_gaps'])} of its gaps"
        if rows
        else "No visit would meet a tested gap"
    )
    pictures = {
        "exchange_matrix": charts.exchange_matrix(
            frame,
            title=title,
            subtitle="Share of the visitor's gap candidates (weight × severity) that the host's practices speak to; framed: the best exchange "
            "with one visit each",
            source=_source(review),
            description=f"{title}. {len(table)} visits in the best exchange.",
        ),
        "strong_where": charts.strong_where(
            pd.DataFrame(
                {
                    "need": [_label(review, "barrier", n) for n in strength["need"]],
                    "region": [found[r].column for r in strength["region"]],
                    "standing": strength["standing"],
                    "mark": [_pct(v) if not math.isnan(v) else "" for v in strength["served_share"]],
                }
            ),
            title=f"No region is strong in {len(lone)} of {len(needs)} needs" if lone else "Every need has a region that is strong in it",
            subtitle=f"Share of each region's own demand for a need that services on record meet; strong: {transfer.STRONG:.0%} or more, weak: "
            f"a gap for {transfer.WEAK:.0%} or more (project convention)",
            source=_source(review),
            description=f"Needs by regions; {len(lone)} of {len(needs)} needs without a strong region.",
        ),
    }  # fmt: skip
    kept = values.assign(
        practice_ids=[";".join(v) for v in values["practice_ids"]],
        needs=[";".join(v) for v in values["needs"]],
    ).sort_values(["taker", "share", "giver"], ascending=[True, False, True], ignore_index=True)
    return Section(
        answer=answer,
        charts=pictures,
        tables={
            "exchange": Table(
                table,
                "Who should visit whom, about what",
                "An exact assignment; first wish: whom the visitor would choose if hosts took everybody.",
            ),
            "exchange_values": Table(kept, "What every region could learn from every other"),
            "strong_where": Table(
                strength.drop(columns=["row", "column"]), "Demand met by need and region (shares of the demand for the need)"
            ),
        },
        how_sure="low to medium; the same rules and personas for every region, so that differences say more than levels.",
        to_check="Whether hosts can show the practice at work, and in which language.",
    )  # fmt: skip
