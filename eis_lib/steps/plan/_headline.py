"""Whether it is clear what to do first, for how much and who answers: the answer on one screen, and its sources."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._items import _items
from eis_lib.steps.plan._proposals import _evidence, _open, _proposals, _words
from eis_lib.steps.plan._recommendations import _recommendation_chart
from eis_lib.steps.plan._slimming import _slim
from eis_lib.steps.plan._written import Planned, _planned

PACK_TABLES = ("actions", "decisions", "peer_reviews", "referrals")
"""Tables of the pack that the plan rests on."""


def headline(review: Review) -> Section:
    """Return this region's own answer: what to do first, what it rests on, for how much and who answers."""
    proposals = _proposals(review)
    todo = _open(proposals)
    words = _words(__file__, review, region=plain(review.pack.region.name))
    if todo.empty:
        return Section(words.nothing_left(), how_sure=words.nothing_sure())
    planned = _planned(review)
    decided = int((proposals["status"] != advice.PROPOSED).sum())
    lines = sentences(*_lines(review, proposals, planned.plan, words), between="\n- ")
    return Section(
        answer=sentences(words.lead(len(todo), decided), lines, between="\n\n- "),
        charts=_recommendation_chart(review, todo),
        tables={
            "chain": Table(_chain(review, planned, todo, words), words.chain_caption(), words.chain_note())
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _lines(review: Review, proposals: pd.DataFrame, plan: pd.DataFrame, words: Words) -> Iterator[str]:
    """Yield what to do first and then, what could be simpler, what it costs and what to ask first."""
    first = plan.iloc[0]
    yield words.first(first["title"], proposals.set_index("recommendation_id").loc[first["action_id"]])
    if len(plan) > 1:
        yield words.then([plain(inside(title)) for title in plan["title"].iloc[1:3]])
    slim = _slim(review)
    if len(slim.serves.columns):
        yield words.simpler(len(slim.cover.removed), len(slim.services))
    items = _items(review, "ahead", review.parameters.years)
    yield words.costs(len(items.costed), len(items.costed) + len(items.uncosted))
    homework = proposals[proposals["kind"] == "ask first"]
    if len(homework):
        yield words.ask_first(homework["why"].iloc[0])


def _chain(review: Review, planned: Planned, todo: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return for each action: finding, lesson, action, indicator, and what the region published on the same matter."""
    said = _evidence(review).findings.set_index("finding_id")["statement"]
    pairs = advice.meet(review.pack.actions, todo)
    title_of = dict(zip(review.pack.actions["action_id"], review.pack.actions["title"], strict=True))
    by_id = todo.set_index("recommendation_id")
    rows = []
    for a in _each_row(planned.plan):
        row = by_id.loc[a.action_id]
        heard = [i.partition(":")[2] for i in split(a.lessons) if i.startswith("peer-review:")]
        said_by_peers = review.pack.peer_reviews
        remarks = [
            words.peers(s) for s in said_by_peers.loc[said_by_peers["review_id"].isin(heard), "statement"]
        ]
        lesson = f"{row['practice']} ({row['practice_region']})" if row["practice_id"] else "; ".join(remarks)
        met = [title_of[i] for i in pairs.loc[pairs["recommendation_id"] == a.action_id, "action_id"]]
        rows.append(
            {
                "action_no": a.action_no,
                "finding": said[split(a.findings)[0]],
                "lesson": lesson or words.no_lesson(),
                "action": a.title,
                "indicator": a.indicator,
                "indicator_codes": a.indicator_codes,
                "published": "; ".join(met),
            }
        )
    columns = ["action_no", "finding", "lesson", "action", "indicator", "indicator_codes", "published"]
    return pd.DataFrame(rows, columns=columns)


def sources(review: Review) -> Section:
    """Return what the plan rests on."""
    pack = review.pack
    words = _words(__file__, review, profile=pack.region)
    rows = [
        {"from": f"step: {step}", "what": table, "rows": len(review.earlier(step, table))}
        for step, table in (
            ("examine", "findings"), ("test", "findings"), ("test", "gaps"), ("test", "candidates"), ("test", "gap_cells"),
            ("compare", "findings"), ("compare", "practice_matches"),
        )
    ]  # fmt: skip
    rows += [
        {
            "from": f"pack: {table}",
            "what": words.pack_table(table),
            "rows": len(getattr(pack, table)) if pack.has(table) else 0,
        }
        for table in PACK_TABLES
    ]
    absent = [table.replace("_", " ") for table in PACK_TABLES if not pack.has(table)]
    return Section(
        answer=words.sources(absent),
        tables={"plan_inputs": Table(pd.DataFrame(rows), words.sources_caption())},
        how_sure=words.sources_sure(),
    )
