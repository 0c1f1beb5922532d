"""Whether the landscape changed, and whether needs came to be met or ceased to be."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.numbers import percent
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import landscape, monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._demand import _cells
from eis_lib.steps.review._view import _day, _diff, _names, _previous
from eis_lib.steps.shared.landscape import view, walk_journeys
from eis_lib.steps.shared.words import _flat, _label, _records, words_of

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
    services = diff[diff["table"] == "services"]
    stayed = _stayed(review, previous)
    words = words_of(__file__, review, previous=previous)
    return Section(
        answer=words.landscape_answer(_services_in_names(review, services), _others(diff), stayed),
        charts=_turnover_picture(review, services, words),
        tables={
            "landscape_change": Table(
                _flat(diff), words.landscape_caption(day.isoformat()), words.landscape_note()
            ),
            "change_counts": Table(monitor.count_changes(diff), words.counts_caption()),
        },
        how_sure=words.landscape_how_sure(stayed),
        to_check=words.landscape_to_check(),
    )


def _began_and_ended(services: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the services that a recorded year says began, and those that ended."""
    real = services[services["nature"] == monitor.REAL]
    return real[real["change"] == "added"], real[real["change"].isin(["closed", "replaced", "merged"])]


def _services_in_names(review: Review, services: pd.DataFrame) -> dict[str, Any]:
    """Return the names of services that began, ended or were followed by another, and how many rows tell of no change."""
    names, real = _names(review), services[services["nature"] == monitor.REAL]
    added, gone = _began_and_ended(services)
    followed = real[real["counterpart"].ne("") & real["change"].isin(["replaced", "merged"])]
    return {
        "added": [plain(names[i]) for i in added["id"]],
        "gone": [plain(names[i]) for i in gone["id"]],
        "followed": [
            f"{plain(names[r.id])} → {plain(names.get(r.counterpart.split(';')[0], r.counterpart))}"
            for r in _each_row(followed)
        ],
        "better": int(services["nature"].eq(monitor.BETTER_DATA).sum()),
        "unknown": int(services["nature"].eq(monitor.CANNOT_TELL).sum()),
    }


def _others(diff: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Return (table, began, ended) for providers, policies and actions, where there is anything to say."""
    found = []
    for table in ("providers", "policies", "actions"):
        part = diff[(diff["table"] == table) & (diff["nature"] == monitor.REAL)]
        new, old = int(part["change"].eq("added").sum()), int(part["change"].eq("closed").sum())
        if new or old:
            found.append((table, new, old))
    return found


def _turnover_picture(review: Review, services: pd.DataFrame, words: Words) -> dict[str, Any]:
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
    day = _day(review).isoformat()
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
        title=words.landscape_title(review.pack.region.name, len(added), len(gone)),
        subtitle=words.landscape_subtitle(day),
        source=words.landscape_source(review.pack.id),
        description=words.landscape_description(len(added), len(gone), day),
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
    words = words_of(__file__, review, previous=previous, year=review.year, served=served, gain=_gain)
    return Section(
        answer=_need_words(diff, changed, words),
        charts=_need_picture(review, diff, words),
        tables={
            "gap_change": Table(_flat(diff), words.gaps_caption(), words.gaps_note()),
            "journey_change": Table(changed, words.journeys_caption(), words.journeys_note()),
        },
        how_sure=words.need_how_sure(),
        to_check=words.need_to_check(),
    )


def _gain(share: float) -> str:
    """Return a share of demand that came to be met or ceased to be, with its sign."""
    return f"{'+' if math.copysign(1, share) > 0 else ''}{percent(share, 1)}"


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


def _heaviest(rows: pd.DataFrame) -> pd.Series:
    """Return need → weight, the heaviest first."""
    return rows.groupby("need", sort=False)["weight"].sum().sort_values(ascending=False, kind="stable")


def _in_sight(diff: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the needs met now of which nothing was known then, and the other way round."""
    return (
        diff[diff["change"].eq("now known") & diff["new_kind"].eq("")],
        diff[diff["change"].eq("no longer known") & diff["old_kind"].eq("")],
    )


def _need_words(diff: pd.DataFrame, changed: pd.DataFrame, words: Words) -> str:
    """Return in words which needs are newly met or unmet, and which personas get through now or no longer."""
    lost = changed[(changed["reach_then"] == 1) & (changed["reach_now"] == 0)]
    won = changed[(changed["reach_then"] == 0) & (changed["reach_now"] == 1)]
    in_sight = _in_sight(diff)
    return words.need_answer(
        _heaviest(diff[diff["change"] == "opened"]),
        _heaviest(diff[diff["change"] == "closed"]),
        {
            "all": len(changed),
            "now": int(changed["reach_now"].sum()),
            "won": len(won),
            "lost": [plain(p) for p in lost["persona"]],
        },
        [rows["weight"].sum() for rows in in_sight] if any(map(len, in_sight)) else None,
    )


def _need_picture(review: Review, diff: pd.DataFrame, words: Words) -> dict[str, Any]:
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
        title=words.need_title(),
        subtitle=words.need_subtitle(),
        source=words.need_source(review.pack.id),
        description=words.need_description(_records(rows)),
    )
    return {"need_change": picture}
