"""Step 5, plan: what to do, in which order, for how much, and who answers for it.

Tables left for later steps (lists joined by ``;``; money in euros, values are shares of weighted demand):

- ``chain``: one row per action of the plan: finding, lesson, action, indicator, what the region published.
- ``recommendations``: one row per ``recommendation_id``; see :func:`eis_lib.recommendation.recommend`.
- ``options``: one row per (``pair_id``, ``option``); see :func:`eis_lib.recommendation.list_options`.
- ``simplification``: one row per service: ``verdict`` ∈ keep, could go, held; ``why``, ``could_go_alone``.
- ``who_loses``: one row per service that could go: what goes with it.
- ``landscapes``: one row per measure: as it is, slimmed, slimmed with the proposals.
- ``journeys_to_be``: one row per (``persona_id``, ``landscape``).
- ``priorities``: one row per recommendation that is ranked: scores and ranks under three methods.
- ``portfolio``: one row per action that could be chosen; ``costs_unknown``: those without a published cost.
- ``action_plan``: one row per action, in the fields of the Interreg Europe template; ``action_plan_checks``.
- ``raci``, ``plan_indicators``, ``funding``, ``published_and_proposed``, ``findings``.

What the review proposes is a proposal until a decision on record says otherwise; what the region did or planned
(``actions.csv``) is never mixed with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib import choice, gaps, journey, landscape
from eis_lib import portfolio as programme
from eis_lib import recommendation as advice
from eis_lib.charts import plan as charts
from eis_lib.charts.plan import AS_IS, PROPOSED, TO_BE
from eis_lib.language import gettext, later
from eis_lib.recommendation import split
from eis_lib.section import (
    Review,
    Section,
    Table,
    count,
    findings_frame,
    listing,
    once_per_review,
    plain,
    stack,
)
from eis_lib.vocabulary import inside

DRAWN = 10
"""Recommendations a chart shows; all are in the table."""

CRITERIA: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "value": ("Demand met", 1),
        "firms": ("Firms touched", 1),
        "evidence_grade": ("Evidence elsewhere", 1),
        "effort": ("Little effort", -1),
        "certainty": ("Certainty here", 1),
    }
)
"""Criterion → (words, direction)."""

SWINGS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "balanced": {"value": 100, "firms": 60, "evidence_grade": 50, "effort": 60, "certainty": 30},
        "need": {"value": 100, "firms": 60, "evidence_grade": 20, "effort": 20, "certainty": 20},
        "quick-wins": {"value": 60, "firms": 50, "evidence_grade": 30, "effort": 100, "certainty": 30},
        "evidence": {"value": 60, "firms": 30, "evidence_grade": 100, "effort": 30, "certainty": 60},
    }
)
"""Swing points by emphasis (project convention): 100 for the swing from worst to best that matters most."""

EMPHASES: Mapping[str, str] = MappingProxyType(
    {
        "Balanced": "balanced",
        "The need first": "need",
        "Quick wins first": "quick-wins",
        "Evidence first": "evidence",
    }
)
LEVELS: Mapping[str, str] = MappingProxyType(
    {"All services": "all", "Only those of local and regional bodies": "own"}
)
SCOPES: Mapping[str, str] = MappingProxyType(
    {"What can still be decided": "ahead", "All published actions, looking back": "back"}
)

BUDGETS: Mapping[str, float | None] = MappingProxyType(
    {
        "As the parameters say": None,
        **{
            f"EUR {amount:,}": float(amount)
            for amount in (50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000)
        },
    }
)
_EFFORT = MappingProxyType({"low": 1.0, "medium": 2.0, "high": 3.0})
_SURE = MappingProxyType({"low": 0.0, "medium": 1.0, "high": 2.0})


# ------------------------------------------------------------------------------------------------ what all sections share


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples(index=False))


def _label(review: Review, scheme: str, code: object) -> str:
    return review.vocabulary.label(scheme, str(code))


def _pct(share: float, digits: int = 0) -> str:
    return "an unknown share" if math.isnan(share) else f"{share:.{digits}%}"


def _money(euros: float) -> str:
    if math.isnan(euros):
        return "not published"
    return f"EUR {euros / 1e6:,.4g} million" if euros >= 1e6 else f"EUR {euros:,.0f}"


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _bodies(review: Review) -> dict[str, str]:
    """Return provider id → name in English."""
    return {row.provider_id: _text(row.name_en) or str(row.name) for row in _each(review.pack.providers)}


def _first_year(review: Review) -> int:
    first: int | None = review.parameters.first_year
    return first if first is not None else review.year + 1


def _source(review: Review) -> str:
    return gettext(
        "region pack {region}, steps 2 to 4 of this review; codes and severities are our own"
    ).format(region=review.pack.id)


def _evidence(review: Review) -> advice.Evidence:
    pack = review.pack
    return advice.Evidence(
        findings=stack([review.earlier(step, "findings") for step in ("examine", "test", "compare")]),
        gaps=review.earlier("test", "gaps"),
        gap_cells=review.earlier("test", "gap_cells"),
        candidates=review.earlier("test", "candidates"),
        matches=review.earlier("compare", "practice_matches"),
        remarks=pack.peer_reviews,
        decisions=pack.decisions,
        support_type_barriers=review.common.support_type_barriers,
        services=pack.services,
    )


@once_per_review
def _proposals(review: Review) -> pd.DataFrame:
    """Return all recommendations, those turned down included."""
    return advice.recommend(_evidence(review), review.vocabulary, review.common.personas)


def _open(proposals: pd.DataFrame) -> pd.DataFrame:
    """Return the recommendations that are actions to rank: not turned down, not homework, not a settled *keep*."""
    gone = proposals["status"].isin(advice.TURNED_DOWN) | (proposals["option"] == "keep")
    return proposals[~gone].reset_index(drop=True)


def _status_words(review: Review, row: Any) -> str:
    if row.status == advice.PROPOSED:
        return "proposed"
    return f"{inside(_label(review, 'decision', row.status))} by {row.decided_by}"


# ------------------------------------------------------------------------------------------------ recommendations


def recommendations(review: Review) -> Section:
    """Return the recommendations that follow from the findings, each with what it rests on."""
    proposals = _proposals(review)
    if proposals.empty:
        return Section(
            "The steps before left no finding that a recommendation could rest on.",
            tables={"recommendations": _recommendation_table(proposals)},
            how_sure="low; an empty inventory says nothing about the region.",
        )
    todo = _open(proposals)
    decided = int((proposals["status"] != advice.PROPOSED).sum())
    taught = int((todo["lessons"] != "").sum())
    kinds = todo["option"].value_counts()
    parts = [
        f"{kinds[o]} to {inside(_label(review, 'decision', o))}" for o in charts.OPTION_COLOURS if o in kinds
    ]
    answer = (
        f"**{count(len(todo), 'recommendation')}** follow from the findings: {listing(parts, 7)}. "
        f"{taught or 'None'} of them can lean on a lesson from a partner region or from peers. "
        + (
            f"People have decided on {decided}; the rest are proposals."
            if decided
            else "Nobody has decided on any of them: all are proposals."
        )
        + " No closure is recommended because two services look alike."
    )
    return Section(
        answer=answer,
        tables={"recommendations": _recommendation_table(proposals)},
        how_sure="low to medium; most rest on candidates that nobody has validated, and every one names its findings.",
        to_check="Read the findings behind the first three, then record a decision on each in decisions.csv (subject: recommendation).",
    )


def _recommendation_chart(review: Review, todo: pd.DataFrame) -> dict[str, Any]:
    """Return the chart of the first recommendations, unless none bears on any demand."""
    drawn = todo.head(DRAWN)
    if drawn.empty or not float(drawn["value"].max()) > 0:
        return {}
    top = drawn.iloc[0]
    title = f"Weightiest of {count(len(todo), 'recommendation')}: {inside(_short_title(top['title']))}"
    chart = charts.recommendation_bars(
        pd.DataFrame(
            {
                "label": [_short_title(t) for t in drawn["title"]],
                "value": drawn["value"],
                "option": drawn["option"],
                "option_label": [_label(review, "decision", o) for o in drawn["option"]],
                "note": [_bar_note(r) for r in _each(drawn)],
            }
        ),
        title=title,
        subtitle=f"{'All' if len(drawn) == len(todo) else f'First {len(drawn)} of'} {len(todo)} recommendations; beside the bar: where the lesson comes from",
        source=_source(review),
        description=f"{title}: {_pct(float(top['value']), 1)} of weighted demand times severity. {len(todo)} recommendations in all.",
    )
    return {"recommendations": chart}


def _bar_note(row: Any) -> str:
    if row.practice_id:
        return f"{row.practice_region}, evidence {int(row.evidence_grade)} of 4"
    return "peers’ remark" if row.lessons else "no lesson found"


def _recommendation_table(proposals: pd.DataFrame) -> Table:
    frame = proposals.copy()
    frame.insert(0, "rank", range(1, len(frame) + 1))
    return Table(
        frame.round({"weight": 6, "value": 6, "firms": 6, "context_fit": 4}),
        "Recommendations, those that bear on most demand first",
        "Value: share of weighted demand × severity of the kind of gap (look-alike doors weigh "
        f"{advice.SHARED_DOOR:g}; project conventions). Evidence grade 0 where no practice was found. Status ‘proposed’ until a person decides.",
    )


def options(review: Review) -> Section:
    """Return what can be done about each pair of look-alikes, and which options are open now."""
    pairs = review.earlier("test", "candidates")
    table = advice.list_options(pairs)
    shut = int(table["open"].str.startswith("no").sum())
    validated = pairs[pairs["status"].map(lambda s: advice.is_validated(str(s))).astype(bool)]
    waiting = len(pairs) - len(validated) - int((pairs["status"] == "rejected").sum())
    answer = (
        (
            f"For **{count(waiting, 'pair')}** that nobody has checked, two options are open: keep both, or coordinate. "
            if waiting
            else "No pair waits to be checked. "
        )
        + f"{len(validated) or 'None'} {'has' if len(validated) == 1 else 'have'} been confirmed by people; only there can merging, transfer or "
        "redesign be talked about, and closing only once the effects are assessed."
        if len(pairs)
        else "Step 3 found no pair of services that look alike."
    )
    return Section(
        answer=answer,
        tables={
            "options": Table(
                table,
                "Options for every pair of look-alikes, and which are open now",
                f"After GAO-15-49SP: similarity is a reason to look, never to close. {shut} options are shut for now.",
            )
        },
        how_sure="high; this is the rule applied to the decisions on record.",
        to_check="Ask both providers of each confirmed pair which firms would lose a door.",
    )


# ------------------------------------------------------------------------------------------------ simplification


@dataclass(frozen=True)
class Slim:
    """The landscape of the plan and what is left of it when only what is needed stays.

    ``services`` are those for firms of the region in the year; ``cells`` their verdicts as it is; ``serves`` says which dated
    service serves which cell; ``held`` names the services the programme may not touch, with the reason.
    """

    services: pd.DataFrame
    fits: pd.DataFrame
    cells: pd.DataFrame
    serves: pd.DataFrame
    held: Mapping[str, str]
    cover: programme.Cover
    alone: tuple[str, ...]
    greedy: tuple[str, ...]

    @property
    def left(self) -> pd.DataFrame:
        """Return the services that stay."""
        return self.services[~self.services["service_id"].isin(self.cover.removed)].reset_index(drop=True)


@once_per_review
def _services(review: Review) -> pd.DataFrame:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    return landscape.reaches_smes(landscape.in_force(listed, review.year))


def _fits(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    return journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)


def _referrals(review: Review) -> pd.DataFrame | None:
    return review.pack.referrals if review.pack.has("referrals") else None


def _judged(review: Review, services: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    cells = review.earlier("test", "gap_cells")[["persona_id", "stage", "need", "weight"]]
    coding = review.common.support_type_barriers
    untold = landscape.untold_needs(services, review.vocabulary.codes("barrier"), coding)
    return gaps.judge_cells(cells, services, fits, _referrals(review), untold=untold)


@once_per_review
def _slim(review: Review, redundancy: int | None = None, levels: str = "all") -> Slim:
    services = _services(review)
    fits = _fits(review, services)
    cells = _judged(review, services, fits)
    over = frozenset().union(*landscape.umbrellas(review.pack.services).values())
    open_to = {
        (f.persona_id, f.service_id) for f in _each(fits) if f.eligible == "yes" and f.reachable != "no"
    }
    counted = [s for s in _each(services) if s.dating != landscape.NO_START and s.service_id not in over]
    labels = [f"{c.persona_id}|{c.stage}|{c.need}" for c in _each(cells)]
    serves = pd.DataFrame(
        {
            s.service_id: [
                c.stage in s.journey_stages
                and c.need in s.need_area
                and (c.persona_id, s.service_id) in open_to
                for c in _each(cells)
            ]
            for s in counted
        },
        index=labels,
        dtype=bool,
    )
    held = _held(review, services, serves, over, levels)
    r = review.parameters.redundancy if redundancy is None else redundancy
    asked = pd.Series(r, index=serves.index)
    extra, demand = _capacity_cells(services, serves)
    requires = [
        (s.service_id, other)
        for s in counted
        for other in (s.requires if isinstance(s.requires, tuple) else ())
        if other in serves.columns
    ]
    worth = serves.mul(cells["weight"].to_numpy(), axis=0).sum()
    cover = programme.solve_cover(
        pd.concat([serves, extra]),
        redundancy=pd.concat([asked, pd.Series(0, index=extra.index)]).astype("int64"),
        protected=[s for s in held if s in serves.columns],
        requires=requires,
        capacity=services.set_index("service_id")["capacity_per_year"].astype("float64"),
        demand=demand,
        worth=worth,
    )
    kept_alone = programme.removable_alone(serves, cover.required, tuple(held), requires)
    return Slim(services, fits, cells, serves, held, cover, kept_alone, programme.greedy_cover(serves))


def _held(
    review: Review, services: pd.DataFrame, serves: pd.DataFrame, over: frozenset[str], levels: str
) -> dict[str, str]:
    """Return the services that stay whatever the programme says, with the reason."""
    names = set(services["service_id"])
    held = dict.fromkeys(
        sorted(over & names), "part of a scheme: the parts are looked at, not the name over them"
    )
    for s in _each(services):
        if s.dating == landscape.NO_START:
            held.setdefault(
                s.service_id, "not even a first year is on record: can not be counted on, nor let go"
            )
    for service in serves.columns[~serves.any(axis=0)]:
        held.setdefault(str(service), "serves none of the personas’ needs: the personas can not judge it")
    decisions = review.pack.decisions
    for d in _each(
        decisions[(decisions["subject_kind"] == "candidate") & (decisions["decision"] == "kept-on-purpose")]
    ):
        for side in str(d.subject_id).split("~"):
            if side in names:
                held.setdefault(side, f"kept on purpose ({d.decided_by}, {d.date})")
    if levels == "own":
        level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
        for s in _each(services):
            if level.get(s.provider_id) not in ("local", "regional"):
                held.setdefault(
                    s.service_id, "not for the region to decide: its provider is national or European"
                )
    return held


def _capacity_cells(services: pd.DataFrame, serves: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return one cell per stage and need whose firms must still find room: demand is today's take-up, where all of it is known."""
    rows, demand = {}, {}
    known = services[services["service_id"].isin(serves.columns)]
    for stage, need in sorted({(s, n) for r in _each(known) for s in r.journey_stages for n in r.need_area}):
        here = known[
            [
                stage in s and need in n
                for s, n in zip(known["journey_stages"], known["need_area"], strict=True)
            ]
        ]
        taken = here["take_up_per_year"].astype("float64")
        if taken.notna().all() and here["capacity_per_year"].notna().all():
            rows[f"firms|{stage}|{need}"] = serves.columns.isin(here["service_id"])
            demand[f"firms|{stage}|{need}"] = float(taken.sum())
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(serves.columns)).astype(bool)
    return frame, pd.Series(demand, dtype="float64")


