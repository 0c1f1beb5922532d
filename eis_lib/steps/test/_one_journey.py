"""Whether one chosen persona gets through: its best and typical path, drawn step by step."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import journey
from eis_lib.pack.frames import _each_row
from eis_lib.pack.schema import nearest_of
from eis_lib.pack.settings import ParameterError
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.shared.landscape import View, provider_names, service_names, view, walk_journeys
from eis_lib.steps.shared.words import _label, _short_name
from eis_lib.steps.test._judged import _judge
from eis_lib.steps.test._view import _one, _personas, _source


def persona_choices(review: Review) -> dict[str, str]:
    """Return what the persona control offers: name → id."""
    return {"the one hardest to serve": "", **{name: key for key, name in _personas(review).items()}}


def _hardest(measures: pd.DataFrame) -> str:
    """Return the persona that is hardest to serve: no way through first, then the smallest share of needs met, then weight."""
    share = (measures["needs_met"] / measures["needs"]).fillna(0)
    ranked = measures.assign(share=share).sort_values(
        ["reach", "share", "weight", "persona_id"], ascending=[True, True, False, True], kind="stable"
    )
    return str(ranked["persona_id"].iloc[0])


def one_journey(review: Review, *, persona: str | None = None, year: int | None = None) -> Section:
    """Return one persona's best and typical path, drawn step by step."""
    now = view(review, year)
    walked, _ = walk_journeys(review, now)
    people = _personas(review)
    wanted = persona or review.parameters.persona or _hardest(walked.measures)
    if wanted not in people:
        nearest = nearest_of(wanted, list(people))
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise ParameterError(f"workbook 'test': persona: holds '{wanted}'.{hint} Known: {', '.join(people)}.")
    row = _one(walked.measures, wanted)
    who = _one(review.common.personas, wanted)
    cells = _judge(review, now).cells
    own = cells[cells["persona_id"] == wanted]
    unmet = own[own["status"] == gap_rules.GAP]
    goal = inside(_label(review, "journey_stage", row.goal_stage))
    answer = f"*{plain(people[wanted])}*: {plain(who.story)} "
    if row.reach:
        price = (
            "unknown" if math.isnan(row.out_of_pocket_eur)
            else f"at least {row.out_of_pocket_eur:,.0f} EUR" if row.prices_unknown
            else f"{row.out_of_pocket_eur:,.0f} EUR"
        )  # fmt: skip
        answer += (
            f"It can reach *{goal}* with **{count(int(row.steps), 'service')}** and {count(int(row.hand_offs), 'hand-off')} "
            f"({int(row.cold_hand_offs)} cold), which meet {int(row.needs_met)} of its {int(row.needs)} needs; out of pocket: {price}. "
        )
    else:
        answer += (
            f"**It cannot be supported up to *{goal}***: nothing on record is open to it at "
            f"*{inside(_label(review, 'journey_stage', row.lost_at))}*. "
        )
    listed = listing(
        list(dict.fromkeys(f"{inside(_label(review, 'barrier', c.need))} ({inside(_label(review, 'gap_kind', c.kind))})" for c in _each_row(unmet))),
        most=4,
    )  # fmt: skip
    answer += (
        f"Needs without service: {listed}."
        if len(unmet)
        else "Every need has a service on record where it bites, or the records can not tell."
    )
    return Section(
        answer=answer,
        charts={"one_journey": _one_chart(review, now, walked, wanted)},
        how_sure="low; the persona is an invented firm and the path is read off the catalogue. "
        + (
            "Prices are "
            + ("known." if row.reach and not row.prices_unknown else "not all known; sums are lower bounds.")
        ),
        to_check="Whether the providers on the best path would take this firm, and whether they know of each other.",
    )


def _one_chart(review: Review, now: View, walked: journey.Journeys, wanted: str) -> Any:
    people, walk = _personas(review), walked.walkers[wanted]
    row = _one(walked.measures, wanted)
    best = _path_rows(review, now, walked, row, "best") if row.reach else _open_stages(review, walk)
    rows = [*best, *_path_rows(review, now, walked, row, "typical")]
    steps = pd.DataFrame(rows, columns=["path", "y", "label", "detail", "node", "way", "cold"])
    title = f"{people[wanted]}: " + (
        f"{count(int(row.steps), 'service')} and {count(int(row.cold_hand_offs), 'cold hand-off')} on the best path"
        if row.reach
        else f"no way through with the {count(len(walk.usable), 'service')} open to it"
    )
    return charts.journey_of(
        steps,
        title=title,
        subtitle=f"Designed journey on {walked.basis}, {now.year}; dashed orange: the firm changes organisation without being handed over",
        source=_source(review, now),
        description=f"{title}. " + "; ".join(f"{r.path}: {r.label}" for r in _each_row(steps))[:600],
    )


def _path_rows(
    review: Review, now: View, walked: journey.Journeys, row: Any, path: str
) -> list[tuple[Any, ...]]:
    """Return a path of a persona as rows of the picture of a journey: start, services and how it ends."""
    names, bodies = service_names(review), provider_names(review, 30)
    giver = dict(zip(now.services["service_id"], now.services["provider_id"], strict=True))
    ways = {journey.STAYS: "stays with it", journey.SELF_FOUND: "found alone"}
    own = walked.paths[(walked.paths["persona_id"] == row.persona_id) & (walked.paths["path"] == path)]
    heading = "Best path" if path == "best" else "Typical path (knows only the next door)"
    start = _label(review, "journey_stage", row.start_stage)
    rows: list[tuple[Any, ...]] = [
        (heading, 0, "Start: a firm with a plan", f"enters at “{start}”", "start", "", False)
    ]
    for _, nodes in groupby(_each_row(own), key=lambda node: node.service_id):
        first, *others = nodes
        span = _label(review, "journey_stage", first.stage)
        if others:
            span += f" → {inside(_label(review, 'journey_stage', others[-1].stage))}"
        way = ways.get(first.way, inside(_label(review, "referral_kind", first.way)))
        change = {"none": way, "warm": "warm hand-over", "cold": "cold hand-off"}[first.hand_off]
        rows.append(
            (
                heading,
                len(rows),
                _short_name(names[first.service_id], 40),
                f"{span}\n{bodies.get(giver[first.service_id], '')} · {change}",
                "service",
                change,
                first.hand_off == "cold",
            )
        )
    if path == "best" or row.typical_done:
        goal = _label(review, "journey_stage", row.goal_stage)
        rows.append((heading, len(rows), "Outcome", f"support up to “{goal}”", "outcome", "", False))
    else:
        stage = _label(review, "journey_stage", row.lost_at)
        rows.append((heading, len(rows), "Lost", f"nothing open at “{stage}”", "lost", "", True))
    return rows


def _open_stages(review: Review, walk: journey.Walker) -> list[tuple[Any, ...]]:
    """Return what is open to a persona at each stage of its journey, as rows of the picture of a journey."""
    names = service_names(review)
    rows: list[tuple[Any, ...]] = []
    for y, (stage, services) in enumerate(walk.at_stage.items()):
        titles = [names[walk.land.ids[s]] for s in services]
        rows.append(
            (
                "What is open to it, stage by stage",
                y,
                _label(review, "journey_stage", walk.land.stage_codes[stage]),
                listing([_short_name(t, 44) for t in titles], most=1)
                if titles
                else "nothing on record is open to it",
                "service" if titles else "lost",
                "",
                False,
            )
        )
    return rows
