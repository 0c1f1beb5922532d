"""How far the ranks hang on the choices made: random choices, and Sobol indices of each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import ThreadpoolController

from eis_lib.methods.benchmark._aggregation import WHOLE_PROFILE, Aggregation, rank_units
from eis_lib.methods.benchmark._index import Index
from eis_lib.methods.benchmark._stages import _aggregate_tree, _normalised, _raw_weights, too_few_units
from eis_lib.methods.benchmark._treatment import (
    POSITIVE_ONLY,
    Array,
    BenchmarkError,
    Imputation,
    Normalisation,
    Outliers,
    impute,
    make_positive,
    normalise,
    treat_outliers,
)
from eis_lib.methods.benchmark._weights import Weighting

# Robustness: every choice drawn at random, and which of them matters


@dataclass(frozen=True)
class Alternatives:
    """What the analyst might as well have chosen; one option of each is drawn.

    Attributes
    ----------
    imputation, outliers, normalisation, weights, aggregation
        Options as in :class:`Choices`.
    indicator_noise, group_noise : float
        The weights of indicators, and of groups, are multiplied by 1 ± this much (uniform, each on its own).
    leave_out : bool
        Whether one of the groups just above the indicators (of the indicators, in a flat framework) may be left out.
    replicates : int
        Sets of noisy weights to draw from.
    """

    imputation: tuple[Imputation, ...] = ("none", "mean", "median")
    outliers: tuple[Outliers, ...] = ("jrc", "none")
    normalisation: tuple[Normalisation, ...] = ("minmax", "zscore", "percentile-rank")
    weights: tuple[Weighting, ...] = ("given", "equal", "critic", "entropy")
    aggregation: tuple[Aggregation, ...] = ("arithmetic", "geometric", "copeland", "mazziotta-pareto")
    indicator_noise: float = 0.25
    group_noise: float = 0.25
    leave_out: bool = True
    replicates: int = 200


INPUTS = (
    "imputation",
    "outliers",
    "normalisation",
    "weights",
    "aggregation",
    "indicator_noise",
    "group_noise",
    "leave_out",
)
"""The eight inputs of the analysis, in the order of a draw's columns."""


@dataclass(frozen=True)
class Uncertainty:
    """Ranks under random choices.

    Attributes
    ----------
    table : DataFrame
        One row per unit, best nominal rank first: ``unit``, ``nominal``, ``median``, ``low`` and ``high`` (5th and
        95th percentile of its rank), ``first_share`` (share of draws in which it is first).
    ranks : array (units × draws)
        In the order of the index's units.
    draws : array (draws × inputs)
        The option taken for each of :data:`INPUTS`.
    seed : int
        To be printed beside the result.
    """

    table: pd.DataFrame
    ranks: Array
    draws: npt.NDArray[np.int64]
    seed: int