@dataclass(frozen=True)
class Walk:
    """Personas in one landscape: on all routes, and on recorded referrals alone where there are any."""

    cells: pd.DataFrame
    free: journey.Journeys
    recorded: journey.Journeys | None


def _walk(review: Review, services: pd.DataFrame) -> Walk:
    fits = _fits(review, services)
    referrals = _referrals(review)

    land = journey.build_landscape(
        services, review.pack.providers, review.vocabulary, referrals, self_found=True
    )
    free = journey.walk_all(land, review.common.personas, fits)
    return Walk(
        _judged(review, services, fits),
        free,
        free.on_recorded_routes() if referrals is not None else None,
    )


@once_per_review
def _walk_as_it_is(review: Review) -> Walk:
    return _walk(review, _services(review))


@once_per_review
def _walk_slimmed(review: Review, redundancy: int | None = None, levels: str = "all") -> Walk:
    return _walk(review, _slim(review, redundancy, levels).left)


def _with_proposals(review: Review, services: pd.DataFrame, todo: pd.DataFrame) -> pd.DataFrame:
    """Return the services and, for each proposal that fills a gap, one more that works as meant for the firms of the gap."""
    personas = review.common.personas.set_index("persona_id")
    lead = _lead(review)
    rows = []
    for r in _each(todo[(todo["kind"] == "gap") & todo["option"].isin(["add", "redesign"])]):
        firms = personas.loc[list(split(r.personas))]

        def union(column: str, firms: pd.DataFrame = firms) -> tuple[str, ...]:
            cells = [c if isinstance(c, tuple) else (c,) for c in firms[column]]
            return tuple(dict.fromkeys(code for cell in cells for code in cell))

        rows.append(
            {
                "service_id": f"proposal-{r.recommendation_id.replace(':', '-')}",
                "provider_id": lead,
                "name": r.title,
                "support_type": r.support_type or "information",
                "journey_stages": split(r.stages),
                "need_area": (r.need,),
                "modes": union("modes"),
                "sme_size": union("sme_size"),
                "experience": union("experience"),
                "sectors": (landscape.CLASS_WIDE,),
                "market_scope": union("market_scope"),
                "channel": "hybrid",
                "cost_to_sme": "free",
                "dating": landscape.DATED,
                "languages": review.pack.region.languages,
            }
        )
    if not rows:
        return services
    return pd.concat([services, pd.DataFrame(rows)], ignore_index=True)


def _hand_offs(measures: pd.DataFrame, column: str) -> float:
    """Return the mean over firms that get there and of which it is known, by weight; missing is not zero."""
    done = measures[(measures["reach"] == 1) & measures[column].notna()]
    total = float(done["weight"].sum())
    return float((done["weight"] * done[column].astype("float64")).sum() / total) if total > 0 else math.nan


def _doors(cells: pd.DataFrame) -> float:
    served = cells[cells["status"] == gaps.SERVED]
    total = float(served["weight"].sum())
    return float((served["weight"] * served["open_services"]).sum() / total) if total > 0 else math.nan


def _measures(services: pd.DataFrame, walk: Walk) -> dict[str, float]:
    prices = walk.free.measures
    return {
        "Services for firms of the region": float(len(services)),
        "Bodies that give them": float(services["provider_id"].nunique()),
        "Demand that is served (share)": gaps.coverage_share(walk.cells)[0],
        "Redundancy (share of doors beyond the first)": gaps.redundancy(walk.cells),
        "Doors per served cell (weighted mean)": _doors(walk.cells),
        "Firms that get to their goal, any way (share)": journey.completion(walk.free.measures),
        "Firms that get there on recorded referrals (share)": math.nan
        if walk.recorded is None
        else journey.completion(walk.recorded.measures),
        "Services used on the way (mean)": _hand_offs(prices, "steps"),
        "Hand-offs between bodies on the way (mean)": _hand_offs(prices, "hand_offs"),
        "Cold hand-offs on the way (mean)": _hand_offs(prices, "cold_hand_offs"),
        "Paid out of pocket on the way, euros (mean, lower bound)": _hand_offs(prices, "out_of_pocket_eur"),
        "Cost of running the services, euros a year": math.nan,
    }


