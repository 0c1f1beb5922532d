"""Whether the region stands high or low on a composite index, and how far that hangs on the choices made."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import benchmark
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.compare._structure import _areas
from eis_lib.steps.compare._view import _alone, _words, places
from eis_lib.steps.shared.words import _records

DIRECTIONS: Mapping[str, int] = MappingProxyType({"unemployment-rate": -1})
"""Indicators of a benchmark set of which less is better, where the set has no column ``direction``."""

NORMALISATIONS: Mapping[str, str] = MappingProxyType(
    {
        "min–max": "minmax",
        "z-score": "zscore",
        "rank": "rank",
        "percentile rank": "percentile-rank",
        "Borda": "borda",
        "share of the best": "distance-to-max",
    }
)

WEIGHTINGS: Mapping[str, str] = MappingProxyType(
    {
        "as given": "given",
        "equal": "equal",
        "CRITIC": "critic",
        "principal components": "pca",
        "entropy": "entropy",
    }
)

AGGREGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "arithmetic mean": "arithmetic",
        "geometric mean": "geometric",
        "harmonic mean": "harmonic",
        "Mazziotta–Pareto": "mazziotta-pareto",
        "Copeland (non-compensatory)": "copeland",
        "outranking": "outranking",
    }
)

IMPUTATIONS: Mapping[str, str] = MappingProxyType({"left empty": "none", "mean": "mean", "median": "median"})


def _benchmark_rows(review: Review, path: str) -> tuple[pd.DataFrame, str]:
    """Return the rows of the benchmark set, latest period per area and indicator, and the NUTS version they are in."""
    file = Path(path)
    if not file.is_absolute() and not file.exists():
        file = review.sources.parameters.parent / path
    try:
        content = file.read_bytes()
    except OSError:
        raise ParameterError(f"benchmark_set: no file '{path}'; give the path of a CSV file") from None
    rows = pd.read_csv(io.BytesIO(content), dtype={"nuts_version": "string", "time_period": "string"})
    needed = ["ref_area", "nuts_version", "indicator", "time_period", "obs_value"]
    lacking = [column for column in needed if column not in rows]
    if lacking:
        raise ParameterError(
            f"benchmark_set: '{path}' lacks {', '.join(lacking)}; columns as in _common/indicators.csv"
        )
    review.inputs["benchmark set", file.name] = hashlib.sha256(content).hexdigest()
    rows = rows[rows["ref_area"].str.fullmatch(r"[A-Z]{2}[0-9A-Z]{2}") & ~rows["ref_area"].str.endswith("ZZ")]
    rows = rows.assign(nuts_version=rows["nuts_version"].str.replace(r"\.0$", "", regex=True)).dropna(
        subset=["obs_value"]
    )
    if rows.empty:
        raise ParameterError(f"benchmark_set: '{path}' holds no NUTS 2 region")
    version = str(rows.groupby("nuts_version")["ref_area"].nunique().sort_index().idxmax())
    return rows.sort_values("time_period", kind="stable"), version


def _benchmark_index(
    review: Review, choices: benchmark.Choices
) -> tuple[benchmark.Index, pd.DataFrame, pd.DataFrame, str]:
    """Return the index of the benchmark set, the regions read off it, what did not join, and the version."""
    rows, version = _benchmark_rows(review, review.parameters.benchmark_set)
    used = rows[rows["nuts_version"] == version].drop_duplicates(["ref_area", "indicator"], keep="last")
    wide = used.pivot_table(index="ref_area", columns="indicator", values="obs_value")
    about: Any = used.drop_duplicates("indicator").set_index("indicator")
    framework = pd.DataFrame({"code": list(wide.columns)})
    framework["name"] = [
        str(about.at[c, "indicator_name"]) if "indicator_name" in about else c for c in framework["code"]
    ]
    framework["direction"] = [
        float(about.at[c, "direction"])
        if "direction" in about and pd.notna(about.at[c, "direction"])
        else DIRECTIONS.get(c, 1)
        for c in framework["code"]
    ]
    if "group" in about and about["group"].notna().all():
        framework["parent"] = [str(about.at[c, "group"]) for c in framework["code"]]
        groups = list(dict.fromkeys(framework["parent"]))
        framework = pd.concat(
            [
                framework,
                pd.DataFrame({"code": groups, "name": groups, "parent": "index"}),
                pd.DataFrame({"code": ["index"], "name": ["Index"], "parent": [""]}),
            ],
            ignore_index=True,
        )
    index = benchmark.build_index(wide, framework, choices=choices)
    areas = _areas(review)
    areas = areas[areas["ref_area"].str.len() == 4]
    off = areas[areas["ref_area"].isin(index.units) & (areas["nuts_version"] == version)].drop_duplicates(
        "region"
    )
    _, mismatches = benchmark.join_areas(rows, areas)
    return index, off, mismatches, version


def index(
    review: Review,
    *,
    normalisation: benchmark.Normalisation = "minmax",
    weights: benchmark.Weighting = "given",
    aggregation: benchmark.Aggregation = "arithmetic",
    imputation: benchmark.Imputation = "none",
) -> Section:
    """Return the composite index of all NUTS 2 regions and this region's place on it, or why there is none."""
    alone = _alone(review)
    if alone:
        return alone
    words = _words(__file__, review)
    if not review.parameters.benchmark_set:
        return Section(
            answer=sentences(words.no_ranking(), benchmark.too_few_units(len(review.peers()))),
            how_sure=words.how_sure_no_ranking(),
            to_check=words.to_check_no_ranking(),
        )
    choices = benchmark.Choices(
        normalisation=normalisation, weights=weights, aggregation=aggregation, imputation=imputation
    )
    made, off, mismatches, version = _benchmark_index(review, choices)
    ranked = _rank(review, made, off, words) if made.may_rank else None
    return Section(
        answer=_index_words(made, ranked.place if ranked else "", words),
        charts=ranked.charts if ranked else {},
        tables=_index_tables(made, off, mismatches, version, words) | (ranked.tables if ranked else {}),
        how_sure=words.how_sure(review.parameters.seed),
        to_check=words.to_check(),
    )


