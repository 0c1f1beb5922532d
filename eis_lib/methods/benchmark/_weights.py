"""Weights that follow from the data: CRITIC, entropy, principal components; and Cronbach's alpha."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from eis_lib.methods.benchmark._treatment import Array, BenchmarkError, _quiet, normalise

Weighting = Literal["given", "equal", "critic", "pca", "entropy"]
STATISTICAL_WEIGHTS = ("critic", "pca", "entropy")


def critic_weights(values: npt.ArrayLike) -> Array:
    """Return CRITIC weights: w ∝ σ Σ(1 − r) on min–max data (Diakoulaki et al. 1995), summing to one.

    Turn indicators of which less is better first (``normalise`` with their direction): a correlation changes its sign with
    them. A column that is the same for every unit gets no weight. σ is the population's; either cancels.
    """
    table = np.asarray(values, dtype=float)
    scaled = normalise(table, "minmax", upper=1.0)
    with _quiet():
        spread = np.nanstd(scaled, axis=0)
    return _shares(spread * np.nansum(1 - _correlations(scaled), axis=0))


def entropy_weights(values: npt.ArrayLike) -> Array:
    """Return entropy weights (Shannon): one minus the entropy of each column's shares, summing to one.

    Values must not be negative; shares of zero count as 0·ln 0 = 0.
    """
    table = np.asarray(values, dtype=float)
    if np.nanmin(table) < 0:
        raise BenchmarkError(
            "entropy weights need values that are not negative; use min–max or goalpost values"
        )
    with _quiet():
        shares = table / np.nansum(table, axis=0)
        logs = np.where(shares > 0, np.log(np.where(shares > 0, shares, 1.0)), 0.0)
        entropy = -np.nansum(shares * logs, axis=0) / np.log(np.sum(~np.isnan(table), axis=0))
    return _shares(np.clip(1 - entropy, 0, None))


def pca_weights(values: npt.ArrayLike) -> Array:
    """Return weights from principal components, by the Handbook's recipe, summing to one.

    Components with an eigenvalue above 1 that explain at least 10 % each are kept, until they explain more than 60 %
    together (always at least one), and rotated by varimax. An indicator belongs to the component it loads on most; its
    weight is its squared loading as a share of that component's, times the component's share of what is explained.
    Source: OECD/JRC Handbook 2008, section 6.1 (after Nicoletti et al. 2000). Rows with a missing value are left out.
    """
    table = np.asarray(values, dtype=float)
    weights = np.zeros(table.shape[1])
    moving = np.nanstd(table, axis=0) > 0
    complete = table[:, moving][~np.isnan(table[:, moving]).any(axis=1)]
    if moving.sum() < 2 or len(complete) < 3:
        weights[moving] = 1.0
        return _shares(weights)
    eigenvalues, vectors = np.linalg.eigh(np.corrcoef(complete, rowvar=False))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    explained = eigenvalues / eigenvalues.sum()
    keep = 1
    while (
        keep < len(eigenvalues)
        and explained[:keep].sum() <= 0.6
        and eigenvalues[keep] > 1
        and explained[keep] >= 0.1
    ):
        keep += 1
    loadings = _varimax(vectors[:, :keep] * np.sqrt(eigenvalues[:keep]))
    squared = loadings**2
    per_component = squared.sum(axis=0)
    best = squared.argmax(axis=1)
    own = squared[np.arange(len(best)), best] / per_component[best]
    weights[moving] = own * per_component[best] / per_component.sum()
    return _shares(weights)


def statistical_weights(scheme: Weighting, values: npt.ArrayLike) -> Array:
    """Return the weights of a scheme for one group of sibling indicators; ``values`` are directed min–max data."""
    table = np.asarray(values, dtype=float)
    if table.shape[1] == 1 or scheme == "equal":
        return np.full(table.shape[1], 1 / table.shape[1])
    return {"critic": critic_weights, "entropy": entropy_weights, "pca": pca_weights}[scheme](table)


def cronbach_alpha(values: npt.ArrayLike) -> float:
    """Return Cronbach's α of a group of columns over the complete rows; not a number for fewer than two columns."""
    table = np.asarray(values, dtype=float)
    complete = table[~np.isnan(table).any(axis=1)]
    count = table.shape[1]
    if count < 2 or len(complete) < 3:
        return float("nan")
    whole = complete.sum(axis=1).var(ddof=1)
    if whole == 0:
        return float("nan")
    return float(count / (count - 1) * (1 - complete.var(axis=0, ddof=1).sum() / whole))


def _correlations(values: Array) -> Array:
    """Return Pearson correlations of the columns over the rows both know; missing where a column does not vary."""
    known = (~np.isnan(values)).astype(float)
    with _quiet():
        x = np.where(known > 0, values - np.nanmean(values, axis=0), 0.0)
        count = known.T @ known
        total = x.T @ known
        square = (x**2).T @ known - total**2 / count
        product = x.T @ x - total * total.T / count
        spread = np.sqrt(np.clip(square * square.T, 0, None))
        return np.asarray(np.where(spread > 0, product / spread, np.nan))


def _shares(values: Array) -> Array:
    positive = np.nan_to_num(np.asarray(values, dtype=float))
    total = positive.sum()
    return positive / total if total > 0 else np.full(len(positive), 1 / len(positive))


def _varimax(loadings: Array, *, iterations: int = 100, tolerance: float = 1e-8) -> Array:
    """Return loadings rotated by varimax (Kaiser 1958)."""
    rows, count = loadings.shape
    rotation = np.eye(count)
    previous = 0.0
    for _ in range(iterations if count > 1 else 0):
        rotated = loadings @ rotation
        left, singular, right = np.linalg.svd(
            loadings.T @ (rotated**3 - rotated * (rotated**2).sum(axis=0) / rows)
        )
        rotation = left @ right
        if singular.sum() < previous * (1 + tolerance):
            break
        previous = float(singular.sum())
    return np.asarray(loadings @ rotation)
