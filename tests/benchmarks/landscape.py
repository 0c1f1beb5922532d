"""How fast overlap candidates and journeys are found, against plain pandas and networkx that compute the same.

Run ``python -m tests.benchmarks.landscape`` and read the table: medians of several runs on this machine, the ratio, the ratio
asked for, and whether the results are identical. ``--quick`` takes smaller sizes.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from eis_lib.methods import journey, landscape, overlap
from eis_lib.pack.pack import Common, load_common
from tests import synthetic

MOST_PATHS = 100_000
"""Simple paths of one persona after which their listing is given up; a landscape of 500 services has millions."""

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
COLUMNS = ["service_a", "service_b", "pair_class", "same_kind"]
NUMBERS = ["need_jaccard", "stage_jaccard", "firm_jaccard", "a_in_b", "b_in_a"]


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the median seconds of several runs, and the last result."""
    seconds, result = [], None
    for _ in range(runs):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), result


# --- overlap: the same definitions as a pandas cross join --------------------------------------------------------


def cross_join(services: pd.DataFrame, common: Common) -> pd.DataFrame:
    """Return the candidate pairs by the plain definitions: every pair, joined, filtered and compared as sets."""
    vocabulary, related = common.vocabulary, set(related_kinds(common))
    codes = [code for code in vocabulary.codes("sector") if code != landscape.CLASS_WIDE]
    below = {c: {c, *(n for n in codes if c in vocabulary.ancestors("sector", n))} for c in codes}
    below[landscape.CLASS_WIDE] = set(codes)
    frame = pd.DataFrame(
        {
            "id": services["service_id"],
            "type": services["support_type"],
            "start": services["start_year"].astype("float64").fillna(-1),
            "end": services["end_year"].astype("float64").fillna(9999),
            "place": services["territory"],
            "need": [
                frozenset(v if source == "own" else ())
                for v, source in zip(services["need_area"], services["need_area_from"], strict=True)
            ],
            "stages": [frozenset(v) for v in services["journey_stages"]],
            "size": [frozenset(v) for v in services["sme_size"]],
            "experience": [frozenset(v) for v in services["experience"]],
            "sectors": [frozenset().union(*(below[c] for c in v)) for v in services["sectors"]],
            "scope": [frozenset(v) for v in services["market_scope"]],
            "modes": [frozenset(v) for v in services["modes"]],
        }
    )
    parts = []
    for low in range(0, len(frame), 250):  # the join of 3,000 services in one piece would not fit into memory
        pairs = frame.iloc[low : low + 250].merge(frame, how="cross", suffixes=("_a", "_b"))
        pairs = pairs[pairs["id_a"] < pairs["id_b"]]
        pairs = pairs[(pairs["start_a"] <= pairs["end_b"]) & (pairs["start_b"] <= pairs["end_a"])]
        nested = [
            a.startswith(b) or b.startswith(a)
            for a, b in zip(pairs["place_a"], pairs["place_b"], strict=True)
        ]
        parts.append(_compare(pairs[nested], related))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["service_a", "service_b"], ignore_index=True)


def _compare(pairs: pd.DataFrame, related: Collection[tuple[str, str]]) -> pd.DataFrame:
    def both(name: str) -> zip:
        return zip(pairs[f"{name}_a"], pairs[f"{name}_b"], strict=True)

    rows = []
    for a, b, need, stages, (kind_a, kind_b), *cells in zip(
        pairs["id_a"], pairs["id_b"], both("need"), both("stages"), both("type"),
        *(both(name) for name in ("size", "experience", "sectors", "scope", "modes")), strict=True,
    ):  # fmt: skip
        same = kind_a == kind_b
        if not (same or (kind_a, kind_b) in related or (kind_b, kind_a) in related):
            continue
        inside, size_a, size_b = 1, 1, 1
        for x, y in cells:
            inside, size_a, size_b = inside * len(x & y), size_a * len(x), size_b * len(y)
        if not inside or not stages[0] & stages[1] or (not same and _jaccard(*need) == 0):
            continue
        firms = inside / (size_a + size_b - inside)
        twin = same and _nested(*need) and _nested(*stages) and firms >= 0.4 - 1e-9
        rows.append(
            (
                a, b, overlap.DUPLICATION if twin else overlap.OVERLAP, same, _jaccard(*need), _jaccard(*stages), firms,
                inside / size_a, inside / size_b,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS + NUMBERS)


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two) if one and two else float("nan")


def _nested(one: frozenset[str], two: frozenset[str]) -> bool:
    return bool(one & two) and len(one & two) == min(len(one), len(two))


