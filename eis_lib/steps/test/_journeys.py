"""Whether every persona gets from intent to outcome, and what it meets on the way."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import journey
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import LongTable, Section, Table, plain
from eis_lib.steps.shared.landscape import (
    View,
    journey_stages,
    provider_names,
    service_names,
    view,
    walk_journeys,
)
from eis_lib.steps.shared.words import _be, _cap, _label, _pct, _two_lines
from eis_lib.steps.test._view import _personas, _source


def journeys(review: Review, *, year: int | None = None) -> Section:
    """Return what every persona meets on its way from intent to outcome."""
    now = view(review, year)
    walked, recorded = walk_journeys(review, now)
    measures = walked.outcomes
    people = _personas(review)
    done = journey.completion(measures)
    through = measures[measures["reach"] == 1]
    stuck = measures[measures["reach"] == 0]
    cold = int(through["cold_hand_offs"].sum())
    moves = int(through["hand_offs"].sum())
    met, wanted = int(through["needs_met"].sum()), int(through["needs"].sum())
    lost = [
        f"{inside(plain(people[str(row.persona_id)]))} (at *{inside(_label(review, 'journey_stage', row.no_way_at))}*)"
        for row in _each_row(stuck)
    ]
    answer = (
        f"**{_pct(done)}** of the SMEs the personas stand for find some support at every stage up to their goal ({len(through)} of "
        f"{len(measures)} personas), in {through['steps'].mean():.1f} services on average; {cold} of {count(moves, 'hand-off')} on the best "
        f"paths {_be(cold)} cold, and the best paths meet {met} of {wanted} needs. "
        if len(through)
        else f"**No persona** finds support at every stage up to its goal ({len(measures)} personas). "
    )
    if lost:
        answer += f"Lost: {listing(lost, most=5)}. "
    answer += (
        f"{_cap(_handed_on(recorded, now))}."
        if recorded is not None
        else f"No referral between services of {now.year} is on record, so every way on is assumed to be found by the firm itself."
    )
    tables = {
        "journeys": _journey_table(review, walked, recorded),
        "journey_paths": _path_table(review, walked),
        "orphans": _orphan_table(review, walked),
    }
    loops = recorded.loops if recorded is not None else ()
    if loops:
        answer += f" {count(len(loops), 'loop')} on recorded routes: " + listing(
            [" → ".join(plain(service_names(review)[s]) for s in ring) for ring in loops], most=2
        )
        answer += "."
    return Section(
        answer=answer,
        charts={"journey_map": _journey_chart(review, now, walked)},
        tables=tables,
        how_sure="low to medium; these are designed journeys, read off the catalogue. No observed journey (interview, mystery shopping) is on "
        "record; where one is, the difference is the finding.",
        to_check="Ask two or three real firms like the personas that are lost which doors they tried.",
    )


def _handed_on(recorded: journey.Journeys, now: View) -> str:
    """Return in words how many firms get through without finding a second door, and whether a referral takes them there."""
    best = recorded.best
    by_referral = set(best.loc[~best["way"].isin([journey.STAYS, journey.SELF_FOUND]), "persona_id"])
    is_sent = recorded.outcomes["persona_id"].isin(by_referral)
    sent = journey.completion(recorded.outcomes.assign(sent=recorded.outcomes["reach"] * is_sent), "sent")
    done = journey.completion(recorded.outcomes)
    referrals = 0 if now.referrals is None else len(now.referrals)
    return (
        f"without finding a second door by themselves {_pct(done)} get there, {_pct(done - sent)} of all with one service throughout and "
        f"{_pct(sent)} by {'the referral' if referrals == 1 else f'one of the {referrals} referrals'} on record"
    )


def _journey_table(review: Review, walked: journey.Journeys, recorded: journey.Journeys | None) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.measures.copy()
        frame.insert(1, "persona", frame["persona_id"].map(_personas(review)))
        if recorded is not None:
            only = recorded.measures.set_index("persona_id")
            frame["reach_recorded"] = frame["persona_id"].map(only["reach"])
            frame["dead_ends_recorded"] = frame["persona_id"].map(only["dead_ends"])
            frame["loops"] = frame["persona_id"].map(only["loops"])
        else:
            frame["reach_recorded"] = math.nan
            frame["dead_ends_recorded"] = math.nan
        frame = frame.rename(columns={"loops": "loops_recorded"})
        for column in (
            "steps", "hand_offs", "cold_hand_offs", "services_off_need", "needs_met", "prices_unknown", "days_unknown", "repeated_requests",
            "typical_steps", "reach_recorded", "dead_ends_recorded", "loops_recorded",
        ):  # fmt: skip
            frame[column] = frame[column].astype("float64").astype("Int64")
        frame = frame.sort_values(
            ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
        )
        order = [
            "persona_id", "persona", "weight", "start_stage", "goal_stage", "reach", "lost_at", "steps", "hand_offs", "cold_hand_offs", "needs_met",
            "needs", "services_off_need", "out_of_pocket_eur", "prices_unknown", "elapsed_days", "days_unknown", "repeated_requests",
            "choice_load", "choice_stage", "choice_type", "typical_done", "typical_steps", "open_services", "dead_ends", "reach_recorded",
            "dead_ends_recorded", "loops_recorded", "rests_on_unknown", "basis",
        ]  # fmt: skip
        return frame[order].reset_index(drop=True)

    return LongTable(
        write,
        lambda: len(walked.walked),
        "What each persona meets, those that are lost first",
        "Measures of the best path (fewest services, then fewest that meet no need, then fewest cold hand-offs). Money and days are lower "
        "bounds where prices or days are unknown; empty: not recorded, or no path. The typical path is that of a firm that knows only "
        "the next door (project convention).",
    )


def _path_table(review: Review, walked: journey.Journeys) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.paths.copy()
        names, bodies = service_names(review), provider_names(review, 60)
        giver = dict(
            zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True)
        )
        frame["service"] = frame["service_id"].map(names)
        frame["provider"] = [bodies.get(giver[s], giver[s]) for s in frame["service_id"]]
        return frame

    return LongTable(
        write,
        lambda: len(walked.paths),
        "Best and typical path of each persona",
        "Designed journeys on all routes; way: how the firm gets to the node.",
    )


def _orphan_table(review: Review, walked: journey.Journeys) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.orphans.copy()
        frame.insert(1, "service", frame["service_id"].map(service_names(review)))
        return frame

    return LongTable(
        write,
        lambda: len(walked.orphans),
        "Services that no persona gets to",
        "A sign that a persona is missing, or that a service is for firms that the personas do not stand for.",
    )


def _journey_chart(review: Review, now: View, walked: journey.Journeys) -> Any:
    people = _personas(review)
    place = {code: n for n, code in enumerate(journey_stages(review))}
    best: dict[str, list[Any]] = {}
    for node in _each_row(walked.best):
        best.setdefault(node.persona_id, []).append(node)
    order = walked.outcomes.sort_values(
        ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
    )
    nodes, links, ends = [], [], []
    for row in _each_row(order):
        label = people[str(row.persona_id)]
        before = None
        for node in best.get(str(row.persona_id), ()):
            x = place[str(node.stage)]
            same = node.way == journey.STAYS
            nodes.append((label, x, "same service" if same else "new service"))
            if before is not None and x != before:
                way = (
                    "same service" if same
                    else "same organisation" if node.hand_off == "none"
                    else "warm hand-over" if node.hand_off == "warm"
                    else "cold hand-off"
                )  # fmt: skip
                links.append((label, before, x, way))
            before = x
        if row.reach:
            cold = int(row.cold_hand_offs)
            mark = f"{count(int(row.steps), 'service')}, {cold} cold; {int(row.needs_met)} of {row.needs} needs met"
            ends.append((label, float(before or 0), mark, True))
        else:
            ends.append((label, float(place[str(row.no_way_at)]), "lost: nothing open at this stage", False))
    ends_frame = pd.DataFrame(ends, columns=["persona", "x", "mark", "reached"])
    ends_frame["x"] = [
        float(len(place) - 1) if reached else x
        for x, reached in zip(ends_frame["x"], ends_frame["reached"], strict=True)
    ]
    done = journey.completion(walked.outcomes)
    stuck = int((walked.outcomes["reach"] == 0).sum())
    title = f"Personas for {_pct(done)} of SMEs find some support at every stage to their goal" + (
        f"; {stuck} of {len(order)} do not" if stuck else ""
    )
    return charts.journey_map(
        pd.DataFrame(nodes, columns=["persona", "x", "changes"]),
        pd.DataFrame(links, columns=["persona", "x", "x2", "way"]),
        ends_frame,
        [_two_lines(_label(review, "journey_stage", c)) for c in journey_stages(review)],
        title=title,
        subtitle=f"Best path of each persona on {walked.basis}, {now.year}. Large dot: a new service; thick line: the same service goes on; "
        "dotted: the firm changes organisation without being handed over",
        source=_source(review, now),
        description=f"{title}. Best paths of {len(order)} personas across {len(place)} stages, with hand-offs between organisations marked.",
    )