def simplification(review: Review, *, redundancy: int | None = None, levels: str = "all") -> Section:
    """Return the fewest services that serve every cell now served, and who would lose what."""
    slim = _slim(review, redundancy, levels)
    r = review.parameters.redundancy if redundancy is None else redundancy
    name = plain(review.pack.region.name)
    if slim.serves.empty or slim.serves.columns.empty:
        return Section(
            f"Not one service of {name} has a first year on record, so none can be counted on and none let go.",
            tables={"simplification": Table(pd.DataFrame(columns=["service_id"]), "No service to look at")},
            how_sure="low.",
        )
    before = _walk_as_it_is(review)
    after = _walk_slimmed(review, redundancy, levels)
    removed = slim.cover.removed
    losses = _who_loses(review, slim, before)
    unhurt = int(
        ((losses["personas_lost"] == 0) & (losses["only_language"] == "") & ~losses["is_local"]).sum()
    )
    served, kept_served = gaps.coverage_share(before.cells)[0], gaps.coverage_share(after.cells)[0]
    answer = (
        f"Of **{len(slim.services)}** services in {name}, **{len(removed)}** could go together without losing any served demand, with at least "
        f"{count(r, 'service')} left for every need that has {'one' if r == 1 else 'so many'} ({_pct(served, 1)} of demand before, "
        f"{_pct(kept_served, 1)} after; {'proven the fewest' if slim.cover.is_proven else 'not proven'} by HiGHS). "
        f"{_held_words(slim)} "
        "**This starts a conversation and decides nothing:** "
        + (
            f"taken away one at a time, {unhurt or 'none'} of the {len(removed)} would leave every persona a way, every language and every local door."
            if len(removed)
            else "nothing could go."
        )
    )
    made = {}
    if len(removed) and (before.cells["status"] == gaps.SERVED).any():
        made["doors_per_need"] = _doors_chart(review, slim, before, after)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "simplification": _slim_table(review, slim),
            "who_loses": Table(
                losses,
                "Who would lose what, service by service: questions for the people who run them",
                "Each service taken away alone from the landscape as it is. A ‘cell’ is a persona’s need at a stage.",
            ),
        },
        how_sure="low; the programme is exact, the coding of needs, stages and eligibility is ours, and capacity is "
        + (
            f"known for {count(len(slim.cover.capacity_cells), 'cell')}."
            if slim.cover.capacity_cells
            else "not on record."
        ),
        to_check="Ask the provider of each service that could go which firms come to it that would go nowhere else.",
    )


def _held_words(slim: Slim) -> str:
    """Return how many services the programme may not touch, and why."""
    if not slim.held:
        return "None was held back."
    reasons = pd.Series(list(slim.held.values())).str.split(" \\(", regex=True).str[0].value_counts()
    parts = [f"{number}: {reason}" for reason, number in reasons.items()]
    held = count(len(slim.held), "service")
    return f"{held} {'was' if len(slim.held) == 1 else 'were'} held back ({'; '.join(parts)})."


def _slim_table(review: Review, slim: Slim) -> Table:
    bodies = _bodies(review)
    level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    cells = slim.serves.sum()
    rows = [
        {
            "service_id": s.service_id,
            "name": s.name,
            "provider": bodies.get(s.provider_id, s.provider_id),
            "level": level.get(s.provider_id, ""),
            "support_type": s.support_type,
            "verdict": "could go"
            if s.service_id in slim.cover.removed
            else "held"
            if s.service_id in slim.held
            else "keep",
            "could_go_alone": "yes" if s.service_id in slim.alone else "no",
            "cells": int(cells.get(s.service_id, 0)),
            "why": slim.held.get(s.service_id, ""),
        }
        for s in _each(slim.services)
    ]
    order = {"could go": 0, "keep": 1, "held": 2}
    frame = pd.DataFrame(rows).sort_values(
        ["verdict", "cells", "service_id"],
        key=lambda c: c.map(order) if c.name == "verdict" else c,
        kind="stable",
    )
    return Table(
        frame.reset_index(drop=True),
        "Every service: could go, keep or held",
        f"Smallest set that serves every cell now served: {slim.cover.status}. Taking the service that serves most cells first (greedy) "
        f"would keep {len(slim.greedy)} of the {slim.serves.shape[1]} services counted on; ‘could go alone’ lists each by itself, not all together.",
    )