def _index_tables(
    made: benchmark.Index, off: pd.DataFrame, mismatches: pd.DataFrame, version: str, words: Words
) -> dict[str, Table]:
    scores = pd.DataFrame({"score": made.scores, "rank": made.ranks}).rename_axis("ref_area").reset_index()
    scores["region"] = scores["ref_area"].map(dict(zip(off["ref_area"], off["region"], strict=True)))
    return {
        "index_scores": Table(
            scores.sort_values(["score", "ref_area"], ascending=[False, True], ignore_index=True),
            words.scores_caption(len(made.units), version),
            words.scores_note(),
        ),
        "index_log": Table(made.log, words.log_caption(), words.log_note()),
        "index_mismatches": Table(mismatches, words.mismatches_caption()),
    }


@dataclass(frozen=True)
class _Ranked:
    """The tables and charts of the ranks, and in words the place of the region, if it has one."""

    tables: dict[str, Table]
    charts: dict[str, Any]
    place: str


def _rank(review: Review, made: benchmark.Index, off: pd.DataFrame, words: Words) -> _Ranked:
    """Return the ranks, and how far they hang on the choices made."""
    draws, seed, units = review.parameters.draws, review.parameters.seed, len(made.units)
    names = _names_on_index(review, off, words)
    own = list(off.loc[off["region"] == review.pack.id, "ref_area"])
    spread = benchmark.run_uncertainty(made, draws=draws, seed=seed)
    shares = benchmark.run_sensitivity(made, seed=seed)
    table = spread.table.set_index("unit")
    tables = {
        "index_coherence": Table(made.coherence(), words.coherence_caption(), words.coherence_note()),
        "index_ranks": Table(
            spread.table.assign(region=[names.get(str(u), "") for u in spread.table["unit"]]),
            words.ranks_caption(draws),
            words.ranks_note(spread.seed),
        ),
        "index_sensitivity": Table(shares, words.sensitivity_caption(), words.sensitivity_note(seed)),
        "index_alternatives": Table(_alternatives(made, names), words.alternatives_caption()),
    }
    pictures = {
        "index_ranks": _rank_chart(
            table,
            names=names,
            own=own,
            units=units,
            draws=draws,
            seed=spread.seed,
            words=words,
        ),
        "index_sensitivity": _sensitivity_chart(shares, units, seed, words),
    }
    if not own:
        return _Ranked(tables, pictures, "")
    unit = own[0]
    tables["index_strengths"] = Table(made.strengths(unit), words.strengths_caption(unit))
    return _Ranked(tables, pictures, words.place(unit, table.loc[unit], units, draws))


