"""What rests on what."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.record.graph import BARRIER, Node, links, order, plan, urgency
from eis_lib.section.method import GATHERED, STEPS


def test_the_steps_are_those_of_the_library_in_its_order():
    assert tuple(STEPS) == ("map", "examine", "test", "compare", "plan", "review")
    assert [step.stem for step in STEPS.values()] == [
        "1_map", "2_examine", "3_test", "4_compare", "5_plan", "6_review",
    ]  # fmt: skip


def test_what_is_gathered_is_what_sections_may_ask_for():
    assert dict(GATHERED) == GATHERED


def test_compare_waits_for_every_region_and_nothing_before_it_does():
    found = links(["alpha", "beta"])
    assert found[BARRIER] == {Node(r, s) for r in ("alpha", "beta") for s in ("map", "examine", "test")}
    assert found[Node("alpha", "compare")] == {BARRIER, Node("alpha", "test")}
    before = [Node(r, s) for r in ("alpha", "beta") for s in ("map", "examine", "test")]
    assert all(node.region == resting.region for node in before for resting in found[node])


def test_one_wanted_step_brings_only_what_it_rests_on():
    assert set(plan(["alpha"], ["test"], ["alpha", "beta"])) == {
        Node("alpha", "map"), Node("alpha", "examine"), Node("alpha", "test"),
    }  # fmt: skip


def test_a_wanted_comparison_brings_the_first_steps_of_all_regions_but_no_more_of_them():
    found = set(plan(["alpha"], ["compare"], ["alpha", "beta"]))
    assert Node("beta", "test") in found
    assert Node("beta", "compare") not in found
    assert Node("alpha", "plan") not in found


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from("abcdef"), min_size=1), st.sets(st.sampled_from(list(STEPS)), min_size=1))
def test_every_order_puts_a_notebook_after_what_it_rests_on(regions, steps):
    nodes = plan(sorted(regions), steps, "abcdef")
    place = {node: index for index, node in enumerate(order(nodes))}
    assert set(place) == set(nodes)
    assert all(place[before] < place[node] for node in nodes for before in nodes[node])


def test_a_slow_region_holds_up_nothing_before_the_barrier():
    """All of beta's first three steps can be done while alpha's first is still at work."""
    nodes = plan(["alpha", "beta"], tuple(STEPS), ["alpha", "beta"])
    sorter = TopologicalSorter(nodes)
    sorter.prepare()
    done = []
    ready = set(sorter.get_ready()) - {Node("alpha", "map")}
    while ready:
        node = ready.pop()
        done.append(node)
        sorter.done(node)
        ready.update(sorter.get_ready())
    assert {node.step for node in done if node.region == "beta"} == {"map", "examine", "test"}


def test_notebooks_with_the_longest_chain_behind_them_come_first():
    assert sorted([Node("alpha", "review"), Node("beta", "map"), BARRIER, Node("alpha", "map")], key=urgency) == [
        BARRIER, Node("alpha", "map"), Node("beta", "map"), Node("alpha", "review"),
    ]  # fmt: skip