def _who_loses(review: Review, slim: Slim, before: Walk) -> pd.DataFrame:
    personas = dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))
    bodies = _bodies(review)
    level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    best = before.free.best
    reach = before.free.measures.set_index("persona_id")["reach"]
    count_of = slim.serves.sum(axis=1)
    held_ids = set(slim.services["service_id"])
    routes = _referrals(review)
    rows = []
    for s in _each(slim.services[slim.services["service_id"].isin(slim.cover.removed)]):
        without = _walk_free(review, slim.services[slim.services["service_id"] != s.service_id])
        lost = [p for p in without.index if reach[p] == 1 and without[p] == 0]
        mine = slim.serves.index[slim.serves[s.service_id]]
        last_two = int((count_of[mine] == 2).sum())
        others = slim.services[slim.services["service_id"] != s.service_id]
        spoken = {code for cell in others["languages"] if isinstance(cell, tuple) for code in cell}
        own_words = [c for c in (s.languages if isinstance(s.languages, tuple) else ()) if c not in spoken]
        cut = 0
        if routes is not None:
            here = routes[routes["from_service"].isin(held_ids) & routes["to_service"].isin(held_ids)]
            cut = int(((here["from_service"] == s.service_id) | (here["to_service"] == s.service_id)).sum())
        users = list(dict.fromkeys(best.loc[best["service_id"] == s.service_id, "persona_id"]))
        rows.append(
            {
                "service_id": s.service_id,
                "name": s.name,
                "provider": bodies.get(s.provider_id, s.provider_id),
                "is_local": level.get(s.provider_id) == "local" or isinstance(s.territory, str),
                "territory": _text(s.territory),
                "cells": len(mine),
                "left_with_one_door": last_two,
                "personas_on_best_way": len(users),
                "who": ";".join(personas[p] for p in users),
                "personas_lost": len(lost),
                "who_is_lost": ";".join(personas[p] for p in lost),
                "only_language": ";".join(own_words),
                "languages_recorded": "yes" if isinstance(s.languages, tuple) and s.languages else "no",
                "referrals_cut": cut,
                "channel": s.channel,
            }
        )
    columns = [
        "service_id", "name", "provider", "is_local", "territory", "cells", "left_with_one_door", "personas_on_best_way", "who",
        "personas_lost", "who_is_lost", "only_language", "languages_recorded", "referrals_cut", "channel",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["is_local"] = frame["is_local"].astype(bool)
    return frame.sort_values(
        ["personas_lost", "is_local", "personas_on_best_way", "left_with_one_door", "service_id"],
        kind="stable",
    ).reset_index(drop=True)


def _walk_free(review: Review, services: pd.DataFrame) -> pd.Series:
    services = services.reset_index(drop=True)
    land = journey.build_landscape(
        services, review.pack.providers, review.vocabulary, _referrals(review), self_found=True
    )
    walked = journey.walk_all(land, review.common.personas, _fits(review, services))
    return walked.outcomes.set_index("persona_id")["reach"]


def _doors_chart(review: Review, slim: Slim, before: Walk, after: Walk) -> Any:
    rows = []
    for landscape_name, cells in ((AS_IS, before.cells), (TO_BE, after.cells)):
        served = cells[cells["status"] == gaps.SERVED]
        for need, group in served.groupby("need", sort=False):
            mean = float((group["weight"] * group["open_services"]).sum() / group["weight"].sum())
            rows.append(
                {
                    "need": need,
                    "label": _label(review, "barrier", need),
                    "landscape": landscape_name,
                    "doors": mean,
                }
            )
    frame = pd.DataFrame(rows)
    place = frame[frame["landscape"] == AS_IS].set_index("need")["doors"]
    frame = frame.assign(_place=-frame["need"].map(place)).sort_values(
        ["_place", "label", "landscape"], kind="stable"
    )
    was, now = _doors(before.cells), _doors(after.cells)
    title = f"With {len(slim.cover.removed)} services fewer every served need keeps a door; a firm’s choice falls from {was:.1f} to {now:.1f} doors"
    return charts.doors(
        frame,
        title=title,
        subtitle=f"Services open to a firm with the need, weighted mean over served cells, {review.year}; {len(slim.services)} and {len(slim.left)} services",
        source=_source(review),
        description=f"{title}. One row per need, as it is and slimmed.",
    )


def journeys_to_be(review: Review, *, redundancy: int | None = None) -> Section:
    """Return the personas' walks in the landscape as it is, slimmed, and with the proposals on top."""
    slim = _slim(review, redundancy)
    todo = _open(_proposals(review))
    lands = {AS_IS: slim.services, TO_BE: slim.left}
    lands[PROPOSED] = _with_proposals(review, slim.left, todo)
    walks = {
        AS_IS: _walk_as_it_is(review),
        TO_BE: _walk_slimmed(review, redundancy),
        PROPOSED: _walk(review, lands[PROPOSED]),
    }
    columns = {name: _measures(lands[name], walk) for name, walk in walks.items()}
    measures = pd.DataFrame(
        {"measure": list(columns[AS_IS])}
        | {key: [columns[name][m] for m in columns[AS_IS]] for key, name in _LAND_KEYS.items()}
    )
    frame = _journey_frame(review, walks)
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    served = {name: gaps.coverage_share(walk.cells)[0] for name, walk in walks.items()}
    added = len(lands[PROPOSED]) - len(slim.left)
    answer = (
        f"In the slimmed landscape ({len(slim.left)} services for {len(slim.services)}) "
        + (
            f"**{count(worse['persona_id'].nunique(), 'persona')}** of {frame['persona_id'].nunique()} would have a harder way or none"
            if len(worse)
            else "**no persona** would have a harder way"
        )
        + f"; demand served is {_pct(served[AS_IS], 1)} before and {_pct(served[TO_BE], 1)} after. "
        f"If the {count(added, 'proposal')} that fill gaps worked as meant, {_pct(served[PROPOSED], 1)} would be served. "
        "Referrals to a service that goes are lost until somebody lays them anew; what a service costs to run is not on record."
    )
    return Section(
        answer=answer,
        charts={"journeys_side_by_side": _journeys_chart(review, frame, walks)},
        tables={
            "landscapes": Table(
                measures.round(6),
                "The landscape as it is, slimmed, and slimmed with the proposals on top",
                "Means are weighted by the share of SMEs a persona stands for, over those that get to their goal. Empty: not recorded.",
            ),
            "journeys_to_be": Table(
                frame.drop(columns=["mark"]),
                "Every persona’s best way in each landscape",
                "Designed journeys on all routes. Services proposed are taken to be open to exactly the kinds of firm in the gap: an assumption, not a forecast.",
            ),
        },
        how_sure="low; designed journeys of invented firms, and proposals that are assumed to work.",
        to_check="Walk one real firm through the slimmed landscape before anybody acts on it.",
    )


_LAND_KEYS: Mapping[str, str] = MappingProxyType(
    {"as_it_is": AS_IS, "slimmed": TO_BE, "slimmed_with_proposals": PROPOSED}
)


def _journey_frame(review: Review, walks: Mapping[str, Walk]) -> pd.DataFrame:
    names = dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))
    base = walks[AS_IS].free.measures.set_index("persona_id")
    rows = []
    for land, walk in walks.items():
        for m in _each(walk.free.measures):
            was = base.loc[m.persona_id]
            mark, state = _way(review, m, was)
            rows.append(
                {
                    "persona_id": m.persona_id, "persona": names[m.persona_id], "landscape": land, "weight": m.weight, "reach": int(m.reach),
                    "steps": m.steps, "hand_offs": m.hand_offs, "cold_hand_offs": m.cold_hand_offs, "needs_met": m.needs_met,
                    "needs": m.needs, "out_of_pocket_eur": m.out_of_pocket_eur, "lost_at": m.lost_at, "state": state, "mark": mark,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in ("steps", "hand_offs", "cold_hand_offs", "needs_met", "needs"):
        frame[column] = frame[column].astype("float64").astype("Int64")
    return frame


def _way(review: Review, m: Any, was: pd.Series) -> tuple[str, str]:
    """Return a persona's way in few characters, and how it compares with the landscape as it is."""
    if m.reach == 0:
        return f"lost at: {inside(_label(review, 'journey_stage', m.lost_at))}", "lost" if was[
            "reach"
        ] == 1 else "same"
    mark = f"{int(m.steps)} · {int(m.hand_offs)} · {int(m.needs_met)} of {int(m.needs)}"
    if was["reach"] == 0:
        return mark, "better"
    # fewer services, fewer hand-offs, more needs met: better if one is and none is worse
    gains = [was["steps"] - m.steps, was["hand_offs"] - m.hand_offs, m.needs_met - was["needs_met"]]
    up, down = any(g > 0 for g in gains), any(g < 0 for g in gains)
    return mark, "mixed" if up and down else "better" if up else "worse" if down else "same"


def _journeys_chart(review: Review, frame: pd.DataFrame, walks: Mapping[str, Walk]) -> Any:
    worse = frame[(frame["landscape"] == TO_BE) & frame["state"].isin(["worse", "lost"])]
    better = frame[(frame["landscape"] == PROPOSED) & (frame["state"] == "better")]
    title = (
        f"Slimming makes the way harder for {worse['persona_id'].nunique() or 'none'} of {frame['persona_id'].nunique()} personas; "
        f"the proposals would ease it for {better['persona_id'].nunique() or 'none'}"
    )
    drawn = frame.sort_values("weight", ascending=False, kind="stable")
    order = drawn["persona"].drop_duplicates().tolist()
    drawn = (
        drawn.set_index(["persona", "landscape"])
        .loc[[(p, land) for p in order for land in walks]]
        .reset_index()
    )
    return charts.journeys_side_by_side(
        drawn,
        title=title,
        subtitle="Best way of each persona: services used · hand-offs between bodies · needs met on the way. Against as it is: green easier, orange harder, "
        "red lost, blue easier in one way and harder in another",
        source=f"{_source(review)}; personas are invented",
        description=f"{title}. {_pct(journey.completion(walks[AS_IS].free.measures))} of firms reach their goal as it is, "
        f"{_pct(journey.completion(walks[TO_BE].free.measures))} in the slimmed landscape.",
    )


# ------------------------------------------------------------------------------------------------ priorities


def _decision(todo: pd.DataFrame, emphasis: str) -> choice.Decision:
    values = pd.DataFrame(
        {
            "value": todo["value"].to_numpy("float64"),
            "firms": todo["firms"].to_numpy("float64"),
            "evidence_grade": todo["evidence_grade"].to_numpy("float64"),
            "effort": todo["effort"].map(_EFFORT).to_numpy("float64"),
            "certainty": todo["how_sure"].map(_SURE).to_numpy("float64"),
        },
        index=todo["recommendation_id"],
    )
    return choice.prepare(
        values, {c: d for c, (_, d) in CRITERIA.items()}, choice.swing_weights(SWINGS[emphasis])
    )


def _ranked(review: Review, todo: pd.DataFrame, emphasis: str | None = None) -> pd.DataFrame:
    """Return the recommendations in the order of their mean rank, with scores and ranks."""
    decision = _decision(todo, emphasis or review.parameters.emphasis)
    scores = choice.compare_methods(decision)
    return scores.join(todo.set_index("recommendation_id")).rename_axis("recommendation_id").reset_index()


METHODS = MappingProxyType({"weighted_sum": "Weighted sum", "topsis": "TOPSIS", "promethee": "PROMETHEE II"})


def priorities(review: Review, *, emphasis: str | None = None) -> Section:
    """Return the order of recommendations under several criteria and methods, and how firm the first place is."""
    todo = _open(_proposals(review))
    chosen = emphasis or review.parameters.emphasis
    if len(todo) < 2:
        return Section(
            f"There {'is only one recommendation' if len(todo) == 1 else 'are no recommendations'}: nothing to put in order.",
            tables={"priorities": Table(todo.head(0), "Nothing to rank")},
            how_sure="high.",
        )
    decision = _decision(todo, chosen)
    ranked = _ranked(review, todo, chosen)
    moves = choice.weight_changes(decision)
    reversals = choice.rank_reversals(decision, choice.topsis)
    first = ranked.iloc[0]
    winners = {m: ranked.loc[ranked[f"{m}_rank"] == 1, "recommendation_id"].iloc[0] for m in METHODS}
    agree = len(set(winners.values())) == 1
    firm = (
        moves.dropna(subset=["shift"])
        .assign(size=lambda f: f["shift"].abs())
        .sort_values(["size", "criterion"])
    )
    beaten = int(ranked["is_dominated"].sum())
    sums_first = inside(
        _short_title(ranked.set_index("recommendation_id").loc[winners["weighted_sum"], "title"])
    )
    answer = (
        f"With weights set to *{inside(_words_of(EMPHASES, chosen))}*, the best mean rank goes to **{plain(inside(_short_title(first['title'])))}**"
        + (
            "; all three methods put it first. "
            if agree
            else f"; the methods differ, and the weighted sum puts {plain(sums_first)} first. "
        )
        + (
            f"The weighted sum’s first place would pass to another once “{inside(CRITERIA[firm.iloc[0]['criterion']][0])}” weighed "
            f"{firm.iloc[0]['weight_at_change']:.1%} instead of {firm.iloc[0]['weight']:.1%}. "
            if len(firm)
            else "No single weight, moved alone, would change the weighted sum’s first place. "
        )
        + f"{count(beaten, 'recommendation')} {'is' if beaten == 1 else 'are'} dominated: another is at least as good on every criterion."
        + ("".join(f" {plain(m).capitalize()}." for m in _dropped(decision)))
        + (
            f" A warning on TOPSIS: taking one recommendation off the list would swap {count(len(reversals), 'pair')} of the others."
            if len(reversals)
            else ""
        )
    )
    drawn = ranked.head(DRAWN)
    long = pd.DataFrame(
        [
            {"label": _short_title(r.title), "method": words, "rank": int(getattr(r, f"{m}_rank"))}
            for r in _each(drawn)
            for m, words in METHODS.items()
        ]
    )
    title = f"First under {'all three methods' if agree else 'most methods' if len(set(winners.values())) == 2 else 'one method'}: {cut(inside(_short_title(first['title'])), 90)}"
    made: dict[str, Any] = {
        "method_ranks": charts.method_ranks(
            long,
            title=title,
            subtitle=f"Rank under each method, {'all' if len(drawn) == len(ranked) else f'first {len(drawn)} of'} {len(ranked)} recommendations by mean rank; "
            f"weights: {inside(_words_of(EMPHASES, chosen))}",
            source=_source(review),
            description=f"{title}. Ranks of {len(drawn)} recommendations under weighted sum, TOPSIS and PROMETHEE II.",
        )
    }
    if len(moves):
        made["weight_moves"] = _moves_chart(review, moves, ranked)
    score_columns = [f"{m}{end}" for m in METHODS for end in ("", "_rank")]
    table = ranked[
        [
            "recommendation_id",
            "title",
            *score_columns,
            "best_rank",
            "worst_rank",
            "is_dominated",
            *CRITERIA_COLUMNS,
        ]
    ].round(dict.fromkeys(METHODS, 6) | {"value": 6, "firms": 6})
    return Section(
        answer=answer,
        charts=made,
        tables={
            "priorities": Table(
                table,
                "Recommendations by mean rank over three methods",
                "Weighted sum: 0–100, SMART with swing weights on local scales; TOPSIS: closeness 0–1; PROMETHEE II: net flow, usual preference. "
                "Weights are project conventions: "
                + ", ".join(
                    f"{inside(CRITERIA[c][0])} {w:.0%}"
                    for c, w in zip(decision.weights.index.astype(str), decision.weights, strict=True)
                )
                + ".",
            ),
            "weight_changes": Table(
                _moves_table(moves, ranked),
                "How far a weight must move before another recommendation comes first (weighted sum, exact)",
                "The other weights keep their proportions. Empty: no weight from 0 to 100 % does it.",
            ),
        },
        how_sure="medium for the arithmetic, low for the weights: they are ours until a steering group sets its own.",
        to_check="Let the steering group give swing points before it sees this order.",
    )


CRITERIA_COLUMNS = ("value", "firms", "evidence_grade", "effort", "how_sure")


def _dropped(decision: choice.Decision) -> list[str]:
    found = []
    for message in decision.dropped:
        code = message.split("'")[1]
        found.append(message.replace(f"'{code}'", f"“{inside(CRITERIA[code][0])}”"))
    return found


def _words_of(options: Mapping[str, str], code: str) -> str:
    return next(words for words, c in options.items() if c == code)


def _short_title(title: object) -> str:
    return str(title).split(" (stages")[0]


def _moves_table(moves: pd.DataFrame, ranked: pd.DataFrame) -> pd.DataFrame:
    title = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    frame = moves.copy()
    frame.insert(1, "criterion_label", [CRITERIA[c][0] for c in frame["criterion"]])
    frame["new_first_title"] = [_short_title(title[n]) if n else "" for n in frame["new_first"]]
    return frame.round({"weight": 6, "weight_at_change": 6, "shift": 6})


def _moves_chart(review: Review, moves: pd.DataFrame, ranked: pd.DataFrame) -> Any:
    title_of = dict(zip(ranked["recommendation_id"], ranked["title"], strict=True))
    able = moves.dropna(subset=["shift"])
    if len(able):
        nearest = able.loc[able["shift"].abs().sort_values(kind="stable").index[0]]
        title = (
            f"First place on the weighted sum passes once “{inside(CRITERIA[nearest['criterion']][0])}” weighs "
            f"{nearest['weight_at_change']:.1%} instead of {nearest['weight']:.1%}"
        )
    else:
        title = "No single weight, moved alone, changes first place"
    frame = pd.DataFrame(
        {
            "label": [CRITERIA[c][0] for c in moves["criterion"]],
            "weight": moves["weight"],
            "weight_at_change": moves["weight_at_change"],
            "note": [
                cut(f"→ {inside(_short_title(title_of[n]))}", 42) if n else "no change"
                for n in moves["new_first"]
            ],
        }
    )
    return charts.weight_moves(
        frame,
        title=title,
        subtitle="Disc: weight now; triangle: nearest weight at which another recommendation (named) comes first; weighted sum",
        source=_source(review),
        description=f"{title}. {len(able)} of {len(moves)} criteria can change first place.",
    )


def cut(text: str, most: int) -> str:
    """Return text cut between words to so many characters."""
    return text if len(text) <= most else f"{text[: text.rindex(' ', 0, most)].rstrip(' ,;')} …"


# ------------------------------------------------------------------------------------------------ portfolio


@dataclass(frozen=True)
class Items:
    """What a portfolio may choose from, and what it can not because nobody published a cost."""

    costed: pd.DataFrame
    uncosted: pd.DataFrame
    rules: programme.Rules


@once_per_review
def _items(review: Review, scope: str, years: int) -> Items:
    gap_scores = review.earlier("test", "gaps")
    acting = gap_scores[~gap_scores["kind"].isin(["continuity", "evidence"])]
    by_need = acting.groupby("need")["score"].sum()
    todo = _open(_proposals(review))
    pairs = advice.meet(review.pack.actions, todo[todo["kind"] != "gap"])
    worth = dict(zip(todo["recommendation_id"], todo["value"], strict=True))
    rows = []
    if scope == "ahead":
        for r in _each(todo):
            length = min(advice.EFFORT_YEARS[r.effort], years)
            rows.append(
                {
                    "action_id": r.recommendation_id, "title": _short_title(r.title), "origin": "proposed by the review", "value": r.value,
                    "cost_eur": r.cost_eur_per_year * length,
                    "cost_basis": f"{r.cost_basis}, × {count(length, 'year')}" if r.cost_basis else "", "territory": "",
                }
            )  # fmt: skip
    services = review.pack.services.set_index("service_id")["territory"]
    for a in _each(review.pack.actions):
        ended = not pd.isna(a.end_year) and a.end_year < _first_year(review)
        if scope == "ahead" and (a.status in ("done", "stopped") or ended):
            continue
        needs = a.barriers_addressed if isinstance(a.barriers_addressed, tuple) else ()
        places = {_text(services.get(s)) for s in (a.services if isinstance(a.services, tuple) else ())}
        rows.append(
            {
                "action_id": a.action_id, "title": a.title, "origin": "published by the region",
                "value": float(
                    sum(by_need.get(n, 0.0) for n in needs)
                    + sum(worth[r] for r in pairs.loc[pairs["action_id"] == a.action_id, "recommendation_id"])
                ), "cost_eur": a.cost_eur,
                "cost_basis": _text(a.note) or "as published", "territory": places.pop() if len(places) == 1 else "",
            }
        )  # fmt: skip
    columns = ["action_id", "title", "origin", "value", "cost_eur", "cost_basis", "territory"]
    frame = pd.DataFrame(rows, columns=columns).astype({"value": "float64", "cost_eur": "float64"})
    costed, uncosted = programme.split_costed(frame)
    return Items(costed, uncosted, _rules(review, costed))


def _rules(review: Review, costed: pd.DataFrame) -> programme.Rules:
    """Return the rules: what actions exclude and require, and a minimum per territory if asked."""
    known = set(costed["action_id"])
    exclusions, needs = [], []
    for a in _each(review.pack.actions):
        if a.action_id not in known:
            continue
        exclusions += [
            (min(a.action_id, other), max(a.action_id, other)) for other in a.excludes if other in known
        ]
        needs += [(a.action_id, other) for other in a.requires if other in known]
    least = review.parameters.per_territory
    minimum = dict.fromkeys(sorted(set(costed["territory"]) - {""}), least) if least else None
    return programme.Rules(tuple(dict.fromkeys(exclusions)), tuple(needs), minimum)


def _budget(review: Review, given: float | None, costed: pd.DataFrame) -> tuple[float, str]:
    if given is None:
        given = review.parameters.budget_eur
        if given is not None:
            return given, "as the parameter says"
        if review.pack.region.budget_eur is not None:
            return review.pack.region.budget_eur, "as region.yaml says"
        return float(costed["cost_eur"].sum()) / 2, "half of the known costs, since no budget is published"
    return given, "as chosen here"


def portfolio(
    review: Review, *, budget_eur: float | None = None, years: int | None = None, scope: str = "ahead"
) -> Section:
    """Return the best actions under the budget, the next best, what leaves at −10 %, and what more money is worth."""
    span = years or review.parameters.years
    items = _items(review, scope, span)
    budget, basis = _budget(review, budget_eur, items.costed)
    n, m = len(items.costed), len(items.uncosted)
    unknown = Table(
        items.uncosted.drop(columns=["cost_eur", "cost_basis"]),
        "Actions whose cost was not published: none of them is in the choice, and none is taken to be free",
        "They have to be estimated by whoever would carry them out.",
    )
    made: dict[str, Any] = {"costs_known": _cost_chart(review, items)} if n + m else {}
    apart = f"{count(m, 'action')} {'has' if m == 1 else 'have'} no published cost and stand apart."
    if n < 2:
        return Section(
            f"{'Only one' if n else 'None'} of {n + m} actions has a published cost: there is nothing to choose between. {apart}",
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen=""), "Actions with a known cost"),
                "costs_unknown": unknown,
            },
            how_sure="high that costs are missing; nothing is said about their size.",
            to_check="Estimate the cost of the first three recommendations with whoever would carry them out.",
        )
    tranche = tuple(budget / span for _ in range(span))
    base = items.rules
    rules = programme.Rules(
        base.exclusions, base.prerequisites, base.territory_minimum, base.required, base.barred, tranche
    )
    best = programme.solve_portfolio(items.costed, budget, rules)
    if best.status == programme.INFEASIBLE:
        return Section(
            f"No choice of actions keeps to {_money(budget)} and the minimum per territory. {apart}",
            charts=made,
            tables={
                "portfolio": Table(items.costed.assign(chosen="no"), "Actions with a known cost"),
                "costs_unknown": unknown,
            },
            how_sure="high; HiGHS proves that there is none.",
        )
    second = programme.next_best(items.costed, budget, rules)
    less = programme.solve_portfolio(items.costed, budget * 0.9, programme.scaled(rules, 0.9))
    shadow = programme.shadow_value(items.costed, budget, rules)
    greedy = programme.greedy_portfolio(items.costed, budget, rules)
    title_of = dict(zip(items.costed["action_id"], items.costed["title"], strict=True))
    leaves = [title_of[a] for a in best.chosen if a not in less.chosen]
    enters = [title_of[a] for a in less.chosen if a not in best.chosen]

    def named(ids: Sequence[str]) -> str:
        return listing([f"*{plain(title_of[a])}*" for a in ids], 4) if ids else "nothing"

    lead = "Looking back at all published actions: with" if scope == "back" else "With"
    answer = (
        f"{lead} **{_money(budget)}** ({basis}) over {count(span, 'year')}, the best choice among {n} actions with a known cost is {named(best.chosen)}: "
        f"{_money(best.cost)} for {_pct(best.value, 1)} of demand × severity, {'proven optimal' if best.is_proven else 'not proven'} by HiGHS. "
        + (
            f"Next best: {named(second[0].chosen)} ({_pct(second[0].value, 1)}). "
            if second and second[0].chosen
            else "No other choice that does anything fits. "
        )
        + (
            f"With 10 % less, {listing([f'*{plain(t)}*' for t in leaves], 3)} would leave"
            + (f" and {listing([f'*{plain(t)}*' for t in enters], 3)} come in" if enters else "")
            + ". "
            if leaves
            else "With 10 % less nothing would leave. "
        )
        + f"One more million is worth {_pct(shadow.dual * 1e6, 2)} by the dual of the LP relaxation, and {_pct(shadow.marginal * 1e6, 2)} by solving again with 10 % more. "
        + (
            "Value per euro alone (greedy) finds the same. "
            if math.isclose(greedy.value, best.value, abs_tol=1e-9)
            else f"Value per euro alone (greedy) would reach {_pct(greedy.value, 1)} with {named(greedy.chosen)}. "
        )
        + apart
    )
    if n > 2:
        made["budget_curve"] = _budget_chart(review, items, budget, rules, best, greedy, less)
    first = _first_year(review)
    frame = items.costed.assign(
        chosen=["yes" if a in best.chosen else "no" for a in items.costed["action_id"]],
        start_year=pd.array(
            [first + best.start[a] if a in best.start else pd.NA for a in items.costed["action_id"]],
            dtype="Int64",
        ),
        in_next_best=["yes" if second and a in second[0].chosen else "no" for a in items.costed["action_id"]],
        at_90_percent=["yes" if a in less.chosen else "no" for a in items.costed["action_id"]],
        greedy=["yes" if a in greedy.chosen else "no" for a in items.costed["action_id"]],
    )
    summary = pd.DataFrame(
        [
            ("best", best.value, best.cost, best.status),
            *([("next best", second[0].value, second[0].cost, second[0].status)] if second else []),
            ("at 90 % of the budget", less.value, less.cost, less.status),
            ("greedy", greedy.value, greedy.cost, "a rule of thumb"),
        ],
        columns=["answer", "value", "cost_eur", "status"],
    )
    return Section(
        answer=answer,
        charts=made,
        tables={
            "portfolio": Table(
                frame.sort_values(
                    ["chosen", "value", "action_id"], ascending=[False, False, True], kind="stable"
                ).reset_index(drop=True),
                "Actions with a known cost, chosen ones first",
                "Value of a recommendation: its gaps, weight × severity; of a published action: all gaps of the needs it names, and the doors and hand-overs it bears on, so two actions on one need both "
                "count it. Costs of practices are those of the region that runs them, not scaled. The money comes in equal parts a year; unspent money is carried over.",
            ),
            "portfolio_answers": Table(
                summary.round({"value": 6}),
                "The best answer, the next best, with a tenth less, and the rule of thumb",
            ),
            "costs_unknown": unknown,
        },
        how_sure="low; the optimum is proven, but costs are few, borrowed or of a wider area, and the value of an action is a claim on demand, not an effect.",
        to_check="Replace borrowed costs by estimates of those who would carry the action out, then choose again.",
    )