def _names_on_index(review: Review, off: pd.DataFrame, words: Words) -> dict[str, str]:
    """Return the names of the regions by the area they are read off, which is said where it is a wider one."""
    found = places(review)
    return {row.ref_area: words.named(found[row.region], row.ref_area) for row in _records(off)}


def _index_words(made: benchmark.Index, place: str, words: Words) -> str:
    filled, treated = (int((made.log["stage"] == stage).sum()) for stage in ("imputed", "treated"))
    return sentences(
        place or words.no_place(),
        words.index_holds(len(made.tree.leaves), len(made.units), filled, treated),
        *made.notes,
    )


def _alternatives(made: benchmark.Index, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the ranks of the named units as chosen and with one choice changed at a time."""
    changes: list[tuple[str, dict[str, Any]]] = [
        ("z-scores", {"normalisation": "zscore"}),
        ("geometric mean", {"aggregation": "geometric"}),
        ("Mazziotta–Pareto", {"aggregation": "mazziotta-pareto"}),
        ("Copeland (non-compensatory)", {"aggregation": "copeland"}),
        ("weights by CRITIC", {"weights": "critic"}),
        ("outliers left", {"outliers": "none"}),
        ("nothing filled in", {"imputation": "none"}),
        ("filled with the mean", {"imputation": "mean"}),
    ]
    table = pd.DataFrame({"unit": list(names), "region": list(names.values())})
    table["as_chosen"] = [made.ranks[unit] for unit in names]
    for words, change in changes:
        if all(getattr(made.choices, key) == value for key, value in change.items()):
            continue
        other = made.change(**change).ranks
        table[re.sub(r"\W+", "_", words.lower()).strip("_")] = [other.get(unit, math.nan) for unit in names]
    return table.sort_values(["as_chosen", "unit"], ignore_index=True)


def _rank_chart(
    table: pd.DataFrame,
    *,
    names: Mapping[str, str],
    own: Sequence[str],
    units: int,
    draws: int,
    seed: int,
    words: Words,
) -> Any:
    shown: Any = table.loc[[unit for unit in table.index if unit in names]]
    frame = shown.reset_index().assign(
        region=[names[unit] for unit in shown.index], is_own=[unit in own for unit in shown.index]
    )
    widest = frame.assign(width=frame["high"] - frame["low"]).sort_values("width").iloc[-1]
    title = (
        words.ranks_title(shown.at[own[0], "low"], shown.at[own[0], "high"], units)
        if own and own[0] in shown.index
        else words.ranks_title_without_own(widest)
    )
    return charts.rank_intervals(
        frame,
        units=units,
        title=title,
        subtitle=words.ranks_subtitle(draws, seed),
        source=words.ranks_source(units),
        description=title,
    )


def _sensitivity_chart(shares: pd.DataFrame, units: int, seed: int, words: Words) -> Any:
    frame = shares.assign(input=[words.choice(name) for name in shares["input"]])
    first = frame.iloc[0]
    title = words.sensitivity_title(first["input"])
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=words.sensitivity_subtitle(units, seed),
        source=words.sensitivity_source(),
        description=words.sensitivity_description(title, first["total_order"]),
    )