class Simulator:
    """Evaluates an index under many sets of choices at once, in numpy.

    What choices have in common is computed once: the treated tables per imputation × outlier rule, the normalised ones
    per normalisation, the statistical weights per table. Draws that share a table and an aggregation are one matrix
    product, with the draws' weights as its columns.
    """

    def __init__(self, index: Index, alternatives: Alternatives | None = None, *, seed: int = 2026) -> None:
        if not index.may_rank:
            raise BenchmarkError(too_few_units(len(index.units), index.used.minimum_units))
        self.index = index
        self.tree = index.tree
        self.units = index.units
        self.alternatives = alternatives or Alternatives()
        self.seed = seed
        given = index._groups  # noqa: SLF001 - the simulator is the index's own other half
        if given is not None:
            given = given.set_axis(given.index.astype(str)).reindex(list(index.units))
        self._groups = None if given is None else list(given)
        self._selected = index.stages["selected"][list(self.tree.leaves)].to_numpy()
        groups = self.tree.groups if self.alternatives.leave_out and len(self.tree.groups) > 1 else ()
        self.left_out: tuple[str, ...] = ("", *groups)
        self._noise = self._draw_noise()
        self._cache: dict[tuple[str, ...], Any] = {}

    @property
    def options(self) -> dict[str, tuple[Any, ...]]:
        """Return the options of each input, in the order of :data:`INPUTS`."""
        choices = self.alternatives
        return {
            "imputation": choices.imputation,
            "outliers": choices.outliers,
            "normalisation": choices.normalisation,
            "weights": choices.weights,
            "aggregation": choices.aggregation,
            "indicator_noise": tuple(range(choices.replicates)) if choices.indicator_noise else (0,),
            "group_noise": tuple(range(choices.replicates)) if choices.group_noise else (0,),
            "leave_out": self.left_out,
        }

    def draw(self, count: int) -> npt.NDArray[np.int64]:
        """Return random draws (count × inputs), each input on its own, all options alike."""
        random = np.random.default_rng(self.seed)
        sizes = [len(options) for options in self.options.values()]
        return np.column_stack([random.integers(0, size, count) for size in sizes])

    def weights(self, draws: npt.NDArray[np.int64], scheme_weights: Array) -> Array:
        """Return the weight of every element (elements × draws) before siblings are brought to one."""
        at = dict(zip(INPUTS, draws.T, strict=True))
        leaves = [self.tree.position[leaf] for leaf in self.tree.leaves]
        weights = scheme_weights[:, at["weights"]] * self._noise[1][:, at["group_noise"]]
        weights[leaves] = (
            scheme_weights[leaves][:, at["weights"]] * self._noise[0][:, at["indicator_noise"]][leaves]
        )
        for option, code in enumerate(self.left_out):
            if code:
                weights[self.tree.position[code], at["leave_out"] == option] = 0.0
        return weights

    def scores(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return the score of every unit in every draw (units × draws)."""
        # Many small products: on a machine with other work, several threads per product wait for each other and
        # take four times as long as one.
        with ThreadpoolController().limit(limits=1, user_api="blas"):
            return self._scores(draws)

    def _scores(self, draws: npt.NDArray[np.int64]) -> Array:
        at = dict(zip(INPUTS, draws.T, strict=True))
        options = self.options
        whole = np.array([method in WHOLE_PROFILE for method in options["aggregation"]])
        # Copeland and Mazziotta–Pareto do not depend on the normalisation: one table serves all their draws.
        normalisation = np.where(whole[at["aggregation"]], 0, at["normalisation"])
        keys = np.stack([at["imputation"], at["outliers"], normalisation, at["aggregation"]])
        shape = [len(options[name]) for name in ("imputation", "outliers", "normalisation", "aggregation")]
        flat = np.ravel_multi_index(tuple(keys), tuple(shape))
        result = np.empty((len(self.units), len(draws)))
        for key in np.unique(flat):
            chosen = np.flatnonzero(flat == key)
            first = draws[chosen[0]]
            names = {name: options[name][first[column]] for column, name in enumerate(INPUTS)}
            method: Aggregation = names["aggregation"]
            values = self._normalised(names["imputation"], names["outliers"], names["normalisation"], method)
            weights = self.weights(
                draws[chosen], self._scheme_weights(names["imputation"], names["outliers"])
            )
            used = replace(self.index.used, aggregation=method)
            result[:, chosen] = _aggregate_tree(values, self.tree, weights, used, only_root=True)[
                self.tree.root
            ]
        return result

    def ranks(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return the rank of every unit in every draw (units × draws)."""
        return rank_units(self.scores(draws))

    def mean_rank_shift(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return for each draw the mean absolute difference of the ranks from the nominal ones."""
        nominal = self.index.ranks.to_numpy()[:, None]
        return np.asarray(np.mean(np.abs(self.ranks(draws) - nominal), axis=0))

    def _draw_noise(self) -> tuple[Array, Array]:
        random = np.random.default_rng([self.seed, 1])
        shape = (len(self.tree.table), self.alternatives.replicates)
        return (
            1 + self.alternatives.indicator_noise * random.uniform(-1, 1, shape),
            1 + self.alternatives.group_noise * random.uniform(-1, 1, shape),
        )

    def _treated(self, imputation: Imputation, outliers: Outliers) -> Array:
        key = ("treated", imputation, outliers)
        if key not in self._cache:
            used = self.index.used
            table = impute(self._selected, imputation, self._groups)
            if outliers == "jrc":
                table = treat_outliers(
                    table,
                    winmax=used.winmax,
                    skewness_limit=used.skewness_limit,
                    kurtosis_limit=used.kurtosis_limit,
                ).values
            self._cache[key] = table
        return np.asarray(self._cache[key])

    def _normalised(
        self, imputation: Imputation, outliers: Outliers, normalisation: Normalisation, method: Aggregation
    ) -> Array:
        positive = method in POSITIVE_ONLY
        key = (
            "normalised",
            imputation,
            outliers,
            normalisation,
            method if method in WHOLE_PROFILE else str(positive),
        )
        if key not in self._cache:
            used = replace(self.index.used, normalisation=normalisation, aggregation=method)
            table = _normalised(self._treated(imputation, outliers), self.units, self.tree, used)
            self._cache[key] = make_positive(table, normalisation) if positive else table
        return np.asarray(self._cache[key])

    def _scheme_weights(self, imputation: Imputation, outliers: Outliers) -> Array:
        key = ("weights", imputation, outliers)
        if key not in self._cache:
            scaled = normalise(
                self._treated(imputation, outliers), "minmax", direction=self.tree.directions, upper=1.0
            )
            self._cache[key] = np.column_stack(
                [_raw_weights(self.tree, scheme, scaled) for scheme in self.alternatives.weights]
            )
        return np.asarray(self._cache[key])


def run_uncertainty(
    index: Index, alternatives: Alternatives | None = None, *, draws: int = 1000, seed: int = 2026
) -> Uncertainty:
    """Return the spread of every unit's rank when all choices are drawn at random (Saisana, Saltelli & Tarantola 2005).

    Raises ``BenchmarkError`` below the minimum of units.
    """
    simulator = Simulator(index, alternatives, seed=seed)
    drawn = simulator.draw(draws)
    ranks = simulator.ranks(drawn)
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=1)
    table = pd.DataFrame(
        {
            "unit": index.units,
            "nominal": index.ranks.to_numpy(),
            "median": median,
            "low": low,
            "high": high,
            "first_share": (ranks == 1).mean(axis=1),
        }
    ).sort_values(["nominal", "unit"], ignore_index=True)
    return Uncertainty(table, ranks, drawn, seed)


def run_sensitivity(
    index: Index, alternatives: Alternatives | None = None, *, samples: int = 1024, seed: int = 2026
) -> pd.DataFrame:
    """Return how much of the spread of the mean rank shift each choice accounts for (Sobol indices).

    See :func:`sobol_indices` for the columns. Inputs with a single option account for nothing and are left in, so that
    the reader sees they were held fixed.
    """
    simulator = Simulator(index, alternatives, seed=seed)
    sizes = np.array([len(options) for options in simulator.options.values()])

    def shift(points: Array) -> Array:
        draws = np.minimum((points * sizes).astype(np.int64), sizes - 1)
        return simulator.mean_rank_shift(draws)

    return sobol_indices(shift, INPUTS, samples=samples, seed=seed)


def sobol_indices(
    function: Callable[[Array], Array],
    names: Sequence[str],
    *,
    bounds: Sequence[tuple[float, float]] | None = None,
    samples: int = 1024,
    seed: int = 2026,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return first and total order Sobol indices of a function, with bootstrap intervals.

    Saltelli design with N(d + 2) runs; first order by Saltelli et al. 2010, total order by Jansen 1999 (SALib). Small
    negative values are noise and are **not** clipped: the interval shows it.

    Parameters
    ----------
    function : callable
        Takes points (runs × inputs) and returns one value per run.
    names : sequence of str
        One per input.
    bounds : sequence of pairs, optional
        0 to 1 where not given.
    samples : int
        N; a power of two keeps the design balanced.

    Returns
    -------
    DataFrame
        ``input``, ``first_order``, ``first_low``, ``first_high``, ``total_order``, ``total_low``, ``total_high``;
        largest total order first.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [list(pair) for pair in bounds or [(0.0, 1.0)] * len(names)],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of an N that is no power of two: said above
        points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    values = np.asarray(function(points), dtype=float)
    if np.ptp(values) == 0:
        columns = dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), np.zeros(len(names)))
    else:
        columns = analysis.analyze(problem, values, calc_second_order=False, conf_level=confidence, seed=seed)
    table = pd.DataFrame({"input": list(names)})
    for order, name in (("S1", "first"), ("ST", "total")):
        table[f"{name}_order"] = columns[order]
        table[f"{name}_low"] = columns[order] - columns[f"{order}_conf"]
        table[f"{name}_high"] = columns[order] + columns[f"{order}_conf"]
    return table.sort_values(["total_order", "input"], ascending=[False, True], ignore_index=True)