def _budget_chart(
    review: Review,
    items: Items,
    budget: float,
    rules: programme.Rules,
    best: programme.Portfolio,
    greedy: programme.Portfolio,
    less: programme.Portfolio,
) -> Any:
    total = float(items.costed["cost_eur"].sum())
    top = max(total, budget) * 1.02
    curve = programme.frontier(items.costed, [top * k / 24 for k in range(25)], rules)
    # a choice costs less than the budget it was found at: the step begins where its own cost is
    curve = (
        curve[curve["status"] == programme.OPTIMAL]
        .drop(columns="budget_eur")
        .rename(columns={"cost_eur": "budget_eur"})
    )
    curve = pd.concat([curve.drop_duplicates("value"), curve.tail(1).assign(budget_eur=top)])
    marks = pd.DataFrame(
        [
            ("best at the budget", best.cost, best.value),
            ("a tenth less", less.cost, less.value),
            ("greedy", greedy.cost, greedy.value),
        ],
        columns=["label", "cost_eur", "value"],
    )
    whole = float(curve["value"].max())
    title = f"{_money(budget)} reach {_pct(best.value / whole if whole else math.nan)} of what all costed actions together would address"
    return charts.budget_curve(
        curve,
        marks,
        title=title,
        subtitle=f"Best value for each budget, {len(items.costed)} actions with a known cost; every step solved exactly",
        source=f"{_source(review)}; {len(items.uncosted)} actions without a published cost are left out",
        description=f"{title}. Best choice: {_pct(best.value, 1)}; greedy: {_pct(greedy.value, 1)}; with a tenth less: {_pct(less.value, 1)}.",
    )


