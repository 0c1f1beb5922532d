"""Whether the landscape changed, and whether needs came to be met or ceased to be."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import landscape, monitor
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._demand import _cells
from eis_lib.steps.review._view import _day, _diff, _names, _previous
from eis_lib.steps.shared.landscape import view, walk_journeys
from eis_lib.steps.shared.words import _be, _flat, _label

_CHANGE_WORDS = MappingProxyType(
    {
        ("added", False): "added",
        ("added", True): "new in place of an old one",
        ("entered record", False): "entered the record",
        ("closed", False): "closed",
        ("replaced", True): "closed with a successor",
        ("merged", True): "closed with a successor",
        ("left record", False): "left the record",
    }
)


def landscape_change(review: Review, *, previous_year: int | None = None) -> Section:
    """Return what was added, closed, merged or moved since another year, real change apart from better data."""
    previous, day = _previous(review, previous_year), _day(review)
    diff = _diff(review, previous)
    counted = monitor.count_changes(diff)
    services = diff[diff["table"] == "services"]
    stayed = _stayed(review, previous)
    tables = {
        "landscape_change": Table(
            _flat(diff),
            f"What changed between the end of {previous} and {day.isoformat()}",
            "nature: real change (a recorded year says so), better data (the row was found later, or set right), cannot tell. Merged: its successor was there before.",
        ),
        "change_counts": Table(counted, "Changes by table, kind and nature"),
    }
    lines = [*_service_lines(review, services, previous), *_other_lines(diff)]
    lines.append(
        f"{stayed['all']} services count at both dates, {stayed['undated']} of them only because a year is missing: what happened to those is unknown."
    )
    return Section(
        answer=" ".join(lines),
        charts=_turnover_picture(review, services, previous),
        tables=tables,
        how_sure=f"{'Low' if stayed['undated'] > stayed['all'] / 2 else 'Medium'}: {stayed['undated']} of {stayed['all']} services that stayed lack a year. One pack read at two years is "
        "no pair of kept snapshots: a cell that was changed since cannot show.",
        to_check="The services that stayed only because nothing says that they ended.",
    )


def _began_and_ended(services: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the services that a recorded year says began, and those that ended."""
    real = services[services["nature"] == monitor.REAL]
    return real[real["change"] == "added"], real[real["change"].isin(["closed", "replaced", "merged"])]


def _service_lines(review: Review, services: pd.DataFrame, previous: int) -> list[str]:
    """Return in words which services began, ended or were followed by another."""
    names, real = _names(review), services[services["nature"] == monitor.REAL]
    better = int(services["nature"].eq(monitor.BETTER_DATA).sum())
    unknown = int(services["nature"].eq(monitor.CANNOT_TELL).sum())
    added, gone = _began_and_ended(services)
    lines = [
        f"Since the end of {previous}, {count(len(added), 'service')} began"
        + (f" ({listing([plain(names[i]) for i in added['id']], most=4)})" if len(added) else "")
        + f" and {count(len(gone), 'service')} ended"
        + (f" ({listing([plain(names[i]) for i in gone['id']], most=4)})" if len(gone) else "")
        + "."
    ]
    followed = real[real["counterpart"].ne("") & real["change"].isin(["replaced", "merged"])]
    if len(followed):
        lines.append(
            "Followed by a successor: "
            + listing(
                [
                    f"{plain(names[r.id])} → {plain(names.get(r.counterpart.split(';')[0], r.counterpart))}"
                    for r in _each_row(followed)
                ]
            )
            + "."
        )
    if better:
        lines.append(f"{count(better, 'further row')} {_be(better)} better data and no change.")
    if unknown:
        lines.append(f"For {count(unknown, 'row')} it cannot be told whether anything changed.")
    return lines


def _other_lines(diff: pd.DataFrame) -> list[str]:
    """Return in words how many providers, policies and actions began and ended."""
    lines = []
    for table, one, many in (
        ("providers", "provider", "providers"),
        ("policies", "policy", "policies"),
        ("actions", "action", "actions"),
    ):
        part = diff[(diff["table"] == table) & (diff["nature"] == monitor.REAL)]
        new, old = int(part["change"].eq("added").sum()), int(part["change"].eq("closed").sum())
        if new or old:
            lines.append(f"{count(new, one, many).capitalize()} began, {count(old, one, many)} ended.")
    return lines


