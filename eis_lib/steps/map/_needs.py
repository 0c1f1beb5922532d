"""Whether services answer the needs of firms, and over how many providers they are spread."""

from __future__ import annotations

import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import _codes, _extremes, _label, _low, _names, _need_status, _source
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _join, _none, _records, _share_words


def need_areas(review: Review) -> Section:
    """Return which needs of firms the services answer, and at which level of government."""
    now = view(review)
    own = set(now.services.loc[now.services["need_area_from"] == "own", "service_id"])
    counts = landscape.facet_counts(now.services, "need_area", _codes(review, "need_area"))
    lead_level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    lead = dict(zip(now.services["service_id"], now.services["provider_id"], strict=True))
    levels = _codes(review, "provider_level")
    status = _need_status(review, now)
    rows, long = [], []
    for row in _records(counts):
        ids = row.service_ids
        named = sum(i in own for i in ids)
        at = {level: sum(lead_level.get(lead[i]) == level for i in ids) for level in levels}
        label = _label(review, "need_area", row.code)
        rows.append(
            {
                "need_area": row.code,
                "label": label,
                "status": status.get(row.code, UNKNOWN),
                "services": row.services,
                "from_own_coding": named,
                "derived": len(ids) - named if row.code != UNKNOWN else 0,
                "providers": row.providers,
                **{f"led_{level}": number for level, number in at.items()},
                "service_ids": _join(ids),
            }
        )
        long += [
            {
                "need": label,
                "level": level,
                "level_label": _label(review, "provider_level", level),
                "services": number,
                "note": {"unknown": "can not be told", "none": "none on record"}.get(
                    status.get(row.code, ""), ""
                ),
            }
            for level, number in at.items()
        ]
    table = (
        pd.DataFrame(rows)
        .sort_values(["services", "need_area"], ascending=[False, True])
        .reset_index(drop=True)
    )
    order = {label: n for n, label in enumerate(table["label"])}
    tidy = (
        pd.DataFrame(long)
        .sort_values("need", key=lambda c: c.map(order), kind="stable")
        .reset_index(drop=True)
    )
    known = table[table["need_area"] != UNKNOWN]
    bare = known.loc[known["status"] == "none", "need_area"].tolist()
    blind = known.loc[known["status"] == UNKNOWN, "need_area"].tolist()
    top = _extremes(review, "need_area", known.rename(columns={"need_area": "code"}))
    derived = int((now.counted["need_area_from"] == "derived").sum())
    named_by_all = int((now.counted["need_area_from"] == "own").sum())
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
        f"{_share_words(named_by_all, now.total, 'service')} {'names' if named_by_all <= 1 else 'name'} the needs answered; for {_none(derived)} they are derived from the kind of support "
        f"by our own table ({count(len(review.common.support_type_barriers), 'pair')}), so this shows what such services usually help with."
    )
    chart = charts.need_areas(
        tidy,
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
        description=f"Stacked bars of services by need area. Most: {top.high_words()} with {top.most}."
        + (
            f" None on record: {listing([_label(review, 'need_area', c) for c in bare], most=16)}."
            if bare
            else ""
        )
        + (
            f" Can not be told: {listing([_label(review, 'need_area', c) for c in blind], most=16)}."
            if blind
            else ""
        ),
    )
    return Section(
        answer=" ".join(words),
        charts={"need_areas": chart},
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


def concentration(review: Review) -> Section:
    """Return over how many providers and levels of government the services of each need area are spread."""
    now, names = view(review), _names(review)
    areas = landscape.concentration(now.services, review.pack.providers, _codes(review, "need_area"))
    areas.insert(1, "label", [_label(review, "need_area", c) for c in areas["need_area"]])
    status = _need_status(review, now)
    areas.insert(2, "status", [status.get(c, UNKNOWN) for c in areas["need_area"]])
    areas["level_codes"] = areas["level_codes"].map(_join)
    areas["service_ids"] = areas["service_ids"].map(_join)
    areas = areas.sort_values(
        ["effective_providers", "need_area"], ascending=[False, True], na_position="last"
    ).reset_index(drop=True)
    held = areas[(areas["services"] > 0) & (areas["need_area"] != UNKNOWN)]
    if held.empty:
        return Section(
            answer="No service can be placed in a need area.",
            tables={"concentration": Table(areas, "Concentration by need area")},
            how_sure="low; nothing to count.",
        )
    single = held[held["providers"] == 1]
    spread, narrow = _records(held)[0], _records(held)[-1]
    capacity = int((held["capacity_known"] == held["services"]).sum())
    narrow_who = plain(names[narrow.largest_provider])
    words = [
        f"Help with *{_low(review, 'need_area', spread.need_area)}* is spread widest: {count(spread.services, 'service')} of "
        f"{count(spread.providers, 'provider')} at {count(spread.levels, 'level')} of government, as if {spread.effective_providers:.1f} "
        f"equal providers shared it."
    ]
    if len(single):
        words.append(
            f"{count(len(single), 'need')} {'rests' if len(single) == 1 else 'rest'} on one provider alone: "
            f"{listing([_low(review, 'need_area', c) for c in single['need_area']], most=8)}."
        )
    else:
        words.append(
            f"No need rests on one provider alone; narrowest is *{_low(review, 'need_area', narrow.need_area)}* "
            f"({narrow.effective_providers:.1f} effective providers, {narrow_who} with {narrow.largest_share:.0%})."
        )
    words.append(
        "The share is each provider’s number of services"
        + (
            f"; {count(capacity, 'need')} also {'has' if capacity == 1 else 'have'} one by capacity."
            if capacity
            else "; capacity is not recorded widely enough to use."
        )
    )
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
        answer=" ".join(words),
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