def _cost_chart(review: Review, items: Items) -> Any:
    rows = []
    for group in ("published by the region", "proposed by the review"):
        known, not_known = (int((f["origin"] == group).sum()) for f in (items.costed, items.uncosted))
        if known + not_known:
            rows += [
                {"group": group, "state": "cost known", "actions": known},
                {"group": group, "state": "cost not published", "actions": not_known},
            ]
    known, total = len(items.costed), len(items.costed) + len(items.uncosted)
    title = f"A cost is published for {known or 'none'} of {total} actions that could be chosen"
    return charts.known_costs(
        pd.DataFrame(rows),
        title=title,
        subtitle="For a recommendation: the yearly cost of the practice it leans on, where that region published it",
        source=_source(review),
        description=f"{title}.",
    )


# ------------------------------------------------------------------------------------------------ the action plan


def _alive(review: Review) -> dict[str, str]:
    """Return the bodies that still exist in the year: provider id → level."""
    return {
        str(p.provider_id): str(p.level)
        for p in _each(review.pack.providers)
        if pd.isna(p.end_year) or p.end_year >= review.year
    }


@once_per_review
def _lead(review: Review) -> str:
    """Return the body that would answer for what nobody owns yet.

    Among the EIS partners that still exist the one that gives most services today; where none gives any, the regional or local
    body that gives most.
    """
    alive = _alive(review)
    gives = _services(review)["provider_id"].value_counts()
    partners = [p.provider_id for p in review.pack.region.partners if p.provider_id in alive]
    near = [b for b, level in alive.items() if level in ("regional", "local")]
    for group in (
        [p for p in partners if p in gives.index],
        [b for b in near if b in gives.index],
        partners,
        list(alive),
    ):
        if group:
            return min(group, key=lambda b: (-int(gives.get(b, 0)), b))
    return ""


def _owner(review: Review, row: Any) -> str:
    """Return the one body proposed to be accountable: for a service that exists its provider nearest to the firms, else the lead."""
    lead, alive = _lead(review), _alive(review)
    if row.option not in ("redesign", "merge", "transfer", "close"):
        return lead
    giver = dict(zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True))
    bodies = {giver[s] for s in split(row.services) if giver.get(s) in alive}
    levels = review.vocabulary.codes("level")
    share = pd.Series([giver[s] for s in split(row.services) if giver.get(s) in alive]).value_counts()
    return min(bodies, key=lambda b: (levels.index(alive[b]), -int(share[b]), b)) if bodies else lead


def _clean(text: str) -> str:
    """Return a name that can stand in a list of ``name: role``."""
    return " ".join(text.replace(";", ",").replace(":", " –").split())


@dataclass(frozen=True)
class Planned:
    """The actions of the plan: ``plan`` in the layout of the template, ``raci`` and ``indicators`` long."""

    plan: pd.DataFrame
    raci: pd.DataFrame
    indicators: pd.DataFrame


