"""How fast step 4 is: the whole index redrawn, and the sensitivity analysis. Run: python tests/benchmarks/compare.py

The data are made up (51 units × 49 indicators in 8 groups, 2 sub-indexes). The loop it is measured against rebuilds the
index with pandas for each draw, the way one would write it down from the Handbook; it shares no code with the library,
so that equal ranks are also a check of both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from eis_lib.methods import benchmark

UNITS, INDICATORS, DRAWS, SAMPLES = 51, 49, 10_000, 1024
LOOP_DRAWS = 100  # the loop is timed on so many draws and scaled up: 10,000 of them take minutes
REPEATS = 5


def made_up() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table of units × indicators with gaps and outliers, and its framework of four levels."""
    random = np.random.default_rng(7)
    common = random.normal(size=(UNITS, 1))
    values = np.exp(0.4 * common + 0.6 * random.normal(size=(UNITS, INDICATORS)))
    values[random.random(values.shape) < 0.025] = np.nan
    data = pd.DataFrame(
        values, index=[f"u{i:02}" for i in range(UNITS)], columns=[f"i{j:02}" for j in range(INDICATORS)]
    )
    rows = [(f"i{j:02}", f"g{j % 8}", -1 if j % 7 == 0 else 1) for j in range(INDICATORS)]
    rows += [(f"g{k}", f"s{k % 2}", 1) for k in range(8)] + [
        ("s0", "index", 1),
        ("s1", "index", 1),
        ("index", "", 1),
    ]
    return data, pd.DataFrame(rows, columns=["code", "parent", "direction"])


def rebuild(  # noqa: C901, PLR0912, PLR0915 - the same steps once more, told one after the other
    selected: pd.DataFrame, tree: benchmark.Tree, weights: dict[str, float], chosen: dict[str, str]
) -> pd.Series:
    """Return the scores of one set of choices, rebuilt from the selected data with pandas."""
    table = selected.copy()
    if chosen["imputation"] != "none":
        table = table.fillna(getattr(table, chosen["imputation"])())
    if chosen["outliers"] == "jrc":
        for column in table.columns:
            original, touched = table[column].copy(), set()
            while abs(table[column].skew()) > 2 and table[column].kurt() > 3.5 and len(touched) < 5:
                x = table[column]
                top = x.max() if x.skew() >= 0 else x.min()
                rest = x[x != top]
                at = x.index[x == top]
                table.loc[at, column] = rest.max() if x.skew() >= 0 else rest.min()
                touched |= set(at)
            if abs(table[column].skew()) > 2 and table[column].kurt() > 3.5:
                shift = (original.max() - original.min()) / 100
                if original.skew() >= 0:
                    table[column] = np.log(original - original.min() + shift)
                else:
                    table[column] = -np.log(original.max() - original + shift)
    directions = tree.table.loc[list(tree.leaves), "direction"]
    table = table * directions
    method = chosen["aggregation"]
    if method == "mazziotta-pareto":
        table = 100 + 10 * (table - table.mean()) / table.std(ddof=0)
    elif chosen["normalisation"] == "minmax":
        low = 1 if method == "geometric" else 0
        table = low + (table - table.min()) / (table.max() - table.min()) * (100 - low)
    elif chosen["normalisation"] == "zscore":
        table = (table - table.mean()) / table.std()
    else:
        table = (table.rank(method="min") - 1) / (table.notna().sum() - 1)
    if method == "geometric" and table.min().min() <= 0:
        if chosen["normalisation"] == "percentile-rank":
            table = 1 + 99 * table
        else:
            table = 1 + 99 * (table - table.min().min()) / (table.max().max() - table.min().min())
    if method in ("arithmetic", "geometric"):
        values = np.log(table) if method == "geometric" else table
        for node in tree.nodes:
            children = list(tree.children[node])
            weight = pd.Series({child: weights[child] for child in children})
            part = values[children]
            values = values.assign(
                **{node: (part * weight).sum(axis=1) / (part.notna() * weight).sum(axis=1)}
            )
        return np.exp(values[tree.root]) if method == "geometric" else values[tree.root]
    share = pd.Series(1.0, index=list(tree.leaves))
    for node in tree.nodes:
        total = sum(weights[child] for child in tree.children[node])
        for child in tree.children[node]:
            share[list(tree.below(child))] *= weights[child] / total
    if method == "mazziotta-pareto":
        known = (table.notna() * share).sum(axis=1)
        mean = (table * share).sum(axis=1) / known
        variance = (table.sub(mean, axis=0) ** 2 * share).sum(axis=1) / known
        return mean - variance / mean
    scores = pd.Series(0.0, index=table.index)
    for unit in table.index:
        lead = np.sign(table.loc[unit] - table).mul(share).sum(axis=1).round(11)
        scores[unit] = np.sign(lead).sum()
    return scores


def median_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median wall time of a piece of work."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the table of measurements."""
    data, framework = made_up()
    index = benchmark.build_index(data, framework, choices=benchmark.Choices(imputation="mean"))
    simulator = benchmark.Simulator(index)
    draws = simulator.draw(DRAWS)
    names = list(simulator.options)

    fast = median_seconds(lambda: benchmark.run_uncertainty(index, draws=DRAWS))
    ranks = simulator.ranks(draws)
    selected = index.stages["selected"]
    same, seconds = 0, []
    for at, draw in enumerate(draws[:LOOP_DRAWS]):
        chosen = {name: simulator.options[name][draw[place]] for place, name in enumerate(names)}
        scheme = simulator._scheme_weights(chosen["imputation"], chosen["outliers"])
        weights = dict(
            zip(index.tree.table.index, simulator.weights(draw[None, :], scheme)[:, 0], strict=True)
        )
        start = time.perf_counter()
        scores = rebuild(selected, index.tree, weights, chosen)
        loop_ranks = scores.round(benchmark.RANK_DECIMALS).rank(ascending=False, method="min")
        seconds.append(time.perf_counter() - start)
        same += int(np.array_equal(loop_ranks.to_numpy(), ranks[:, at]))
    slow = statistics.mean(seconds)  # the mean, since the kinds of draws differ; scaled to all draws
    sobol = median_seconds(lambda: benchmark.run_sensitivity(index, samples=SAMPLES))
    ten = 10 * slow

    print(f"{UNITS} units × {INDICATORS} indicators, seed 2026; medians of {REPEATS}")
    print(f"{'work':<58}{'library':>12}{'loop':>12}{'ratio':>8}")
    print(
        f"{f'{DRAWS:,} draws of the whole index':<58}{fast:>10.2f} s{slow * DRAWS:>10.0f} s{slow * DRAWS / fast:>8.0f}"
    )
    print(
        f"{f'Sobol, 8 inputs, N = {SAMPLES:,}; loop: ten naive rebuilds':<58}{sobol:>10.2f} s{ten:>10.2f} s{ten / sobol:>8.1f}"
    )
    print(f"same ranks in {same} of {LOOP_DRAWS} draws rebuilt; one rebuild {slow * 1000:.0f} ms")


if __name__ == "__main__":
    main()
