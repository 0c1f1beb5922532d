"""Whether governance works: the scorecard, what to decide on each action, and the next dates."""

from __future__ import annotations

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import monitor, policy
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.section.table_text import stack
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._view import _day, _names, _previous, _tracked
from eis_lib.steps.shared.words import _be, _flat

LEAST_MOVE = 0.05
"""Change of a share from which the scorecard speaks of rise or fall (project convention)."""

MOST_ADDED = 5
"""Recommendations of step 5 that are put forward as additions."""


def _scorecard_years(review: Review) -> list[int]:
    return sorted({*range(review.year - 8, review.year, 2), _previous(review), review.year})


def scorecard(review: Review) -> Section:
    """Return the governance scorecard at several years."""
    governance = review.pack.governance if review.pack.has("governance") else None
    years = _scorecard_years(review)
    table = monitor.governance_scorecard(
        review.pack.tables, years, review.vocabulary.codes("barrier"), governance=governance
    )
    now = table[table["year"] == review.year].set_index("measure")
    then = table[table["year"] == years[0]].set_index("measure")
    both = pd.DataFrame(
        {
            "label": now["label"],
            "change": now["share"] - then["share"],
            "words": [
                f"from {int(a.met)} of {int(a.of)} to {int(b.met)} of {int(b.of)}"
                for a, b in zip(_each_row(then), _each_row(now), strict=True)
            ],
        }
    ).dropna()
    ranked = both.sort_values("change", kind="stable")
    weakest = now.dropna(subset=["share"]).sort_values("share", kind="stable")
    fallen = ranked[ranked["change"] <= -LEAST_MOVE]
    risen = ranked[ranked["change"] >= LEAST_MOVE]
    unknown = now[now["share"].isna()]
    title = (
        f"Weakest in {review.year}: {inside(weakest['label'].iloc[0])} ({int(weakest['met'].iloc[0])} of {int(weakest['of'].iloc[0])})"
        if len(weakest)
        else "Nothing can be scored"
    )
    words = [f"{title}."]
    if len(fallen):
        words.append(
            f"Most fallen since {years[0]}: {inside(fallen['label'].iloc[0])}, {fallen['words'].iloc[0]}."
        )
    if len(risen):
        words.append(f"Most risen: {inside(risen['label'].iloc[-1])}, {risen['words'].iloc[-1]}.")
    if len(unknown):
        words.append(f"Not on record or nothing to count: {listing([inside(x) for x in unknown['label']])}.")
    cells = table.assign(mark=["–" if pd.isna(r.share) else f"{r.met} of {r.of}" for r in _each_row(table)])
    return Section(
        answer=" ".join(words),
        charts={
            "scorecard": charts.scorecard(
                cells,
                title=title,
                subtitle="So many of so many at the end of each year; darker is better; – not on record or nothing to count",
                source=f"region pack {review.pack.id}: governance, policies, services, actions",
                description=f"{title}. Shares of {len(monitor.SCORECARD)} measures in {', '.join(map(str, years))}.",
            )
        },
        tables={
            "scorecard": Table(
                table,
                "Governance scorecard over time",
                "Measures are a project convention. Roles carry no years: they count as long as their policy stands, so the past is rebuilt from the years of policies and services.",
            )
        },
        how_sure="Low to medium: earlier years are read from today's record, which knows the present better than the past.",
        to_check="Whether the roles recorded today were held by the same bodies in earlier years.",
    )


