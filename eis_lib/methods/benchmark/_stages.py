"""The stages of an index one by one, from the data as given to the scores, and what was done at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.benchmark._aggregation import (
    WHOLE_PROFILE,
    _mean_of,
    _refuse_what_is_not_positive,
    _some,
    aggregate,
)
from eis_lib.methods.benchmark._treatment import Array, BenchmarkError, _quiet, _unknown, normalise
from eis_lib.methods.benchmark._tree import MINIMUM_UNITS, Choices, Tree
from eis_lib.methods.benchmark._weights import STATISTICAL_WEIGHTS, Weighting, statistical_weights

_WORDS = Words(__file__)

# The index

STAGES = ("given", "denominated", "selected", "imputed", "treated", "normalised", "aggregated")


def too_few_units(count: int, minimum: int = MINIMUM_UNITS) -> str:
    """Return in the reader's words why no ranks are given."""
    return _WORDS.too_few_units(count, minimum)


# Inside


class _Log:
    """Collects what was done, row by row."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        stage: str,
        indicator: str = "",
        unit: str = "",
        action: str = "",
        before: float = np.nan,
        after: float = np.nan,
        message: str = "",
    ) -> None:
        self.rows.append(
            {
                "stage": stage,
                "indicator": indicator,
                "unit": unit,
                "action": action,
                "before": before,
                "after": after,
                "message": message,
            }
        )

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(
            self.rows, columns=["stage", "indicator", "unit", "action", "before", "after", "message"]
        ).astype({"before": float, "after": float})


def _aggregate_tree(
    values: Array, tree: Tree, weights: Array, used: Choices, *, only_root: bool = False
) -> dict[str, Array]:
    """Return the score of every node (units × draws); ``weights`` are elements × draws, in the order of the table."""
    column = {leaf: at for at, leaf in enumerate(tree.leaves)}
    if used.aggregation in WHOLE_PROFILE:
        wanted = [tree.root] if only_root else list(tree.nodes)
        return {
            node: aggregate(
                values[:, [column[leaf] for leaf in tree.below(node)]],
                used.aggregation,
                weights=_effective(tree, node, weights),
                bad=used.bad,
            )
            for node in wanted
        }
    transform, back = _mean_of(used.aggregation, used.power)
    _refuse_what_is_not_positive(values, used.aggregation, used.power)
    with _quiet():
        base = transform(values)
        missing = np.isnan(base)
        gaps = bool(missing.any())
        filled = np.where(missing, 0.0, base)
        known = (~missing).astype(float)
        inner: dict[str, Array] = {}
        for node in tree.nodes:
            leaves = [child for child in tree.children[node] if child in column]
            at = [column[leaf] for leaf in leaves]
            own = weights[[tree.position[leaf] for leaf in leaves]]
            total: Any = filled[:, at] @ own
            share: Any = known[:, at] @ own if gaps else own.sum(axis=0)
            for child in tree.children[node]:
                if child in inner:
                    weight = weights[tree.position[child]]
                    there = ~np.isnan(inner[child])
                    total = total + np.where(there, inner[child], 0.0) * weight
                    share = share + there * weight
            inner[node] = total / _some(share)
        return {node: back(inner[node]) for node in ([tree.root] if only_root else tree.nodes)}


def _effective(tree: Tree, node: str, weights: Array) -> Array:
    """Return the weight of each indicator below a node within it (indicators × draws)."""
    parts = []
    total = weights[[tree.position[child] for child in tree.children[node]]].sum(axis=0)
    for child in tree.children[node]:
        share = weights[[tree.position[child]]] / np.where(total > 0, total, 1.0)
        parts.append(share * _effective(tree, child, weights) if child in tree.children else share)
    return np.concatenate(parts)


def _raw_weights(tree: Tree, scheme: Weighting, scaled: Array) -> Array:
    """Return a weight per element; statistical schemes weigh the indicators of each group among themselves."""
    weights = tree.table["weight"].to_numpy(dtype=float).copy()
    if scheme == "given":
        return weights
    if scheme == "equal":
        return np.ones_like(weights)
    column = {leaf: at for at, leaf in enumerate(tree.leaves)}
    for node in tree.nodes:
        leaves = [child for child in tree.children[node] if child in column]
        if leaves:
            values = scaled[:, [column[leaf] for leaf in leaves]]
            of_leaves = weights[[tree.position[leaf] for leaf in leaves]].sum()
            weights[[tree.position[leaf] for leaf in leaves]] = (
                statistical_weights(scheme, values) * of_leaves
            )
    return weights


def _normalised(treated: Array, units: Sequence[str], tree: Tree, used: Choices) -> Array:
    if used.aggregation == "mazziotta-pareto":
        return normalise(treated, "zscore-population", direction=tree.directions, mean=100, spread=10)
    options: dict[str, Any] = {"direction": tree.directions, "lower": used.bottom, "upper": used.upper}
    if used.normalisation == "distance-to-reference":
        if used.reference not in units:
            raise BenchmarkError(_unknown("reference unit", used.reference, units))
        options.update(reference=list(units).index(used.reference), cap=used.cap)
    needed = {"distance-to-target": ["target"], "goalposts": ["low", "high"]}.get(used.normalisation, [])
    if needed:
        table = tree.table.loc[list(tree.leaves), needed]
        lacking = [
            f"'{code}' has no {column}" for column in needed for code in table.index[table[column].isna()]
        ]
        if lacking:
            raise BenchmarkError(f"normalisation '{used.normalisation}': " + "; ".join(lacking))
        values = [table[column].to_numpy(dtype=float) for column in needed]
        options.update(
            {"target": values[0], "cap": used.cap} if len(values) == 1 else {"goalposts": tuple(values)}
        )
    return normalise(treated, used.normalisation, **options)


def _checked_data(data: pd.DataFrame, tree: Tree, denominators: pd.DataFrame | None) -> pd.DataFrame:
    """Return the indicators' columns as numbers under the units' names, or raise with everything that is wrong."""
    table = data.set_axis([str(unit) for unit in data.index]).set_axis([str(c) for c in data.columns], axis=1)
    faults = [f"indicator '{leaf}' has no column" for leaf in tree.leaves if leaf not in table.columns]
    faults += [f"unit '{unit}' is listed twice" for unit in table.index[table.index.duplicated()].unique()]
    faults += [f"column '{c}' is there twice" for c in table.columns[table.columns.duplicated()].unique()]
    wanted = {str(name) for name in tree.table.loc[list(tree.leaves), "denominator"] if name}
    there = set() if denominators is None else {str(column) for column in denominators.columns}
    faults += [f"denominator '{name}' has no column" for name in sorted(wanted - there)]
    if faults:
        raise BenchmarkError("data: " + "; ".join(faults))
    table = table[list(tree.leaves)].rename_axis("unit")
    numbers = table.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = (numbers.isna() & table.notna()) | numbers.isin([np.inf, -np.inf])
    for code in table.columns[wrong.any()]:
        unit = table.index[wrong[code]][0]
        held: Any = table.at[unit, code]
        faults.append(f"'{code}' of '{unit}' holds '{held}'; a number, or empty where unknown")
    if faults:
        raise BenchmarkError("data: " + "; ".join(faults))
    return numbers


def _divide(given: pd.DataFrame, tree: Tree, denominators: pd.DataFrame | None, log: _Log) -> pd.DataFrame:
    result = given.copy()
    names = tree.table.loc[list(tree.leaves), "denominator"]
    for leaf, name in names[names != ""].items():
        assert denominators is not None  # noqa: S101 - checked with the data
        divisor = (
            denominators.set_axis(denominators.index.astype(str))[name].reindex(given.index).astype(float)
        )
        result[leaf] = given[leaf] / divisor.where(divisor != 0)
        log.add("denominated", str(leaf), action=f"divided by {name}")
        for unit in given.index[given[leaf].notna() & result[leaf].isna()]:
            log.add("denominated", str(leaf), str(unit), "missing", message=_WORDS.nothing_to_divide_by(name))
    return result


def _select(table: pd.DataFrame, tree: Tree, choices: Choices, log: _Log) -> tuple[pd.DataFrame, Tree]:
    known = table.notna().mean()
    poor = known.index[(known < choices.indicator_availability) | (known == 0)]
    for code in poor:
        words = _WORDS.indicator_known(known[code])
        log.add("selected", str(code), action="indicator dropped", message=words)
    if len(poor) == table.shape[1]:
        raise BenchmarkError("data: no indicator is known for enough units")
    kept = table.drop(columns=list(poor))
    share = kept.notna().mean(axis=1)
    out = share.index[(share < choices.unit_availability) | (share == 0)]
    for unit in out:
        log.add("selected", unit=str(unit), action="unit dropped", message=_WORDS.unit_known(share[unit]))
    if len(out) == len(kept):
        raise BenchmarkError("data: no unit has enough known values")
    return kept.drop(index=list(out)), tree.without([str(code) for code in poor]) if len(poor) else tree


def _guarded(asked: Choices, count: int, log: _Log) -> Choices:
    if count >= asked.minimum_units:
        return asked
    used = asked
    log.add("guard", action="ranks withheld", message=too_few_units(count, asked.minimum_units))
    if asked.outliers != "none":
        used = replace(used, outliers="none")
        log.add("guard", action="outlier rule not applied", message=_WORDS.outliers_left(count))
    if asked.weights in STATISTICAL_WEIGHTS:
        used = replace(used, weights="equal")
        log.add("guard", action="equal weights", message=_WORDS.equal_weights(asked.weights, count))
    return used


def _drop_constant(table: pd.DataFrame, tree: Tree, used: Choices, log: _Log) -> tuple[pd.DataFrame, Tree]:
    if used.normalisation in ("goalposts", "distance-to-target") and used.aggregation != "mazziotta-pareto":
        return table, tree
    same = [str(code) for code in table.columns if table[code].nunique() < 2]
    for code in same:
        log.add("treated", code, action="indicator dropped", message=_WORDS.tells_nothing())
    if len(same) == table.shape[1]:
        raise BenchmarkError("data: every indicator is the same for all units")
    return (table.drop(columns=same), tree.without(same)) if same else (table, tree)


def _like(frame: pd.DataFrame, values: Array) -> pd.DataFrame:
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)
