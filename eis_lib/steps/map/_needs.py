"""Whether services answer the needs of firms, and over how many providers they are spread."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import (
    Extremes,
    _codes,
    _extremes,
    _label,
    _names,
    _need_status,
    _quoted,
    _slanted,
    _source,
)
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _records, words_of


def need_areas(review: Review) -> Section:
    """Return which needs of firms the services answer, and at which level of government."""
    now = view(review)
    table = _need_table(review, now)
    known = table[table["need_area"] != UNKNOWN]
    top = _extremes(review, "need_area", known.rename(columns={"need_area": "code"}))
    bare, blind = (known.loc[known["status"] == s, "label"].tolist() for s in ("none", UNKNOWN))
    named, derived = (int((now.counted["need_area_from"] == basis).sum()) for basis in ("own", "derived"))
    pairs = len(review.common.support_type_barriers)
    words = _words(review, now, derived=derived)
    return Section(
        answer=words.answer(top, [*map(inside, bare)], [*map(inside, blind)], named, pairs),
        charts={"need_areas": _need_chart(review, now, table, (top, bare, blind), words)},
        tables={"need_areas": Table(table, words.needs_caption(), words.needs_note())},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _words(review: Review, now: View, **facts: Any) -> Words:
    return words_of(
        __file__, review, year=now.year, total=now.total, quoted=_quoted, slanted=_slanted, **facts
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
    told: tuple[Extremes, list[str], list[str]],
    words: Words,
) -> alt.TopLevelMixin:
    """Return the picture of services by need and level; ``told`` are the ends, bare needs and those that can not be told."""
    bars = pd.DataFrame(
        {
            "need": row["label"],
            "level": level,
            "level_label": _label(review, "provider_level", level),
            "services": row[f"led_{level}"],
            "note": "" if row["need_area"] == UNKNOWN else words.bar(row["status"]),
        }
        for row in table.to_dict("records")
        for level in _codes(review, "provider_level")
    )
    return charts.need_areas(
        bars,
        title=words.title(*told),
        subtitle=words.subtitle(),
        source=_source(review, now),
        description=words.description(*told),
    )


def concentration(review: Review) -> Section:
    """Return over how many providers and levels of government the services of each need area are spread."""
    now = view(review)
    words = _words(review, now)
    areas = _spread_table(review, now)
    held = areas[(areas["services"] > 0) & (areas["need_area"] != UNKNOWN)]
    if held.empty:
        return Section(
            answer=words.nothing_placed(),
            tables={"concentration": Table(areas, words.nothing_placed_caption())},
            how_sure=words.nothing_to_count(),
        )
    return Section(
        answer=_spread_answer(review, held, words),
        charts={"concentration": _spread_chart(review, now, held, words)},
        tables={"concentration": Table(areas, words.spread_caption(), words.spread_note())},
        how_sure=words.spread_how_sure(),
        to_check=words.spread_to_check(),
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


def _spread_answer(review: Review, held: pd.DataFrame, words: Words) -> str:
    """Return where help is spread widest and narrowest, and what the share is counted in."""
    rows = _records(held)
    single = [inside(label) for label in held.loc[held["providers"] == 1, "label"]]
    capacity = int((held["capacity_known"] == held["services"]).sum())
    leader = plain(_names(review)[rows[-1].largest_provider])
    return words.spread_answer(rows[0], rows[-1], leader, single, capacity)


def _spread_chart(review: Review, now: View, held: pd.DataFrame, words: Words) -> alt.TopLevelMixin:
    rows = _records(held)
    return charts.concentration(
        held.assign(need=held["label"], note=[words.dot(row) for row in rows]),
        title=words.spread_title(rows[0], rows[-1]),
        subtitle=words.spread_subtitle(),
        source=_source(review, now),
        description=words.spread_description(rows[0], rows[-1]),
    )
