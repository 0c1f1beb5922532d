"""A composite index of a table of units and indicators, with everything that led to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.benchmark._aggregation import rank_units
from eis_lib.methods.benchmark._stages import (
    _aggregate_tree,
    _checked_data,
    _divide,
    _drop_constant,
    _guarded,
    _like,
    _Log,
    _normalised,
    _raw_weights,
    _select,
)
from eis_lib.methods.benchmark._treatment import (
    POSITIVE_ONLY,
    Array,
    BenchmarkError,
    _unknown,
    impute,
    make_positive,
    normalise,
    treat_outliers,
)
from eis_lib.methods.benchmark._tree import Choices, Tree, build_tree
from eis_lib.methods.benchmark._weights import cronbach_alpha

_WORDS = Words(__file__)


@dataclass(frozen=True)
class Index:
    """A composite index with everything that led to it.

    Attributes
    ----------
    choices : Choices
        The decisions asked for.
    used : Choices
        The decisions in force after the guards; differs from ``choices`` only below the minimum of units.
    tree : Tree
        The framework without what was dropped.
    stages : mapping of str to DataFrame
        The data set after each of :data:`STAGES`; index ``unit``. ``aggregated`` has a column per node.
    weights : Series
        Weight of each element among its siblings, summing to one.
    log : DataFrame
        stage, indicator, unit, action, before, after, message: one row per thing that was changed or refused.
    """

    choices: Choices
    used: Choices
    tree: Tree
    stages: Mapping[str, pd.DataFrame]
    weights: pd.Series
    log: pd.DataFrame
    _data: pd.DataFrame
    _framework: pd.DataFrame
    _denominators: pd.DataFrame | None
    _groups: pd.Series | None

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units that were kept."""
        return tuple(str(unit) for unit in self.stages["aggregated"].index)

    @property
    def scores(self) -> pd.Series:
        """Return the score of each unit."""
        return self.stages["aggregated"][self.tree.root].rename("score")

    @property
    def may_rank(self) -> bool:
        """Return whether there are enough units for ranks to mean something."""
        return len(self.units) >= self.used.minimum_units

    @property
    def ranks(self) -> pd.Series:
        """Return the rank of each unit, 1 = best; all missing below the minimum of units."""
        values = rank_units(self.scores) if self.may_rank else np.full(len(self.units), np.nan)
        return pd.Series(values, index=self.scores.index, name="rank")

    @property
    def notes(self) -> tuple[str, ...]:
        """Return, in the reader's words, what the guards refused."""
        return tuple(self.log.loc[self.log["stage"] == "guard", "message"])

    def change(self, **choices: Any) -> Index:
        """Return the index built again with some choices altered (see :class:`Choices`)."""
        return build_index(
            self._data,
            self._framework,
            choices=replace(self.choices, **choices),
            denominators=self._denominators,
            groups=self._groups,
        )

    def effective_weights(self) -> pd.Series:
        """Return each indicator's share of the index: the product of the weights on its way up."""
        parents = self.tree.table["parent"].to_dict()
        shares = {}
        for leaf in self.tree.leaves:
            share, code = 1.0, leaf
            while parents[code]:
                share, code = share * float(self.weights[code]), parents[code]
            shares[leaf] = share
        return pd.Series(shares, name="effective_weight", dtype=float)

    def coherence(self) -> pd.DataFrame:
        """Return how each element moves with the rest: weight is not importance.

        One row per element under the root: ``code``, ``name``, ``parent``, ``weight`` (share of the index),
        ``with_parent`` and ``with_index`` (Pearson correlations), ``importance`` (squared correlation with the index),
        ``alpha`` (Cronbach's α of the element's own children) and ``remark`` where a correlation is negative, below
        0.3 (hardly heard), or above 0.92 with a sibling (counted twice). Limits: JRC practice. Empty below the
        minimum of units, where a correlation says nothing. To be read before robustness.
        """
        columns = [
            "code",
            "name",
            "parent",
            "weight",
            "with_parent",
            "with_index",
            "importance",
            "alpha",
            "remark",
        ]
        if not self.may_rank:
            return pd.DataFrame(columns=columns)
        data = self.stages["normalised"].join(self.stages["aggregated"])
        correlations: Any = data.corr()
        shares = self.effective_weights()
        rows = []
        for code in [c for c in self.tree.table.index if c != self.tree.root]:
            parent = str(self.tree.table.at[code, "parent"])
            siblings = [c for c in self.tree.children[parent] if c != code]
            twin = correlations.loc[code, siblings].abs().max() if siblings else np.nan
            with_index = correlations.at[code, self.tree.root]
            remark = ""
            if with_index < 0:
                remark = _WORDS.against_index()
            elif correlations.at[code, parent] < 0.3:
                remark = _WORDS.hardly_heard()
            elif twin > 0.92:
                remark = _WORDS.says_the_same(str(correlations.loc[code, siblings].abs().idxmax()))
            own = self.tree.children.get(code, ())
            rows.append(
                {
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "parent": parent,
                    "weight": float(shares[list(self.tree.below(code))].sum()),
                    "with_parent": correlations.at[code, parent],
                    "with_index": with_index,
                    "importance": with_index**2,
                    "alpha": cronbach_alpha(data[list(own)]) if own else np.nan,
                    "remark": remark,
                }
            )
        return pd.DataFrame(rows, columns=columns)

    def strengths(self, unit: str, count: int = 5) -> pd.DataFrame:
        """Return a unit's strongest and weakest indicators against the other units (back to the details).

        A strength is ahead of more than half of the others, a weakness of fewer. Rows: ``kind`` (strength, weakness), ``code``, ``name``, ``value`` (own unit of measure, before treatment),
        ``median`` of all units, ``standing`` (share of the other units it is ahead of, 0–1, direction applied).
        """
        if unit not in self.units:
            raise BenchmarkError(_unknown("unit", unit, self.units))
        data = self.stages["normalised"]
        others = data.drop(index=unit)
        own: Any = data.loc[unit]
        standing = ((others < own).sum() + 0.5 * (others == own).sum()) / others.notna().sum()
        standing = standing.loc[own.notna()].sort_values(ascending=False, kind="stable")
        raw = self.stages["imputed"]
        ahead, behind = standing.loc[standing > 0.5], standing.loc[standing < 0.5]
        chosen = [("strength", code) for code in ahead.index[:count]]
        chosen += [("weakness", code) for code in behind.index[::-1][:count]]
        return pd.DataFrame(
            [
                {
                    "kind": kind,
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "value": raw.at[unit, code],
                    "median": raw[code].median(),
                    "standing": standing[code],
                }
                for kind, code in chosen
            ],
            columns=["kind", "code", "name", "value", "median", "standing"],
        )

    def leave_out(self, codes: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the mean absolute rank change when each element (default: each of the tree's groups) is left out."""
        chosen = list(codes) if codes is not None else list(self.tree.groups)
        rows = []
        nominal = rank_units(self.scores)
        for code in chosen:
            kept = self.tree.without([code])
            framework = kept.table.rename_axis("code").reset_index()
            other = build_index(
                self._data.loc[list(self.units)],
                framework,
                choices=replace(self.used, unit_availability=0.0),
                denominators=self._denominators,
                groups=self._groups,
            )
            rows.append(
                {
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "mean_rank_change": float(np.mean(np.abs(rank_units(other.scores) - nominal))),
                }
            )
        return pd.DataFrame(rows, columns=["code", "name", "mean_rank_change"])


def build_index(
    data: pd.DataFrame,
    framework: pd.DataFrame | None = None,
    *,
    choices: Choices | None = None,
    denominators: pd.DataFrame | None = None,
    groups: pd.Series | None = None,
) -> Index:
    """Return the composite index of a table of units × indicators.

    Parameters
    ----------
    data : DataFrame
        Index: unit; one numeric column per indicator, missing where unknown.
    framework : DataFrame, optional
        See :func:`build_tree`; without one, all columns count alike under one root.
    choices : Choices, optional
        The decisions; the defaults otherwise.
    denominators : DataFrame, optional
        Index: unit; the columns the framework's ``denominator`` names.
    groups : Series, optional
        Group of each unit, for imputation within groups.

    Raises
    ------
    BenchmarkError
        If an indicator or denominator has no column, a unit is listed twice, a cell is no number, or nothing is left.
    """
    asked = choices or Choices()
    if framework is None:
        framework = pd.DataFrame({"code": [str(column) for column in data.columns]})
    tree = build_tree(framework)
    given = _checked_data(data, tree, denominators)
    log = _Log()
    stages = {"given": given, "denominated": _divide(given, tree, denominators, log)}
    selected, tree = _select(stages["denominated"], tree, asked, log)
    used = _guarded(asked, len(selected), log)
    stages["selected"] = selected

    filled = _filled(selected, groups, used, log)
    stages["imputed"] = _like(selected, filled)
    stages["treated"] = _like(selected, _tamed(stages["imputed"], filled, used, log))
    stages["treated"], tree = _drop_constant(stages["treated"], tree, used, log)
    normal = _on_common_scale(stages["treated"], tree, used, log)
    stages["normalised"] = _like(stages["treated"], normal)

    scaled = normalise(stages["treated"], "minmax", direction=tree.directions, upper=1.0)
    raw_weights = _raw_weights(tree, used.weights, scaled)
    nodes = _aggregate_tree(normal, tree, raw_weights[:, None], used)
    stages["aggregated"] = pd.DataFrame(
        {node: values[:, 0] for node, values in nodes.items()}, index=stages["treated"].index
    )
    weights = _among_siblings(raw_weights, tree)
    return Index(asked, used, tree, stages, weights, log.table(), data, framework, denominators, groups)


def _among_siblings(raw_weights: Array, tree: Tree) -> pd.Series:
    """Return each element's share of the weights under its parent."""
    weights = pd.Series(raw_weights, index=tree.table.index, name="weight")
    siblings = weights.groupby(tree.table["parent"]).transform("sum")
    return weights / siblings.where(siblings > 0)


def _filled(selected: pd.DataFrame, groups: pd.Series | None, used: Choices, log: _Log) -> Array:
    """Return the values with missing ones imputed as chosen, within the groups where there are any."""
    own_groups = (
        None
        if groups is None
        else list(groups.set_axis([str(unit) for unit in groups.index]).reindex(selected.index))
    )
    filled = impute(selected, used.imputation, own_groups)
    for row, column in zip(*np.nonzero(selected.isna().to_numpy() & ~np.isnan(filled)), strict=True):
        log.add(
            "imputed",
            selected.columns[column],
            selected.index[row],
            used.imputation,
            after=filled[row, column],
        )
    return filled


def _tamed(labels: pd.DataFrame, values: Array, used: Choices, log: _Log) -> Array:
    """Return the values with outliers treated as chosen; the frame names their units and indicators."""
    if used.outliers != "jrc":
        return values
    treatment = treat_outliers(
        values, winmax=used.winmax, skewness_limit=used.skewness_limit, kurtosis_limit=used.kurtosis_limit
    )
    for column, row, action, before, after in treatment.events:
        unit = labels.index[row] if row >= 0 else ""
        message = _WORDS.logged(used.winmax) if action == "log" else ""
        log.add("treated", labels.columns[column], unit, action, before, after, message)
    return treatment.values


def _on_common_scale(treated: pd.DataFrame, tree: Tree, used: Choices, log: _Log) -> Array:
    """Return the normalised values, positive where the aggregation needs them so."""
    if used.aggregation == "mazziotta-pareto" and used.normalisation != "zscore-population":
        log.add("normalised", action="standardised", message=_WORDS.standardised())
    normal = _normalised(treated.to_numpy(), list(treated.index), tree, used)
    needs_positive = used.aggregation in POSITIVE_ONLY or (used.aggregation == "power" and used.power <= 0)
    if needs_positive and used.normalisation != "minmax" and np.nanmin(normal) <= 0:
        log.add("normalised", action="moved to 1–100", message=_WORDS.needs_positive(used.aggregation))
        normal = make_positive(normal, used.normalisation)
    return normal