@once_per_review
def _planned(review: Review) -> Planned:
    todo = _open(_proposals(review))
    settings, region = review.parameters, review.pack.region
    if todo.empty:
        return Planned(
            pd.DataFrame(columns=list(PLAN_COLUMNS)),
            pd.DataFrame(columns=["action_id", "body", "role", "why"]),
            pd.DataFrame(),
        )
    ranked = _ranked(review, todo) if len(todo) > 1 else todo
    # the template asks for a lesson: recommendations that have one are written out first, each group in its order
    ranked = ranked.assign(_bare=ranked["lessons"] == "").sort_values("_bare", kind="stable")
    first, bodies = _first_year(review), _bodies(review)
    providers = review.pack.services.set_index("service_id")["provider_id"]
    matches = review.earlier("compare", "practice_matches").set_index("practice_id")
    partner = region.partners[0].name if region.partners else ""
    begun = 0
    rows, roles, codes = [], [], []
    for number, r in enumerate(_each(ranked.head(settings.actions)), start=1):
        owner = _owner(review, r)
        length = min(advice.EFFORT_YEARS[r.effort], settings.years)
        # low effort starts at once; of the others two a year
        start = first if r.effort == "low" else first + min(begun // 2, settings.years - 1)
        begun += r.effort != "low"
        involved = [providers[s] for s in split(r.services) if s in providers.index and providers[s] != owner]
        doing = list(dict.fromkeys(involved))[:4]
        asked = _text(matches.loc[r.practice_id, "whom"]) if r.practice_id in matches.index else ""
        team = [(owner, "A", later("answers for the action")), (owner, "R", later("carries it out"))]
        team += [(b, "R", later("changes its own service")) for b in doing if r.option != "add"]
        team += [(b, "C", later("is consulted on its service")) for b in doing if r.option == "add"]
        people = [(bodies.get(b, b), letter, why) for b, letter, why in team]
        if asked:
            people.append((f"{asked} ({r.practice_region})", "C", later("tells how it was done there")))
        people += [
            (p.name, "I", later("is kept informed as partner"))
            for p in region.partners
            if p.name not in {b for b, *_ in people}
        ]
        roles += [
            {"action_id": r.recommendation_id, "body": _clean(b), "role": letter, "why": why}
            for b, letter, why in people
        ]
        by_body: dict[str, list[str]] = {}
        for body, _, why in people:
            by_body.setdefault(_clean(body), []).append(why)
        attached = advice.indicators_for(
            r.option, r.support_type, settings.template, has_practice=bool(r.practice_id)
        )
        codes += [
            {"action_id": r.recommendation_id, "level": a, "code": b, "name": c, "measures_exports": "no"}
            for a, b, c in attached
        ]
        cost = r.cost_eur_per_year * length
        rows.append(
            {
                "action_no": number,
                "action_id": r.recommendation_id,
                "title": _short_title(r.title),
                "status": r.status,
                "project": "EIS – Everywhere International SMEs",
                "partner_organisation": partner,
                "other_partners": ";".join(p.name for p in region.partners[1:]),
                "country": _label(review, "country", region.country),
                "nuts_2_region": f"{region.nuts_2_code} (NUTS {region.nuts_version})"
                if region.nuts_2_code
                else "",
                "contact_person": "",
                "email": "",
                "phone": "",
                "instrument_kind": region.policy_instrument_kind,
                "instrument_name": region.policy_instrument,
                "background": _background(review, r),
                "action": _what(review, r),
                "players": ";".join(
                    f"{body}: {', '.join(dict.fromkeys(whys))}" for body, whys in by_body.items()
                ),
                "accountable": _clean(bodies.get(owner, owner)),
                "start_year": start,
                "end_year": start + length - 1,
                "timeframe": f"{start}–{start + length - 1}" if length > 1 else f"{start}",
                "costs_eur": cost,
                "cost_note": f"{r.cost_basis}, × {count(length, 'year')}"
                if r.cost_basis
                else later("cost not published; to be estimated by the body accountable"),
                "funding": "",
                "findings": r.findings,
                "rows": r.rows,
                "lessons": r.lessons,
                "indicator": attached[-1][2],
                "indicator_codes": ";".join(code for _, code, _ in attached if code),
                "indicator_note": advice.NO_EXPORT_CODE,
                "template": settings.template,
                "date": "",
                "signature": "",
                "stamp": "",
            }
        )
    return Planned(pd.DataFrame(rows, columns=list(PLAN_COLUMNS)), pd.DataFrame(roles), pd.DataFrame(codes))


PLAN_COLUMNS = (
    "action_no", "action_id", "title", "status", "project", "partner_organisation", "other_partners", "country", "nuts_2_region",
    "contact_person", "email", "phone", "instrument_kind", "instrument_name", "background", "action", "players", "accountable",
    "start_year", "end_year", "timeframe", "costs_eur", "cost_note", "funding", "findings", "rows", "lessons", "indicator",
    "indicator_codes", "indicator_note", "template", "date", "signature", "stamp",
)  # fmt: skip
"""Columns of ``action_plan``: part I (general), II (policy context), III (background, action, players, timeframe, costs, funding), close."""


def _background(review: Review, r: Any) -> str:
    lesson = (
        f" Lesson: “{r.practice}” ({r.practice_region}), evidence {inside(_label(review, 'evidence_grade', int(r.evidence_grade))[2:])}."
        if r.practice_id
        else ""
    )
    remarks = review.pack.peer_reviews
    said = [i.partition(":")[2] for i in split(r.lessons) if i.startswith("peer-review:")]
    heard = "".join(f" Peers said: {s}" for s in remarks.loc[remarks["review_id"].isin(said), "statement"])
    return f"{r.why}{lesson}{heard}" + (
        "" if lesson or heard else " No lesson from a partner region was found."
    )


def _what(review: Review, r: Any) -> str:
    words = {
        "add": "set up the help that is missing",
        "redesign": "change the rules, channel or price of what exists, with its providers",
        "coordinate": "agree who receives whom, with one record of the firm",
        "merge": "bring the providers together on one service",
        "transfer": "agree the hand-over of the service",
        "close": "end the service with a way for every firm it serves",
    }
    return f"{r.title}: {words[r.option]}" + (
        f", after {inside(_label(review, 'support_type', r.support_type))} as in {r.practice_region}."
        if r.practice_id
        else "."
    )


def action_plan(review: Review) -> Section:
    """Return the action plan in the Interreg Europe layout, and every check it passes or fails."""
    planned = _planned(review)
    checks = advice.check_plan(planned.plan)
    if planned.plan.empty:
        return Section(
            "There is no recommendation to write out.",
            tables={
                "action_plan": Table(planned.plan, "No action"),
                "action_plan_checks": Table(checks, "No check"),
            },
        )
    failed = checks[checks["passed"] == "no"]
    top = planned.plan.head(3)
    lines = "".join(
        f"\n{a.action_no}. **{plain(a.title)}** – rests on {count(len(split(a.findings)), 'finding')}, "
        f"{count(len(split(a.lessons)), 'lesson')}; {plain(a.accountable)}, {a.timeframe}; {_money(float(a.costs_eur))}"
        for a in _each(top)
    )
    answer = (
        f"**{count(len(planned.plan), 'action')}** are written out in the fields of the Interreg Europe template; the first three:\n{lines}\n\n"
        f"{int((checks['passed'] == 'yes').sum())} checks are passed, {len(failed) or 'none'} failed"
        + (f" ({listing(sorted({inside(str(t)) for t in failed['asks']}), 4)})" if len(failed) else "")
        + f" and {int((checks['passed'] == 'not applicable').sum())} do not apply because a cost is not published. Date, signature and stamp are left for a person."
    )
    return Section(
        answer=answer,
        charts={"timetable": _timetable_chart(review, planned.plan)},
        tables={
            "action_plan": Table(
                planned.plan,
                "The action plan, one row per action",
                "Layout: annex 1 of the Interreg Europe programme manual 2014–2020, field names as far as known. Owner, years and players are proposals: years follow effort "
                "(low 1, medium 2, high 3 years) and rank (what is of low effort at once, of the rest two a year), project conventions.",
            ),
            "action_plan_checks": Table(
                checks,
                "What the action plan has to pass",
                "‘Not applicable’: the fact to check is not published.",
            ),
        },
        how_sure="low; a draft to be edited and decided by people. What the region itself published stands in its own table.",
        to_check="Is each proposed body able and willing to answer for its action?",
    )


def _timetable_chart(review: Review, plan: pd.DataFrame) -> Any:
    frame = pd.DataFrame(
        {
            "label": [f"{a.action_no}  {a.title}" for a in _each(plan)],
            "start": plan["start_year"],
            "end": plan["end_year"],
            "owner": [cut(a.accountable, 30) for a in _each(plan)],
            "kind": ["decided" if s != advice.PROPOSED else "proposed" for s in plan["status"]],
        }
    )
    early = int((plan["start_year"] == plan["start_year"].min()).sum())
    title = gettext("{number} of {actions} actions can start in {year}; the last would end in {end}").format(
        number=early, actions=len(plan), year=int(plan["start_year"].min()), end=int(plan["end_year"].max())
    )
    return charts.timetable(
        frame,
        title=title,
        subtitle="Proposed years by effort and rank (project convention); behind the bar: who is proposed to answer",
        source=_source(review),
        description=title,
    )


def responsibilities(review: Review) -> Section:
    """Return who is responsible, accountable, consulted and informed, action by action."""
    planned = _planned(review)
    if planned.raci.empty:
        return Section("There is no action to answer for.", tables={"raci": Table(planned.raci, "No action")})
    faults = advice.raci_faults(planned.raci)
    number = dict(zip(planned.plan["action_id"], planned.plan["action_no"], strict=True))
    letters = (
        planned.raci.assign(action=planned.raci["action_id"].map(number))
        .groupby(["body", "action"], sort=False)["role"]
        .agg(lambda r: " ".join(sorted(set(r), key="ARCI".index)))
        .rename("letters")
        .reset_index()
    )
    spread = letters.groupby("body", sort=False)["action"].count().sort_values(ascending=False, kind="stable")
    accountable = planned.raci[planned.raci["role"] == "A"]["body"].value_counts()
    shown = letters[letters["body"].isin(spread.index[:14])].copy()
    shown["is_accountable"] = shown["letters"].str.contains("A")
    place = {b: n for n, b in enumerate(spread.index)}
    shown = shown.assign(_p=shown["body"].map(place)).sort_values(["_p", "action"], kind="stable")
    shown["action"] = shown["action"].map(lambda n: f"Action {n}")
    shown["body"] = [cut(b, 46) for b in shown["body"]]
    most = accountable.index[0]
    title = f"{cut(str(most), 40)} would answer for {accountable.iloc[0]} of {len(planned.plan)} actions"
    chart = charts.raci_matrix(
        shown,
        title=title,
        subtitle="A accountable (exactly one per action), R responsible, C consulted, I informed; all proposals. Actions numbered as in the plan",
        source=_source(review),
        description=f"{title}; {planned.raci['body'].nunique()} bodies have a part.",
    )
    own = _published_owners(review)
    answer = (
        f"Every action has exactly one accountable body{'' if faults.empty else f', but for {len(faults)}'}. **{plain(str(most))}** would answer for "
        f"{accountable.iloc[0]} of {len(planned.plan)}; {count(planned.raci['body'].nunique(), 'body', 'bodies')} have a part. "
        + own
    )
    names = planned.plan[["action_id", "action_no", "title"]]
    return Section(
        answer=answer,
        charts={"raci": chart},
        tables={
            "raci": Table(
                names.merge(planned.raci, on="action_id").assign(
                    meaning=lambda f: f["role"].map(advice.RACI_WORDS)
                ),
                "Who has which role in which action",
                "Proposed by rule: the provider nearest to the firms answers for a service that exists, the first EIS partner for what is new.",
            )
        },
        how_sure="low; nobody has been asked.",
        to_check="Ask each body named A whether it accepts.",
    )


def _published_owners(review: Review) -> str:
    actions = review.pack.actions
    if actions.empty:
        return ""
    roleless = sum(any(not role for _, role in advice.parse_players(p)) for p in actions["players"])
    return f"Of the region’s own {count(len(actions), 'published action')}, each has one owner; {roleless or 'none'} name players without saying what they do."


def indicators(review: Review) -> Section:
    """Return the indicators attached to each action, with common codes, and what they do not measure."""
    planned = _planned(review)
    codes = planned.indicators
    actions = review.pack.actions
    given = int(actions["indicator_code"].map(_text).ne("").sum())
    named = int(actions["indicator"].map(_text).ne("").sum())
    answer = (
        f"**None of the common codes measures exports**; each of the {count(len(planned.plan), 'action')} therefore carries a programme-specific indicator beside "
        f"{count(codes.loc[codes['code'] != '', 'code'].nunique() if len(codes) else 0, 'common code')} ({review.parameters.template}). "
        + (
            f"Of the region’s {count(len(actions), 'published action')}, {named or 'none'} {'names' if named == 1 else 'name'} an indicator and {given or 'none'} a code."
            if len(actions)
            else "The pack lists no published action."
        )
    )
    table = (
        planned.plan[["action_id", "action_no", "title"]].merge(codes, on="action_id")
        if len(codes)
        else codes
    )
    return Section(
        answer=answer,
        tables={
            "plan_indicators": Table(
                table,
                "Indicators proposed for each action",
                "Codes: Regulation (EU) 2021/1058 annex I and Interreg common indicators, or the common indicators 2014–2020. Names are shortened by us; check the code "
                "against the programme before use.",
            )
        },
        how_sure="medium; which codes a programme uses is for its managing authority to say.",
        to_check="A baseline and a target for every programme-specific indicator: without them it can not be reviewed in step 6.",
    )


def money(review: Review) -> Section:
    """Return what is published about the money of the region's own actions, by source."""
    actions = review.pack.actions
    table = advice.funding_table(actions)
    title_of = dict(zip(actions["action_id"], actions["title"], strict=True))
    table.insert(1, "title", table["action_id"].map(title_of))
    verdict = table.drop_duplicates("action_id")["adds_up"].value_counts()
    n = len(actions)
    costed = int(actions["cost_eur"].notna().sum())
    known = float(actions["cost_eur"].sum())
    split_known = table.dropna(subset=["amount_eur"])
    answer = (
        f"Of **{n}** published actions {costed or 'none'} {'has' if costed == 1 else 'have'} a published cost"
        + (f" ({_money(known)} in all, some of it for wider areas)" if costed else "")
        + f"; for {int(verdict.get('yes', 0)) or 'none'} the sources named sum to the cost, "
        f"{int(verdict.get('no', 0)) or 'none'} {'does' if verdict.get('no', 0) == 1 else 'do'} not add up, {int(verdict.get('amounts not published', 0)) or 'none'} name sources without amounts, "
        f"and {int(verdict.get('no source named', 0)) or 'none'} name no source."
        if n
        else "The pack lists no published action."
    )
    if len(split_known):
        by = split_known.groupby("source")["amount_eur"].sum().sort_values(ascending=False, kind="stable")
        answer += f" Where amounts are given, the largest source is {plain(str(by.index[0]))} with {_money(float(by.iloc[0]))}."
    return Section(
        answer=answer,
        tables={
            "funding": Table(
                table,
                "Money of the region’s published actions by source",
                "Only a plain number of euros after a source is read as an amount; sums in other currencies stay text. Missing is not zero.",
            )
        },
        how_sure="high for what is published; what is not published stays unknown.",
        to_check="Amounts by source, from the bodies that pay.",
    )


def published(review: Review) -> Section:
    """Return where what the region did or planned meets what the review proposes."""
    todo, actions = _open(_proposals(review)), review.pack.actions
    pairs = advice.meet(actions, todo)
    met = todo[todo["recommendation_id"].isin(pairs["recommendation_id"])]
    alone = actions[~actions["action_id"].isin(pairs["action_id"])]
    open_only = todo[~todo["recommendation_id"].isin(pairs["recommendation_id"])]
    top = todo.head(3)
    same = top[top["recommendation_id"].isin(pairs["recommendation_id"])]
    answer = (
        f"**{len(met)}** of {count(len(todo), 'recommendation')} share a need or a service with one of the region’s {count(len(actions), 'published action')}; "
        f"{len(open_only) or 'none'} go where no published action went"
        + (f" (first: {inside(plain(_short_title(open_only.iloc[0]['title'])))})" if len(open_only) else "")
        + f". Of the three weightiest, {len(same) or 'none'} {'was' if len(same) == 1 else 'were'} met by the published plan. "
        + (
            f"{count(len(alone), 'published action')} {'meets' if len(alone) == 1 else 'meet'} no recommendation, which is no criticism: need met since is no gap today."
            if len(alone)
            else "Every published action meets one."
        )
        if len(actions)
        else "The pack lists no published action to compare with."
    )
    made = {}
    if len(actions):
        made["published_and_proposed"] = _both_chart(review, todo, actions)
    names = actions.set_index("action_id")
    table = pairs.merge(todo[["recommendation_id", "title", "option"]], on="recommendation_id").rename(
        columns={"title": "recommendation"}
    )
    table["published_action"] = table["action_id"].map(names["title"])
    table["published_status"] = table["action_id"].map(names["status"])
    table["published_years"] = [_years(names.loc[a]) for a in table["action_id"]]
    return Section(
        answer=answer,
        charts=made,
        tables={
            "published_and_proposed": Table(
                table[
                    [
                        "recommendation_id",
                        "recommendation",
                        "option",
                        "action_id",
                        "published_action",
                        "published_status",
                        "published_years",
                        "shares",
                        "same_instrument",
                    ]
                ],
                "Where published actions and recommendations meet",
                "Two meet if they share a need or a service; that says nothing on whether the published one worked. Years and status as published.",
            )
        },
        how_sure="medium for the match of needs, which are our coding of the published text.",
        to_check="For each pair: did the published action happen, and did it help?",
    )


def _years(action: pd.Series) -> str:
    start, end = ("" if pd.isna(action[c]) else str(int(action[c])) for c in ("start_year", "end_year"))
    return f"{start or '?'}–{end or '?'}"


def _both_chart(review: Review, todo: pd.DataFrame, actions: pd.DataFrame) -> Any:
    rows = []
    proposed = todo["need"].value_counts()
    told: dict[str, int] = {}
    for needs in actions["barriers_addressed"]:
        for need in needs if isinstance(needs, tuple) else ():
            told[need] = told.get(need, 0) + 1
    needs = [n for n in review.vocabulary.codes("barrier") if n in proposed.index or n in told]
    needs.sort(key=lambda n: (-int(proposed.get(n, 0)), told.get(n, 0), n))
    for need in needs:
        rows += [
            {"label": _label(review, "barrier", need), "side": side, "actions": int(number)}
            for side, number in (("published", told.get(need, 0)), ("proposed", proposed.get(need, 0)))
        ]
    unanswered = [n for n in needs if n in proposed.index and n not in told]
    title = (
        f"{count(len(unanswered), 'need')} with a recommendation had no published action"
        if unanswered
        else "Every need with a recommendation had a published action"
    )
    return charts.both_sides(
        pd.DataFrame(rows),
        title=title,
        subtitle=f"{len(actions)} published actions by the needs they name (one may name several), {len(todo)} recommendations by need",
        source=_source(review),
        description=f"{title}. Bars to the left count published actions, bars to the right recommendations.",
    )


# ------------------------------------------------------------------------------------------------ first screen, meaning, limits


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
    for a in _each(planned.plan):
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


def _findings(review: Review) -> pd.DataFrame:
    planned, proposals = _planned(review), _proposals(review)
    slim = _slim(review)
    by_id = proposals.set_index("recommendation_id")
    rows = [
        {
            "finding_id": f"plan:action:{a.action_id}", "kind": "action", "subject": a.action_id,
            "statement": f"{a.action_no}. {a.title} ({a.accountable}, {a.timeframe}).",
            "value": float(by_id.loc[a.action_id, "value"]), "unit": "share of weighted demand × severity",
            "how_sure": by_id.loc[a.action_id, "how_sure"], "status": "candidate" if a.status == advice.PROPOSED else "finding", "rows": a.rows,
        }
        for a in _each(planned.plan)
    ]  # fmt: skip
    if len(slim.serves.columns):
        rows.append(
            {
                "finding_id": "plan:simplification:services", "kind": "simplification", "subject": "services",
                "statement": f"{len(slim.cover.removed)} of {len(slim.services)} services could go together without losing served demand.",
                "value": float(len(slim.cover.removed)), "unit": "services", "how_sure": "low", "status": "candidate",
                "rows": ";".join(f"services:{s}" for s in slim.cover.removed),
            }
        )  # fmt: skip
    items = _items(review, "ahead", review.parameters.years)
    total = len(items.costed) + len(items.uncosted)
    if total:
        rows.append(
            {
                "finding_id": "plan:money:costs-unknown", "kind": "money", "subject": "costs-unknown",
                "statement": f"{len(items.uncosted)} of {total} actions that could be chosen have no published cost.",
                "value": len(items.uncosted) / total, "unit": "share of actions", "how_sure": "high", "status": "finding",
                "rows": ";".join(f"actions:{a}" for a in items.uncosted.loc[items.uncosted["origin"] == "published by the region", "action_id"]),
            }
        )  # fmt: skip
    return findings_frame(rows)


def meaning(review: Review) -> Section:
    """Return what the plan means for the region, and its findings for the review."""
    planned = _planned(review)
    frame = _findings(review)
    checks = advice.check_plan(planned.plan)
    failed = checks[checks["passed"] == "no"]
    quick = planned.plan[planned.plan["start_year"] == planned.plan["end_year"]]
    answer = (
        f"For {plain(review.pack.region.name)} the plan is a draft with {count(len(planned.plan), 'action')} that people can accept, change or turn down, one by one. "
        + (
            f"**Can be done within a year:** {listing([plain(inside(t)) for t in quick['title']], 3)}. "
            if len(quick)
            else ""
        )
        + (
            f"**Not yet true of every action, and asked for before it can be signed:** {listing([inside(str(t)) for t in dict.fromkeys(failed['asks'])], 4)}. "
            if len(failed)
            else ""
        )
        + "**Not in it:** any closure. Whoever wants to end a service first confirms the overlap, assesses its effects and finds a way for every firm."
    )
    return Section(
        answer=answer,
        tables={
            "findings": Table(
                frame,
                "What this step hands on",
                "An action is a candidate until a decision on the recommendation is on record.",
            )
        },
        how_sure="low to medium; see each row.",
        to_check="Put the first action on the agenda of the next steering group and record what it decides.",
    )


def limits(_review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    lines = [
        "A recommendation is a rule applied to findings, most of which are candidates nobody has validated; it can be no better than they are.",
        "The value of an action is the demand it bears on, not an effect: no source here measures what firms gained.",
        "Costs are missing for most actions. Where a practice’s cost stands in, it is that of another region, of another size, in another year.",
        "Severities, efforts by option, swing weights, lengths and years of actions are project conventions, shown where they are used.",
        "Simplification sees only what the personas need and what our codes say. A service that serves other firms is held, not judged; quality, trust and "
        "nearness do not show in a code.",
        "Capacity is a constraint only where capacity and take-up of all services concerned are on record.",
        "Exclusions and prerequisites between published actions are read from their notes; others may exist.",
        "Indicator codes are given from general knowledge of the regulations; none of them measures exports.",
        "Lessons are matched by need and stage; whether powers, money and people are there to transfer them is for the two regions to talk about.",
    ]
    return Section(
        "\n".join(f"- {line}" for line in lines), how_sure="high; these are the rules the page follows."
    )


LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "chain": headline,
        "recommendations": recommendations,
        "options": options,
        "simplification": simplification,
        "who_loses": simplification,
        "landscapes": journeys_to_be,
        "journeys_to_be": journeys_to_be,
        "priorities": priorities,
        "weight_changes": priorities,
        "portfolio": portfolio,
        "costs_unknown": portfolio,
        "action_plan": action_plan,
        "action_plan_checks": action_plan,
        "raci": responsibilities,
        "plan_indicators": indicators,
        "funding": money,
        "published_and_proposed": published,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