def related_kinds(common: Common) -> list[tuple[str, str]]:
    """Return the kinds of support that are alike."""
    kinds = common.related_support_types
    return list(zip(kinds["support_type"], kinds["related"], strict=True))


def ours(services: pd.DataFrame, common: Common) -> pd.DataFrame:
    """Return the same pairs as the library finds them."""
    return overlap.find_pairs(services, common.vocabulary, related=related_kinds(common))


def same_pairs(one: pd.DataFrame, two: pd.DataFrame) -> bool:
    """Return whether two tables of pairs hold the same pairs, classes and numbers."""
    left, right = (
        f[COLUMNS + NUMBERS].astype(dict.fromkeys(["service_a", "service_b", "pair_class"], "str"))
        for f in (one, two)
    )
    try:
        pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-12)
    except AssertionError:
        return False
    return True


def nation(size: int, common: Common) -> pd.DataFrame:
    """Return a nation's services with their need areas."""
    services = synthetic.make_nation(size)
    return _with_needs(services, common)


def _with_needs(services: pd.DataFrame, common: Common) -> pd.DataFrame:
    providers = pd.DataFrame({"provider_id": services["provider_id"].unique()}).assign(
        level="regional", kind="chamber"
    )
    return landscape.add_facets(services, providers, common.support_type_barriers)


# --- Europe: time and memory ------------------------------------------------------------------------------------