def _turnover_picture(review: Review, services: pd.DataFrame, previous: int) -> dict[str, Any]:
    """Return services that came and went by kind of support; no picture where there are none."""
    kinds = dict(zip(review.pack.services["service_id"], review.pack.services["support_type"], strict=True))
    rows = [
        {
            "kind": _label(review, "support_type", kinds[r.id]), "change": _CHANGE_WORDS[r.change, bool(r.counterpart)],
            "services": -1 if r.change in ("closed", "replaced", "merged", "left record") else 1, "is_real": r.nature == monitor.REAL,
        }
        for r in _each_row(services)
        if (r.change, bool(r.counterpart)) in _CHANGE_WORDS
    ]  # fmt: skip
    if not rows:
        return {}
    added, gone = _began_and_ended(services)
    day = _day(review)
    sums = (
        pd.DataFrame(rows)
        .groupby(["kind", "change", "is_real"], sort=False)["services"]
        .sum()
        .reset_index()
        .sort_values(
            ["kind", "change"],
            key=lambda c: (
                c.map(list(dict.fromkeys(_CHANGE_WORDS.values())).index) if c.name == "change" else c
            ),
            kind="stable",
        )
    )
    total = sums.groupby("kind")["services"].sum()
    sums = sums.assign(total=sums["kind"].map(total)).sort_values(
        ["total", "kind"], ascending=[False, True], kind="stable"
    )
    picture = charts.landscape_change(
        sums,
        title=f"{review.pack.region.name}: {count(len(added), 'service')} began and {count(len(gone), 'service')} ended since the end of {previous}",
        subtitle=f"Services by kind of support, end of {previous} to {day.isoformat()}; only recorded years can show a change",
        source=f"region pack {review.pack.id}, years of each service",
        description=f"{count(len(added), 'service')} added, {len(gone)} ended between {previous} and {day.isoformat()}, by kind of support.",
    )
    return {"landscape_change": picture}


def _stayed(review: Review, previous: int) -> dict[str, int]:
    turnover = landscape.turnover(review.pack.services, previous, review.year)
    stayed = turnover[turnover["change"] == "stayed"]
    return {"all": len(stayed), "undated": int(stayed["rests_on_missing_year"].sum())}


def need_change(review: Review, *, previous_year: int | None = None) -> Section:
    """Return which needs came to be met or ceased to be, and which firms got through then and now."""
    previous = _previous(review, previous_year)
    old, new = _cells(review, previous), _cells(review, review.year)
    diff = monitor.diff_gaps(old, new)
    served = [gap_rules.coverage_share(cells)[0] for cells in (old, new)]
    changed = _ways_then_and_now(review, previous)
    return Section(
        answer=_need_words(review, previous, diff, served, changed),
        charts=_need_picture(review, previous, diff, served),
        tables={
            "gap_change": Table(
                _flat(diff),
                f"Needs whose verdict changed between {previous} and {review.year}",
                "opened: met then, a gap now; closed: the other way round; lost and gained: services the verdict rested on. Weights are shares of all demand.",
            ),
            "journey_change": Table(changed, "What each persona would have met then and meets now", "reach: 1 where the goal can be reached with support at every stage; all routes."),
        },
        how_sure="Low to medium: it follows from recorded years only, with the personas and weights of today at both dates; a gap here is a candidate, as in step 3.",
        to_check="Whether the services named as lost were really what firms used.",
    )  # fmt: skip


def _ways_then_and_now(review: Review, previous: int) -> pd.DataFrame:
    """Return what each persona would have met then and meets now."""
    before = walk_journeys(review, view(review, previous))[0].measures.set_index("persona_id")
    after = walk_journeys(review, view(review))[0].measures.set_index("persona_id")
    persona_names = dict(
        zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True)
    )
    return pd.DataFrame(
        {
            "persona_id": after.index, "persona": [persona_names[str(p)] for p in after.index],
            "reach_then": before["reach"].reindex(after.index).to_numpy(), "reach_now": after["reach"].to_numpy(),
            "open_services_then": before["open_services"].reindex(after.index).to_numpy(), "open_services_now": after["open_services"].to_numpy(),
            "steps_then": before["steps"].reindex(after.index).to_numpy(), "steps_now": after["steps"].to_numpy(),
            "cold_hand_offs_then": before["cold_hand_offs"].reindex(after.index).to_numpy(), "cold_hand_offs_now": after["cold_hand_offs"].to_numpy(),
        }
    )  # fmt: skip


