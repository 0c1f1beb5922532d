"""Whether services answer the needs of firms, and over how many providers they are spread."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import Extremes, _codes, _extremes, _label, _low, _names, _need_status, _source
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _none, _records, _share_words


def need_areas(review: Review) -> Section:
    """Return which needs of firms the services answer, and at which level of government."""
    now = view(review)
    table = _need_table(review, now)
    known = table[table["need_area"] != UNKNOWN]
    bare = known.loc[known["status"] == "none", "need_area"].tolist()
    blind = known.loc[known["status"] == UNKNOWN, "need_area"].tolist()
    top = _extremes(review, "need_area", known.rename(columns={"need_area": "code"}))
    named, derived = (int((now.counted["need_area_from"] == basis).sum()) for basis in ("own", "derived"))
    words = [
        f"Most services answer {top.high_words('**')} ({top.most} of {now.total}{' each' if len(top.high) > 1 else ''})."
    ]
    if bare:
        words.append(
            f"None is on record for {listing([_low(review, 'need_area', c) for c in bare], most=16)}."
        )
    if blind:
        words.append(
            f"For {listing([_low(review, 'need_area', c) for c in blind], most=16)} it can not be told: no kind of support is taken to "
            f"answer {'it' if len(blind) == 1 else 'them'}, so only services that name their needs could show help."
        )
    words.append(
        f"{_share_words(named, now.total, 'service')} {'names' if named <= 1 else 'name'} the needs answered; for {_none(derived)} they are derived from the kind of support "
        f"by our own table ({count(len(review.common.support_type_barriers), 'pair')}), so this shows what such services usually help with."
    )
    return Section(
        answer=" ".join(words),
        charts={"need_areas": _need_chart(review, now, table, top, bare, blind, derived)},
        tables={
            "need_areas": Table(
                table,
                "Services behind each need of firms",
                "Need areas are the project’s sixteen barriers; ‘derived’ services get theirs from _common/support_type_barriers.csv (our coding).",
            )
        },
        how_sure="low to medium; the need of a service is derived from its kind of support unless its row names it.",
        to_check="Let each provider name the barriers its services lower (column barriers_addressed).",
    )


def _need_table(review: Review, now: View) -> pd.DataFrame:
    """Return one row per need area: its services, where their coding comes from, and how many each level leads."""
    own = set(now.services.loc[now.services["need_area_from"] == "own", "service_id"])
    level_of = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    lead = {row.service_id: level_of.get(row.provider_id) for row in _records(now.services)}
    status = _need_status(review, now)
    rows = []
    for row in _records(landscape.facet_counts(now.services, "need_area", _codes(review, "need_area"))):
        named = sum(i in own for i in row.service_ids)
        rows.append(
            {
                "need_area": row.code,
                "label": _label(review, "need_area", row.code),
                "status": status.get(row.code, UNKNOWN),
                "services": row.services,
                "from_own_coding": named,
                "derived": len(row.service_ids) - named if row.code != UNKNOWN else 0,
                "providers": row.providers,
                **{
                    f"led_{level}": sum(lead[i] == level for i in row.service_ids)
                    for level in _codes(review, "provider_level")
                },
                "service_ids": _join(row.service_ids),
            }
        )
    table = pd.DataFrame(rows).sort_values(["services", "need_area"], ascending=[False, True])
    return table.reset_index(drop=True)


def _need_chart(
    review: Review,
    now: View,
    table: pd.DataFrame,
    top: Extremes,
    bare: list[str],
    blind: list[str],
    derived: int,
) -> alt.TopLevelMixin:
    """Return the picture of services by need and level; bare needs have no service, blind ones can not be told."""
    notes = {"unknown": "can not be told", "none": "none on record"}
    bars = pd.DataFrame(
        {
            "need": row["label"],
            "level": level,
            "level_label": _label(review, "provider_level", level),
            "services": row[f"led_{level}"],
            "note": "" if row["need_area"] == UNKNOWN else notes.get(row["status"], ""),
        }
        for row in table.to_dict("records")
        for level in _codes(review, "provider_level")
    )
    ends = ""
    if bare:
        ends += f" None on record: {listing([_label(review, 'need_area', c) for c in bare], most=16)}."
    if blind:
        ends += f" Can not be told: {listing([_label(review, 'need_area', c) for c in blind], most=16)}."
    return charts.need_areas(
        bars,
        title=f"{top.most} of {count(now.total, 'service')} answer {top.high_words()}{' each' if len(top.high) > 1 else ''}"
        + (
            f"; {count(len(bare), 'need')} {'has' if len(bare) == 1 else 'have'} none on record"
            if bare
            else ""
        )
        + (f", {len(blind)} can not be told" if blind else ""),
        subtitle=f"Services by need area and level of the leading provider, {now.year}; a service may answer several needs; "
        f"{'all' if derived == now.total else derived} derived from the kind of support",
        source=_source(review, now),
        description=f"Stacked bars of services by need area. Most: {top.high_words()} with {top.most}.{ends}",
    )


def concentration(review: Review) -> Section:
    """Return over how many providers and levels of government the services of each need area are spread."""
    now = view(review)
    areas = _spread_table(review, now)
    held = areas[(areas["services"] > 0) & (areas["need_area"] != UNKNOWN)]
    if held.empty:
        return Section(
            answer="No service can be placed in a need area.",
            tables={"concentration": Table(areas, "Concentration by need area")},
            how_sure="low; nothing to count.",
        )
    spread, narrow = _records(held)[0], _records(held)[-1]
    drawn = held.assign(
        need=held["label"],
        note=[f"{count(row.services, 'service')} · {count(row.levels, 'level')}" for row in _records(held)],
    )
    chart = charts.concentration(
        drawn,
        title=f"“{spread.label}” is shared by {count(spread.providers, 'provider')} at {count(spread.levels, 'level')}, "
        f"“{narrow.label}” by {narrow.providers}",
        subtitle=f"Providers per need area and effective number 1/HHI, {now.year}; share = number of services, joint services split evenly",
        source=_source(review, now),
        description=f"Dots per need area. {spread.label}: {count(spread.providers, 'provider')}, effective number {spread.effective_providers:.1f}. "
        f"{narrow.label}: {narrow.providers} and {narrow.effective_providers:.1f}.",
    )
    return Section(
        answer=_spread_words(review, held, spread, narrow),
        charts={"concentration": chart},
        tables={
            "concentration": Table(
                areas,
                "Providers, levels of government and Herfindahl–Hirschman index by need area (HHI: 1/n to 1; shares 0 to 1)",
                "Many providers are not a fault in themselves; whether they get in each other’s way is the question of step 3. "
                "hhi_capacity is missing unless every service of the need states its capacity.",
            )
        },
        how_sure="medium for the count of providers, low for market weight: a service counts as one whatever its size.",
        to_check="Ask the largest providers how many firms each service takes a year.",
    )


def _spread_table(review: Review, now: View) -> pd.DataFrame:
    """Return the need areas with their providers and how the services are shared, most widely spread first."""
    areas = landscape.concentration(now.services, review.pack.providers, _codes(review, "need_area"))
    areas.insert(1, "label", [_label(review, "need_area", c) for c in areas["need_area"]])
    status = _need_status(review, now)
    areas.insert(2, "status", [status.get(c, UNKNOWN) for c in areas["need_area"]])
    areas["level_codes"] = areas["level_codes"].map(_join)
    areas["service_ids"] = areas["service_ids"].map(_join)
    return areas.sort_values(
        ["effective_providers", "need_area"], ascending=[False, True], na_position="last"
    ).reset_index(drop=True)


def _spread_words(review: Review, held: pd.DataFrame, spread: Any, narrow: Any) -> str:
    """Return where help is spread widest and narrowest, and what the share is counted in."""
    single = held[held["providers"] == 1]
    capacity = int((held["capacity_known"] == held["services"]).sum())
    words = (
        f"Help with *{_low(review, 'need_area', spread.need_area)}* is spread widest: {count(spread.services, 'service')} of "
        f"{count(spread.providers, 'provider')} at {count(spread.levels, 'level')} of government, as if {spread.effective_providers:.1f} "
        f"equal providers shared it. "
    )
    if len(single):
        words += (
            f"{count(len(single), 'need')} {'rests' if len(single) == 1 else 'rest'} on one provider alone: "
            f"{listing([_low(review, 'need_area', c) for c in single['need_area']], most=8)}. "
        )
    else:
        words += (
            f"No need rests on one provider alone; narrowest is *{_low(review, 'need_area', narrow.need_area)}* "
            f"({narrow.effective_providers:.1f} effective providers, {plain(_names(review)[narrow.largest_provider])} with {narrow.largest_share:.0%}). "
        )
    return f"{words}The share is each provider’s number of services" + (
        f"; {count(capacity, 'need')} also {'has' if capacity == 1 else 'have'} one by capacity."
        if capacity
        else "; capacity is not recorded widely enough to use."
    )
