"""The choices behind an index, and its framework: indicators at the bottom, one root at the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import numpy as np
import pandas as pd

from eis_lib.methods.benchmark._aggregation import Aggregation
from eis_lib.methods.benchmark._treatment import (
    POSITIVE_ONLY,
    Array,
    BenchmarkError,
    Imputation,
    Normalisation,
    Outliers,
    _unknown,
)
from eis_lib.methods.benchmark._weights import Weighting

MINIMUM_UNITS = 20
"""Fewest units for outlier rules, statistical weights and ranks. Project convention: with seven regions a correlation
needs to exceed 0.75 to differ from zero, so whatever is built on it is noise."""


# Framework and choices


@dataclass(frozen=True)
class Choices:
    """Every decision of the chain, in the order in which it is taken; all defaults are project conventions.

    Attributes
    ----------
    indicator_availability, unit_availability : float
        Smallest share of known values an indicator, then a unit, must have to be kept.
    imputation : str
        How missing values are filled; ``none`` leaves their weight to the others.
    outliers, winmax, skewness_limit, kurtosis_limit
        The JRC rule (see :func:`treat_outliers`) or ``none``.
    normalisation, lower, upper, reference, cap
        See :func:`normalise`; ``lower`` None: 0, or 1 where the aggregation needs positive values;
        ``reference`` is a unit.
    weights : str
        ``given`` (framework), ``equal``, or statistical: computed among the indicators of each group.
    aggregation, power, bad
        See :func:`aggregate`. Copeland, outranking and Mazziotta–Pareto take the indicators below a node at their
        effective weights, since a rank of ranks or a penalty on a penalty has no meaning.
    minimum_units : int
        Below it: no outlier rule, no statistical weights, no ranks.
    """

    indicator_availability: float = 0.65
    unit_availability: float = 0.65
    imputation: Imputation = "none"
    outliers: Outliers = "jrc"
    winmax: int = 5
    skewness_limit: float = 2.0
    kurtosis_limit: float = 3.5
    normalisation: Normalisation = "minmax"
    lower: float | None = None
    upper: float = 100.0
    reference: str = ""
    cap: bool = False
    weights: Weighting = "given"
    aggregation: Aggregation = "arithmetic"
    power: float = 1.0
    bad: bool = False
    minimum_units: int = MINIMUM_UNITS

    def __post_init__(self) -> None:
        allowed: dict[str, tuple[str, ...]] = {
            "imputation": get_args(Imputation),
            "outliers": get_args(Outliers),
            "normalisation": get_args(Normalisation),
            "weights": get_args(Weighting),
            "aggregation": get_args(Aggregation),
        }
        faults = [
            _unknown(name, getattr(self, name), values)
            for name, values in allowed.items()
            if getattr(self, name) not in values
        ]
        if faults:
            raise BenchmarkError("; ".join(faults))

    @property
    def bottom(self) -> float:
        """Return the lower end of the min–max scale in use."""
        if self.lower is not None:
            return self.lower
        positive = self.aggregation in POSITIVE_ONLY or (self.aggregation == "power" and self.power <= 0)
        return 1.0 if positive else 0.0


@dataclass(frozen=True)
class Tree:
    """A checked framework: the indicators at the bottom, the nodes above them, one root.

    Attributes
    ----------
    table : DataFrame
        One row per element, index ``code``: parent, weight, direction, name, denominator, target, low, high.
    leaves : tuple of str
        Indicators, in the order of the framework.
    nodes : tuple of str
        Aggregates, children before parents; the last is the root.
    """

    table: pd.DataFrame
    leaves: tuple[str, ...]
    nodes: tuple[str, ...]

    @property
    def root(self) -> str:
        """Return the code of the index itself."""
        return self.nodes[-1]

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Return the elements directly below each node, in the framework's order."""
        return {
            node: tuple(str(code) for code in self.table.index[self.table["parent"] == node])
            for node in self.nodes
        }

    @cached_property
    def position(self) -> dict[str, int]:
        """Return where each element stands in a table of weights."""
        return {str(code): at for at, code in enumerate(self.table.index)}

    @cached_property
    def directions(self) -> Array:
        """Return the direction of each indicator, 1 or −1."""
        return self.table.loc[list(self.leaves), "direction"].to_numpy(dtype=float)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups that may be left out in turn: the nodes just above indicators, else the indicators."""
        leaves = set(self.leaves)
        above = [node for node in self.nodes if node != self.root and leaves & set(self.children[node])]
        return tuple(code for code in self.table.index if code in above) if len(above) > 1 else self.leaves

    def below(self, node: str) -> tuple[str, ...]:
        """Return the indicators under a node (a leaf stands for itself)."""
        if node not in self.children:
            return (node,)
        return tuple(leaf for child in self.children[node] for leaf in self.below(child))

    def without(self, codes: Iterable[str]) -> Tree:
        """Return the tree without some elements, what hangs below them, and nodes left empty."""
        gone = {leaf for code in codes for leaf in self.below(code)}
        kept = {leaf for leaf in self.leaves if leaf not in gone}
        alive = kept | {node for node in self.nodes if kept & set(self.below(node))}
        return build_tree(self.table[self.table.index.isin(alive)].rename_axis("code").reset_index())


FRAMEWORK_COLUMNS: Mapping[str, Any] = {
    "parent": "",
    "weight": 1.0,
    "direction": 1.0,
    "name": "",
    "denominator": "",
    "target": np.nan,
    "low": np.nan,
    "high": np.nan,
}


def build_tree(framework: pd.DataFrame) -> Tree:
    """Return a checked framework of any depth.

    Parameters
    ----------
    framework : DataFrame
        ``code`` (key) and, where they apply, ``parent`` (blank: the root), ``weight``, ``direction`` (±1), ``name``,
        ``denominator`` (column of the denominators), ``target``, ``low`` and ``high`` (goalposts). A code that nobody
        has for a parent is an indicator. A framework without any parent hangs from one root, ``index``.

    Raises
    ------
    BenchmarkError
        Listing every fault: double codes, unknown parents, circles, several roots, weights or directions not allowed.
    """
    table = framework.copy()
    for column, default in FRAMEWORK_COLUMNS.items():
        if column not in table:
            table[column] = default
        table[column] = table[column].fillna(default)
    table["code"] = table["code"].astype(str)
    faults = [f"'{code}' is listed twice" for code in table.loc[table["code"].duplicated(), "code"]]
    if (table["parent"] == "").all():
        table["parent"] = "index"
        root = {**FRAMEWORK_COLUMNS, "code": "index", "name": "Index"}
        table = pd.concat([table, pd.DataFrame([root])], ignore_index=True)
    codes = set(table["code"])
    rows: list[Any] = list(table.itertuples())  # Any: columns are checked here, not typed
    faults += [
        f"'{row.code}' hangs from '{row.parent}', which is not listed"
        for row in rows
        if row.parent and row.parent not in codes
    ]
    faults += [f"'{row.code}' has the weight {row.weight}" for row in rows if not row.weight >= 0]
    faults += [
        f"'{row.code}' has the direction {row.direction}; allowed: 1, -1"
        for row in rows
        if row.direction not in (1, -1)
    ]
    roots = list(table.loc[table["parent"] == "", "code"])
    if len(roots) != 1:
        faults.append(f"there must be one root, found {len(roots)}: {', '.join(roots) or 'none'}")
    if faults:
        raise BenchmarkError("framework: " + "; ".join(faults))
    weighed = table.groupby("parent")["weight"].sum()
    silent = [str(parent) for parent in weighed.index[weighed == 0] if parent]
    if silent:
        raise BenchmarkError("framework: " + "; ".join(f"all weights below '{p}' are 0" for p in silent))
    table = table.set_index("code")
    parents = table["parent"].to_dict()
    parent_codes = set(parents.values())
    depth = _depths(parents)
    nodes = sorted((code for code in depth if code in parent_codes), key=lambda code: -depth[code])
    leaves = tuple(code for code in depth if code not in parent_codes)
    return Tree(table[list(FRAMEWORK_COLUMNS)], leaves, tuple(nodes))


def _depths(parents: Mapping[Any, str]) -> dict[str, int]:
    """Return the number of elements above each element, or say which one is above itself."""
    depths = {}
    for code in parents:
        above, steps = code, 0
        while parents[above]:
            above, steps = parents[above], steps + 1
            if steps > len(parents):
                raise BenchmarkError(f"framework: '{code}' is above itself")
        depths[code] = steps
    return depths