def _heaviest(review: Review, rows: pd.DataFrame) -> str:
    """Return the needs of most weight in words."""
    heavy = rows.groupby("need", sort=False)["weight"].sum().sort_values(ascending=False, kind="stable")
    return listing([f"{inside(_label(review, 'barrier', n))} ({w:.1%})" for n, w in heavy.items()], most=4)


def _in_sight(diff: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the needs met now of which nothing was known then, and the other way round."""
    return (
        diff[diff["change"].eq("now known") & diff["new_kind"].eq("")],
        diff[diff["change"].eq("no longer known") & diff["old_kind"].eq("")],
    )


def _need_words(
    review: Review, previous: int, diff: pd.DataFrame, served: Sequence[float], changed: pd.DataFrame
) -> str:
    """Return in words which needs are newly met or unmet, and which personas get through now or no longer."""
    opened, closed = diff[diff["change"] == "opened"], diff[diff["change"] == "closed"]
    lost = changed[(changed["reach_then"] == 1) & (changed["reach_now"] == 0)]
    won = changed[(changed["reach_then"] == 0) & (changed["reach_now"] == 1)]
    words = [
        f"Services on record met {served[0]:.0%} of the weighted demand at the end of {previous} and {served[1]:.0%} in {review.year}."
    ]
    words.append(
        f"Newly unmet: {_heaviest(review, opened)}."
        if len(opened)
        else "No need that was met then is a gap now."
    )
    words.append(f"Newly met: {_heaviest(review, closed)}." if len(closed) else "No gap of then was closed.")
    words.append(
        f"Of {count(len(changed), 'persona')} {len(won) or 'none'} {'gets' if len(won) == 1 else 'get'} through now that did not then, and "
        f"{len(lost) or 'none'} no longer {'does' if len(lost) == 1 else 'do'}"
        + (f": {listing([plain(p) for p in lost['persona']])}." if len(lost) else ".")
        if len(won) or len(lost)
        else f"The same personas get through as then ({int(changed['reach_now'].sum())} of {len(changed)})."
    )
    came_to_light, lost_sight = _in_sight(diff)
    if len(came_to_light) or len(lost_sight):
        words.append(
            f"A further {came_to_light['weight'].sum():.1%} of demand is met now and was unknown then, {lost_sight['weight'].sum():.1%} the other way round."
        )
    return " ".join(words)


def _need_picture(
    review: Review, previous: int, diff: pd.DataFrame, served: Sequence[float]
) -> dict[str, Any]:
    """Return demand newly met and no longer met by need; no picture where there is none."""
    opened, closed = diff[diff["change"] == "opened"], diff[diff["change"] == "closed"]
    came_to_light, lost_sight = _in_sight(diff)
    parts = [
        (opened, "no longer met", -1),
        (lost_sight, "met then, unknown now", -1),
        (closed, "met now", 1),
        (came_to_light, "met now, unknown then", 1),
    ]
    rows = pd.concat(
        [
            part.groupby("need", sort=False)["weight"].sum().mul(sign).reset_index().assign(change=label)
            for part, label, sign in parts
            if len(part)
        ]
        or [pd.DataFrame(columns=["need", "weight", "change"])],
        ignore_index=True,
    )
    if rows.empty:
        return {}
    total = rows.groupby("need")["weight"].sum()
    rows = rows.assign(total=rows["need"].map(total)).sort_values(
        ["total", "need"], ascending=[False, True], kind="stable"
    )
    picture = charts.need_change(
        rows.assign(need=[_label(review, "barrier", n) for n in rows["need"]]),
        title=f"Demand known to be met by services went from {served[0]:.0%} in {previous} to {served[1]:.0%} in {review.year}",
        subtitle=f"Share of weighted demand by need whose verdict changed between {previous} and {review.year}; the same personas and weights at both dates",
        source=f"region pack {review.pack.id}; rules of step 3; weights of step 2",
        description="Demand newly met and no longer met by need: " + "; ".join(f"{r.need} {r.change} {r.weight:+.1%}" for r in _each_row(rows)),
    )  # fmt: skip
    return {"need_change": picture}
