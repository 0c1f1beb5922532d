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
from eis_lib.language.english import count
from eis_lib.methods import benchmark
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._structure import _areas
from eis_lib.steps.compare._view import _alone, places
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
    if not review.parameters.benchmark_set:
        return Section(
            answer=f"**No ranking is given.** {benchmark.too_few_units(len(review.peers()))}",
            how_sure="high; with so few regions, shares of chance in a rank are larger than the differences ranked.",
            to_check="Whether your statistical office can give the workbook parameter `benchmark_set` a CSV file of all NUTS 2 regions with the "
            "columns of `_common/indicators.csv` (and, if it likes, `direction` 1 or −1 and `group`).",
        )
    choices = benchmark.Choices(
        normalisation=normalisation, weights=weights, aggregation=aggregation, imputation=imputation
    )
    made, off, mismatches, version = _benchmark_index(review, choices)
    ranked = _rank(review, made, off) if made.may_rank else None
    return Section(
        answer=_index_words(review, made, ranked.place if ranked else ""),
        charts=ranked.charts if ranked else {},
        tables=_index_tables(made, off, mismatches, version) | (ranked.tables if ranked else {}),
        how_sure=f"as wide as the interval; drawn with seed {review.parameters.seed}. An index is an opinion with numbers, its interval the honest part.",
        to_check="Before the rank: do the indicators that carry the index measure what this region wants to change?",
    )


def _index_tables(
    made: benchmark.Index, off: pd.DataFrame, mismatches: pd.DataFrame, version: str
) -> dict[str, Table]:
    scores = pd.DataFrame({"score": made.scores, "rank": made.ranks}).rename_axis("ref_area").reset_index()
    scores["region"] = scores["ref_area"].map(dict(zip(off["ref_area"], off["region"], strict=True)))
    return {
        "index_scores": Table(
            scores.sort_values(["score", "ref_area"], ascending=[False, True], ignore_index=True),
            f"The index of {len(made.units)} NUTS 2 regions, NUTS {version}",
            "Regions of the partnership are named; the figure of a county is that of the NUTS 2 region around it.",
        ),
        "index_log": Table(
            made.log, "What was dropped, filled, treated or refused on the way", "One row per thing done."
        ),
        "index_mismatches": Table(
            mismatches, "Areas of the regions that the benchmark set does not hold in their version"
        ),
    }


@dataclass(frozen=True)
class _Ranked:
    """The tables and charts of the ranks, and in words the place of the region, if it has one."""

    tables: dict[str, Table]
    charts: dict[str, Any]
    place: str


def _rank(review: Review, made: benchmark.Index, off: pd.DataFrame) -> _Ranked:
    """Return the ranks, and how far they hang on the choices made."""
    draws, seed, units = review.parameters.draws, review.parameters.seed, len(made.units)
    names = _names_on_index(review, off)
    own = list(off.loc[off["region"] == review.pack.id, "ref_area"])
    spread = benchmark.run_uncertainty(made, draws=draws, seed=seed)
    shares = benchmark.run_sensitivity(made, seed=seed)
    table = spread.table.set_index("unit")
    tables = {
        "index_coherence": Table(
            made.coherence(),
            "How each indicator moves with its group and with the index",
            "Weight is not importance: importance is the squared correlation with the index. Read before the robustness below.",
        ),
        "index_ranks": Table(
            spread.table.assign(region=[names.get(str(u), "") for u in spread.table["unit"]]),
            f"Rank as chosen, and 5th to 95th percentile over {draws:,} random sets of choices",
            f"Seed {spread.seed}.",
        ),
        "index_sensitivity": Table(
            shares, "Which choice moves the ranks (Sobol indices)", f"Seed {seed}; N = 1,024."
        ),
        "index_alternatives": Table(
            _alternatives(made, names), "One choice changed, the whole chain run again: ranks of the regions"
        ),
    }
    pictures = {
        "index_ranks": _rank_chart(review, table, names=names, own=own, units=units, seed=spread.seed),
        "index_sensitivity": _sensitivity_chart(shares, units, seed),
    }
    if not own:
        return _Ranked(tables, pictures, "")
    unit, row = own[0], table.loc[own[0]]
    tables["index_strengths"] = Table(
        made.strengths(unit), f"Strengths and weaknesses of {unit} against the other regions"
    )
    place = (
        f"{plain(review.pack.region.name)} (read off as {unit}) takes rank **{row['nominal']:.0f} of {units}**; over "
        f"{draws:,} random sets of choices it stands between {row['low']:.0f} and {row['high']:.0f}. "
    )
    return _Ranked(tables, pictures, place)


