"""Whether it is clear what to do first, for how much and who answers: the answer on one screen, and its sources."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import recommendation as advice
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._items import _items
from eis_lib.steps.plan._proposals import _evidence, _open, _proposals
from eis_lib.steps.plan._recommendations import _recommendation_chart
from eis_lib.steps.plan._slimming import _slim
from eis_lib.steps.plan._written import Planned, _planned
from eis_lib.steps.shared.words import _money


def headline(review: Review) -> Section:
    """Return this region's own answer: what to do first, what it rests on, for how much and who answers."""
    proposals = _proposals(review)
    todo = _open(proposals)
    name = plain(review.pack.region.name)
    if todo.empty:
        return Section(
            f"For {name} the steps before left nothing a recommendation could rest on.", how_sure="low."
        )
    planned = _planned(review)
    slim = _slim(review)
    items = _items(review, "ahead", review.parameters.years)
    first = planned.plan.iloc[0]
    lesson = todo.set_index("recommendation_id").loc[first["action_id"]]
    homework = proposals[proposals["kind"] == "ask first"]
    lines = [
        f"**First:** {plain(inside(first['title']))} – {plain(inside(str(lesson['why'])))} "
        + (
            f"{plain(lesson['practice_region'])} shows one way (“{plain(lesson['practice'])}”)."
            if lesson["practice_id"]
            else "No partner region’s practice speaks to it."
        ),
        f"**Then:** {listing([plain(inside(t)) for t in planned.plan['title'].iloc[1:3]])}."
        if len(planned.plan) > 1
        else "",
        f"**Simpler:** {len(slim.cover.removed) or 'none'} of {len(slim.services)} services could go without losing served demand; that starts a conversation and decides nothing."
        if len(slim.serves.columns)
        else "",
        f"**Money:** a cost is published for {len(items.costed) or 'none'} of {len(items.costed) + len(items.uncosted)} actions that could be chosen; missing costs are not taken as zero.",
        f"**Ask first:** {plain(inside(str(homework.iloc[0]['why'])))}" if len(homework) else "",
    ]
    decided = int((proposals["status"] != advice.PROPOSED).sum())
    answer = (
        f"For {name} the findings lead to {count(len(todo), 'recommendation')}; people have decided on {decided or 'none'} so far:\n\n"
        + "\n".join(f"- {line}" for line in lines if line)
    )
    return Section(
        answer=answer,
        charts=_recommendation_chart(review, todo),
        tables={
            "chain": Table(
                _chain(review, planned, todo),
                "From finding to indicator: the chain behind each action of the plan",
                "Published: what the region itself did or planned on the same need or service; empty where nothing is on record.",
            )
        },
        how_sure="low to medium; proposals that rest on candidates, to be decided by people.",
        to_check="Whether the first recommendation names a need that firms in the region really voice.",
    )


def _chain(review: Review, planned: Planned, todo: pd.DataFrame) -> pd.DataFrame:
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
            f"Peers: {s}" for s in said_by_peers.loc[said_by_peers["review_id"].isin(heard), "statement"]
        ]
        lesson = f"{row['practice']} ({row['practice_region']})" if row["practice_id"] else "; ".join(remarks)
        met = [title_of[i] for i in pairs.loc[pairs["recommendation_id"] == a.action_id, "action_id"]]
        rows.append(
            {
                "action_no": a.action_no,
                "finding": said[split(a.findings)[0]],
                "lesson": lesson or "none found",
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
    rows = [
        {"from": f"step: {step}", "what": table, "rows": len(review.earlier(step, table))}
        for step, table in (
            ("examine", "findings"), ("test", "findings"), ("test", "gaps"), ("test", "candidates"), ("test", "gap_cells"),
            ("compare", "findings"), ("compare", "practice_matches"),
        )
    ]  # fmt: skip
    rows += [
        {"from": f"pack: {table}", "what": words, "rows": len(getattr(pack, table)) if pack.has(table) else 0}
        for table, words in (
            ("actions", "what the region did or planned"), ("decisions", "what people decided"), ("peer_reviews", "what peers said"),
            ("referrals", "recorded ways from service to service"),
        )
    ]  # fmt: skip
    absent = [
        t.replace("_", " ") for t in ("actions", "decisions", "peer_reviews", "referrals") if not pack.has(t)
    ]
    region = pack.region
    answer = (
        f"The plan is built from what steps 2 to 4 left for {plain(region.name)}, its published actions and the decisions on record"
        + (f"; the pack has no {listing(absent)}, which is not the same as none" if absent else "")
        + f". Policy instrument: {plain(region.policy_instrument) or 'not named'}. Budget: "
        + (_money(region.budget_eur) if region.budget_eur is not None else "not published")
        + (f" ({plain(region.budget_note)})" if region.budget_note else "")
        + "."
    )
    return Section(
        answer=answer,
        tables={"plan_inputs": Table(pd.DataFrame(rows), "What the plan is made from")},
        how_sure="high; these are counts.",
    )
