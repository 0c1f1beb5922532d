"""The schemas of the tables that all regions share: barriers, indicators, personas, what support types lower."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eis_lib.pack.columns import SOURCE, _code, _key, _number, _text, _year
from eis_lib.pack.schema import Column, Fault, Rule, TableSchema, split_list

BARRIERS = TableSchema(
    "barriers",
    "Share of firms that name a barrier, in one published survey.",
    ("ref_area", "barrier", "barrier_name", "year", "population"),
    (
        _text("ref_area", "Country or EU aggregate of the survey.", filled=True),
        _code("barrier", "barrier", "Barrier, coded.", filled=True),
        _text("barrier_name", "Wording of the survey.", filled=True),
        _number("share_percent", "Share of firms that name it, in per cent.", filled=True, high=100),
        _text("population", "Whom the survey asked.", filled=True),
        _year("year", "Year of the survey.", filled=True),
        *SOURCE,
    ),
    required=True,
)

INDICATORS = TableSchema(
    "indicators",
    "One published value of one indicator for one area and period.",
    ("ref_area", "nuts_version", "indicator", "time_period"),
    (
        _text("ref_area", "NUTS code, country or EU aggregate.", filled=True),
        _text("ref_area_name", "Name of the area.", filled=True),
        _text("nuts_version", "Version of the NUTS code; empty for countries and aggregates."),
        Column("indicator", "id", "Indicator, coded.", filled=True),
        _text("indicator_name", "Name of the indicator.", filled=True),
        _text("unit", "Unit of the values.", filled=True),
        Column("time_period", "period", "Year, quarter or month.", filled=True),
        _number("obs_value", "Value.", filled=True, low=None),
        _text("obs_flag", "Flags of the source, and ours: derived, approx, y, mean."),
        *SOURCE,
    ),
    required=True,
)

PERSONAS = TableSchema(
    "personas",
    "An invented SME that stands for a segment: a named point in size × sector × stage × mode × traits.",
    ("persona_id",),
    (
        _key("persona_id", "Short name of the persona."),
        _text("name", "Name shown to the reader.", filled=True),
        _text("story", "Who the firm is and what it wants.", filled=True),
        _code("sme_size", "sme_size", "Size class.", filled=True),
        _code("sectors", "sector", "Sectors of the firm.", filled=True, many=True),
        _code("internationalisation_stage", "internationalisation_stage", "Stage of the firm.", filled=True),
        _code("start_stage", "journey_stage", "Stage at which it starts to look for support.", filled=True),
        _code("goal_stage", "journey_stage", "Stage it wants to reach.", filled=True),
        _code("modes", "mode", "Modes it is interested in.", filled=True, many=True),
        _code("experience", "experience", "Export experience.", filled=True),
        _code("market_scope", "market_scope", "Markets it aims at.", filled=True, many=True),
        _code("barriers", "barrier", "Barriers it meets.", filled=True, many=True),
        _code("traits", "trait", "Special traits.", many=True),
        _text("languages", "Languages it works in, besides the region's.", many=True),
        _code("digital", "yes_no", "Whether it can use online-only services.", filled=True),
        _number("budget_eur", "What it can pay out of its own pocket."),
        _number("weight", "Share of the SME population it stands for.", filled=True, high=1),
        _text("weight_note", "What the weight rests on.", filled=True),
        *SOURCE,
    ),
    required=True,
)

SUPPORT_TYPE_BARRIERS = TableSchema(
    "support_type_barriers",
    "A barrier that a support type can lower (our coding).",
    ("support_type", "barrier"),
    (
        _code("support_type", "support_type", "Support type.", filled=True),
        _code("barrier", "barrier", "Barrier it can lower.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
    required=True,
)

RELATED_SUPPORT_TYPES = TableSchema(
    "related_support_types",
    "Two kinds of support that are alike enough for a firm to ask at both doors (our coding).",
    ("support_type", "related"),
    (
        _code("support_type", "support_type", "Support type.", filled=True),
        _code("related", "support_type", "Another that is alike, in either order.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
    (Rule("related", "another support type", lambda f: f["support_type"] != f["related"]),),
    required=True,
)

IMPOSSIBLE_NEEDS = TableSchema(
    "impossible_needs",
    "A barrier that a firm of one mode alone cannot have (our reading); no persona may have it.",
    ("mode", "barrier"),
    (
        _code("mode", "mode", "Mode of internationalisation.", filled=True),
        _code("barrier", "barrier", "Barrier that no firm of this mode meets.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
    required=True,
)


AGED = ("services", "policies", "good_practices", "indicators")
"""Kinds of rows whose age is told."""

AGES = TableSchema(
    "ages",
    "How old rows of one kind may be before they count as ageing, and as stale (our convention).",
    ("kind",),
    (
        _key("kind", "Table whose rows are meant: services, policies, good_practices or indicators."),
        _number("fresh_years", "Up to this age, in years, a row is fresh.", filled=True),
        _number("stale_years", "Beyond this age, in years, a row is stale.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
    (
        Rule("kind", f"one of {', '.join(AGED)}", lambda f: f["kind"].isin(AGED)),
        Rule(
            "stale_years",
            "a number not below fresh_years",
            lambda f: (
                ~(
                    pd.to_numeric(f["stale_years"], errors="coerce")
                    < pd.to_numeric(f["fresh_years"], errors="coerce")
                )
            ),
        ),
    ),
    required=True,
)


def missing_ages(ages: pd.DataFrame, file: str) -> list[Fault]:
    """Return a fault for each kind of rows that has no age."""
    return [
        Fault(file, 0, "kind", f"has no row '{kind}'", "one row for each kind")
        for kind in AGED
        if kind not in set(ages["kind"])
    ]


def impossible_needs(personas: pd.DataFrame, impossible: pd.DataFrame, file: str) -> list[Fault]:
    """Return a fault for each barrier of a persona that none of its modes can meet; both tables as text."""
    pairs = set(zip(impossible["mode"], impossible["barrier"], strict=True))
    faults = []
    for index, (modes, barriers) in enumerate(zip(personas["modes"], personas["barriers"], strict=True)):
        for barrier in split_list(barriers):
            if modes and all((mode, barrier) in pairs for mode in split_list(modes)):
                faults.append(
                    Fault(
                        file,
                        index + 2,
                        "barriers",
                        f"holds '{barrier}', which a firm of mode '{modes}' cannot have (impossible_needs.csv)",
                        "barriers that at least one of its modes can meet",
                    )
                )
    return faults


COMMON_TABLES: Mapping[str, TableSchema] = {
    table.name: table
    for table in (
        BARRIERS,
        INDICATORS,
        PERSONAS,
        SUPPORT_TYPE_BARRIERS,
        RELATED_SUPPORT_TYPES,
        IMPOSSIBLE_NEEDS,
        AGES,
    )
}
"""Every table shared by all regions."""