def _names_on_index(review: Review, off: pd.DataFrame) -> dict[str, str]:
    """Return the names of the regions by the area they are read off, which is said where it is a wider one."""
    names = {}
    for row in _records(off):
        place = places(review)[row.region]
        read_off = "" if row.ref_area == place.code else f", as {row.ref_area}"
        names[row.ref_area] = f"{place.name} ({place.kind_words}{read_off})"
    return names


def _index_words(review: Review, made: benchmark.Index, place: str) -> str:
    filled, treated = (int((made.log["stage"] == stage).sum()) for stage in ("imputed", "treated"))
    return (
        (
            place
            or f"{plain(review.pack.region.name)} is not in the benchmark set in a version it states, so it has no place. "
        )
        + f"The index holds {count(len(made.tree.leaves), 'indicator')} of {count(len(made.units), 'region')}; {count(filled, 'value')} {'was' if filled == 1 else 'were'} filled in"
        + (" (what changes without them is in the table of alternatives)" if filled else "")
        + f", {count(treated, 'treatment')} of outliers. {' '.join(made.notes)}"
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
    review: Review,
    table: pd.DataFrame,
    *,
    names: Mapping[str, str],
    own: Sequence[str],
    units: int,
    seed: int,
) -> Any:
    shown: Any = table.loc[[unit for unit in table.index if unit in names]]
    frame = shown.reset_index().assign(
        region=[names[unit] for unit in shown.index], is_own=[unit in own for unit in shown.index]
    )
    widest = frame.assign(width=frame["high"] - frame["low"]).sort_values("width").iloc[-1]
    title = (
        f"{review.pack.region.name} stands between rank {shown.at[own[0], 'low']:.0f} and {shown.at[own[0], 'high']:.0f} of {units}"
        if own and own[0] in shown.index
        else f"The rank of {widest['region']} moves by {widest['width']:.0f} places with the choices made"
    )
    return charts.rank_intervals(
        frame,
        units=units,
        title=title,
        subtitle=f"Bar: 5th to 95th percentile over {review.parameters.draws:,} random sets of choices (seed {seed}); line: median; diamond: as chosen",
        source=f"benchmark set of {units} NUTS 2 regions; counties read off the NUTS 2 region around them",
        description=title,
    )


INPUT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "imputation": "How gaps in the data are filled",
        "outliers": "How outliers are treated",
        "normalisation": "Common scale",
        "weights": "Scheme of weights",
        "aggregation": "Way of adding up",
        "indicator_noise": "Weights of indicators ± 25%",
        "group_noise": "Weights of groups ± 25%",
        "leave_out": "One group or indicator left out",
    }
)


def _sensitivity_chart(shares: pd.DataFrame, units: int, seed: int) -> Any:
    frame = shares.assign(input=[INPUT_WORDS[name] for name in shares["input"]])
    title = f"“{frame.iloc[0]['input']}” decides most about the ranks"
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=f"Sobol indices of the mean rank shift of {units} regions, N = 1,024, seed {seed}; bar: total, tick: alone, line: 95% interval",
        source="computed (Saltelli 2010, Jansen 1999, by SALib)",
        description=f"{title}: {frame.iloc[0]['total_order']:.0%} of the variance of the mean rank shift.",
    )