def _europe_worker(size: int, runs: int, answer: Any) -> None:
    common = load_common(PARAMETERS)
    services = _with_needs(synthetic.make_europe(size), common)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, pairs = timed(lambda: ours(services, common), runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.put((seconds, len(pairs), peak / 1024**2, before / 1024**2))


def europe(size: int, runs: int) -> tuple[float, int, float, float]:
    """Return seconds, candidates, and GiB at the peak and before, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_europe_worker, args=(size, runs, answer))
    process.start()
    result = answer.get()
    process.join()
    return result


# --- journeys: enumerating simple paths --------------------------------------------------------------------------


def explicit_graph(walk: journey.Walker) -> nx.DiGraph:
    """Return the graph a persona walks with every way on as an edge of its own."""
    graph = nx.DiGraph()
    graph.add_nodes_from([journey.START, journey.OUTCOME])
    for node in walk.entries():
        price = journey.price_of_move(walk, None, node[0], journey.SELF_FOUND)
        graph.add_edge(journey.START, node, cost=price)
    for node in walk.nodes():
        graph.add_node(node)
        ways = [(node_on, journey.STAYS) for node_on in [walk.stays(node)] if node_on is not None]
        ways += list(walk.sent(node))
        ways += [(target, journey.SELF_FOUND) for target in walk.finds(node)]
        for target, kind in ways:
            price = journey.price_of_move(walk, node[0], target[0], kind)
            known = graph.get_edge_data(node, target)
            if known is None or price < known["cost"]:
                graph.add_edge(node, target, cost=price)
        if node[1] == walk.goal:
            graph.add_edge(node, journey.OUTCOME, cost=(0,) * 8)
    return graph


def enumerate_paths(walk: journey.Walker, most: int = MOST_PATHS) -> tuple[Any, ...] | None:
    """Return reach, cost of the best path, dead ends and open nodes with a way in, by listing every simple path.

    Gives up, with nothing, after ``most`` paths.
    """
    graph = explicit_graph(walk)
    best = None
    for number, path in enumerate(nx.all_simple_paths(graph, journey.START, journey.OUTCOME)):
        if number == most:
            return None
        cost = (0,) * 8
        for one, two in itertools.pairwise(path):
            cost = journey.add_costs(cost, graph.edges[one, two]["cost"])
        best = cost if best is None or cost < best else best
    stuck = {n[0] for n in graph if isinstance(n, tuple) and graph.out_degree(n) == 0}
    ends = (
        *(() if graph.out_degree(journey.START) else (journey.START,)),
        *(walk.land.ids[s] for s in sorted(stuck)),
    )
    found = {n for n in nx.descendants(graph, journey.START) if isinstance(n, tuple)}
    return best is not None, best, ends, found


def walk_ours(walk: journey.Walker) -> tuple[Any, ...]:
    """Return the same measures as the library finds them."""
    best = journey.best_path(walk)
    return (
        best is not None,
        None if best is None else best.cost,
        journey.dead_ends(walk),
        set(journey.reachable_nodes(walk)),
    )


def walkers(
    services: pd.DataFrame, common: Common, routes: pd.DataFrame | None, *, self_found: bool = True
) -> list[journey.Walker]:
    """Return the first twelve personas in a landscape."""
    personas = common.personas.head(12)
    providers = pd.DataFrame({"provider_id": services["provider_id"].unique()}).assign(level="regional")
    land = journey.build_landscape(services, providers, common.vocabulary, routes, self_found=self_found)
    fits = journey.fit(services, personas, common.vocabulary, ("en",))
    open_to = (
        fits[(fits["eligible"] != "no") & (fits["reachable"] != "no")]
        .groupby("persona_id")["service_id"]
        .agg(tuple)
    )
    return [journey.walker(land, p, open_to.get(p["persona_id"], ())) for p in personas.to_dict("records")]


# --- the table ---------------------------------------------------------------------------------------------------


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of our side; the slow side runs up to three times"
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes, one run of the slow side")
    given = parser.parse_args()
    slow_runs = 1 if given.quick else min(3, given.runs)
    common = load_common(PARAMETERS)
    rows: list[tuple[str, str, str, str, str, str]] = []

    size = 1000 if given.quick else 3000
    services = nation(size, common)
    # both sides in turn, so that what else runs on the machine slows both alike
    ours_took, theirs_took = [], []
    for _ in range(slow_runs):
        ours_took.append(timed(lambda: ours(services, common), given.runs)[0])
        theirs_took.append(timed(lambda: cross_join(services, common), 1)[0])
        ours_took.append(timed(lambda: ours(services, common), given.runs)[0])
    found, expected = ours(services, common), cross_join(services, common)
    fast, slow = statistics.median(ours_took), statistics.median(theirs_took)
    rows.append(
        (
            f"candidates among {size:,} services", f"{fast:.3f} s", f"pandas cross join {slow:.1f} s", f"{slow / fast:.0f} ×",
            "50 ×", f"{len(found):,} pairs, identical: {same_pairs(found, expected)}",
        )
    )  # fmt: skip

    sizes = (2_000, 4_000) if given.quick else (2_500, 5_000, 10_000)
    measured = [europe(n, 1 if given.quick else 3) for n in sizes]
    for n, (seconds, candidates, peak, before) in zip(sizes, measured, strict=True):
        rows.append(
            (
                f"candidates among {n:,} services", f"{seconds:.2f} s", f"peak {peak:.2f} GiB (services alone {before:.2f})", "", "< 2 GiB",
                f"{candidates:,} pairs, {seconds / candidates * 1e9:.0f} ns each",
            )
        )  # fmt: skip
    first, last = measured[0], measured[-1]
    growth = (last[0] / first[0]) / (last[1] / first[1])
    rows.append(
        (
            f"growth {sizes[0]:,} → {sizes[-1]:,}", f"time × {last[0] / first[0]:.1f}", f"candidates × {last[1] / first[1]:.1f}",
            f"{growth:.2f}", "≤ 1.5", "time over candidates",
        )
    )  # fmt: skip

    sizes = (100, 200) if given.quick else (150, 500)
    for n in sizes:
        catalogue = nation(n, common).assign(provider_id=lambda f: f["provider_id"].str[:3])
        walks = walkers(catalogue, common, None)
        fast, mine = timed(lambda: [walk_ours(w) for w in walks], given.runs)  # noqa: B023
        slow, theirs = timed(lambda: [enumerate_paths(w) for w in walks], 1)  # noqa: B023
        done = [(m, t) for m, t in zip(mine, theirs, strict=True) if t is not None]
        more = "" if len(done) == len(walks) else "> "
        rows.append(
            (
                f"12 personas × {n} services, all routes", f"{fast:.4f} s", f"networkx simple paths {more}{slow:.1f} s",
                f"{more}{slow / fast:.0f} ×", "20 ×",
                f"identical: {all(m == t for m, t in done)}"
                + (f" ({len(done)} personas; the others have over {MOST_PATHS:,} paths)" if more else ""),
            )
        )  # fmt: skip

    sparse = synthetic.make_routes(catalogue, 3.0)
    walks = walkers(catalogue, common, sparse, self_found=False)
    fast, mine = timed(lambda: [walk_ours(w) for w in walks], given.runs)
    slow, theirs = timed(lambda: [enumerate_paths(w) for w in walks], given.runs)
    rows.append(
        (
            f"12 personas × {len(catalogue)} services, recorded routes", f"{fast:.4f} s", f"networkx simple paths {slow:.2f} s",
            f"{slow / fast:.0f} ×", "", f"identical: {mine == theirs}; few paths to list: three referrals a service",
        )
    )  # fmt: skip

    head = ("work", "eis_lib", "against", "ratio", "asked", "result")
    widths = [max(len(r[i]) for r in [head, *rows]) for i in range(6)]
    for row in [head, tuple("-" * w for w in widths), *rows]:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