def _action_decisions(review: Review, tracked: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    return monitor.propose_decisions(
        review.pack.actions, review.pack.services, tracked, table, review.pack.decisions, review.year
    )


def _to_add(review: Review) -> pd.DataFrame:
    """Return the heaviest recommendations of step 5 whose need no running or planned action takes up."""
    table = review.earlier("plan", "recommendations")
    actions = review.pack.actions
    live = actions[
        policy.standing(actions, review.year).ne("ended") & ~actions["status"].isin(["done", "stopped"])
    ]
    taken_up = {need for needs in live["barriers_addressed"] for need in needs}
    free = table[table["need"].notna() & ~table["need"].isin(taken_up) & table["status"].eq("proposed")]
    free = free.sort_values("rank", kind="stable").drop_duplicates("need").head(MOST_ADDED)
    return pd.DataFrame(
        {
            "action_id": free["recommendation_id"], "title": free["title"], "state": "not begun", "proposal": "add",
            "because": free["why"], "decision": "", "decided_by": "", "decided_on": "",
        }
    )  # fmt: skip


def action_decisions(review: Review) -> Section:
    """Return for each action what was decided, or what the records suggest to discuss; and what could be added."""
    table = _action_decisions(review, _tracked(review), _alerts(review))
    added = _to_add(review)
    decided = table[table["decision"] != ""]
    open_rows = table[(table["decision"] == "") & (table["state"] != "finished")]
    finished = table[(table["decision"] == "") & (table["state"] == "finished")]
    asked = open_rows["proposal"].value_counts()
    words = [
        f"{len(decided) or 'None'} of {count(len(table), 'action')} {'have' if len(decided) > 1 else 'has'} a decision on record."
    ]
    if len(open_rows):
        words.append(
            f"For the {'one' if len(open_rows) == 1 else len(open_rows)} that still {'runs' if len(open_rows) == 1 else 'run'} without one the records suggest: "
            f"{listing([f'{verb} ({n})' for verb, n in asked.items()])}."
        )
    adapt = open_rows[open_rows["proposal"] == "adapt"]
    if len(adapt):
        words.append(
            f"To adapt: {listing([f'{plain(r.title)} ({plain(r.because)})' for r in _each_row(adapt)], most=3)}."
        )
    if len(added):
        words.append(
            f"To consider adding, from step 5, as no running or planned action takes up the need: {listing([plain(t) for t in added['title']], most=3)}."
        )
    if len(finished):
        words.append(
            f"{count(len(finished), 'action')} {_be(len(finished))} over and {'waits' if len(finished) == 1 else 'wait'} for a look at the effect."
        )
    return Section(
        answer=" ".join(words),
        tables={
            "action_decisions": Table(
                _flat(stack([table, added])).fillna({"services_gone": "", "alerts": ""}),
                "Continue, adapt, stop or add: what was decided, and what the records suggest",
                f"add: the up to {MOST_ADDED} heaviest recommendations of step 5 for needs that no action takes up, under their own ids. A proposal is where to start the talk, by fixed rules; only decisions.csv holds decisions.",
            )
        },
        how_sure="Low: most actions are measured by nothing, so ‘continue’ often means that nothing is known against them.",
        to_check="The actions that are over: what came of them?",
    )


def calendar(review: Review) -> Section:
    """Return the next dates of the review."""
    table = monitor.review_calendar(
        _day(review),
        {n: review.pack.tables[n] for n in ("policies", "services", "actions")},
        _alerts(review),
        _tracked(review),
    )
    names = _names(review)
    own = table[table["rests_on"] == "the pack"]
    table = table.assign(name=[names.get(s, "") for s in table["subject"]])
    first = table.iloc[0]
    full = table[table["what"].str.startswith("Keep a snapshot")].iloc[0]
    return Section(
        answer=f"Next: {first['date']}, {inside(first['what'])}. The full review of all six steps is due on {full['date']}. "
        f"Within two years the region's own record adds {count(len(own), 'date')}"
        + (f", the first on {own['date'].iloc[0]} ({inside(plain(own['what'].iloc[0]))} {plain(names.get(own['subject'].iloc[0], own['subject'].iloc[0]))})" if len(own) else "")
        + ".",
        tables={
            "calendar": Table(
                table[["date", "what", "subject", "name", "rests_on"]],
                "Review calendar",
                "Cycle of three, six and twelve months: project convention. Years on record are taken to end on 31 December.",
            )
        },
        how_sure="High for the arithmetic; the cycle is ours to propose and the region's to set.",
        to_check="Whether the cycle fits the meetings that take place anyway.",
    )  # fmt: skip
