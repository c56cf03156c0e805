"""Cycles and heights."""

from collections.abc import Collection, Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.graphs import find_cycle, weighted_depths


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"a": ["x"], "b": ["a", "x"]}, None, id="a chain"),
        pytest.param({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, None, id="two ways to one"),
        pytest.param({"a": ["a"]}, ["a", "a"], id="a code that needs itself"),
        pytest.param({"a": ["b"], "b": ["a"]}, ["a", "b", "a"], id="two that need each other"),
        pytest.param({"a": ["b"], "b": ["c"], "c": ["b"]}, ["b", "c", "b"], id="a way into a cycle is no part"),
    ],
)
def test_find_cycle(graph: Mapping[str, Collection[str]], cycle: list[str] | None) -> None:
    assert find_cycle(graph) == cycle


def test_long_chains_do_not_exhaust_the_stack() -> None:
    graph = {str(number): [str(number + 1)] for number in range(20_000)}
    assert find_cycle(graph) is None
    assert weighted_depths(graph, dict.fromkeys(graph, 1))["0"] == 20_000
    closed = find_cycle({**graph, "20000": ["0"]})
    assert closed is not None
    assert len(closed) == 20_002


def test_heights_add_weights_along_the_heaviest_way() -> None:
    graph = {"a": {"b", "c"}, "b": {"x"}, "c": {"b"}, "lost": {"round"}, "round": {"round"}}
    weights = {"a": 1, "b": 10, "c": 100, "lost": 1, "round": 1}
    assert weighted_depths(graph, weights) == {"b": 10, "c": 110, "a": 111}


codes = st.sampled_from("abcdef")
graphs = st.dictionaries(codes, st.frozensets(codes, max_size=3), max_size=6)


@given(graphs)
def test_a_graph_has_a_cycle_or_all_heights(graph: dict[str, frozenset[str]]) -> None:
    cycle = find_cycle(graph)
    height = weighted_depths(graph, dict.fromkeys(graph, 1))
    if cycle is None:
        assert height.keys() == graph.keys()
    else:
        assert cycle[0] == cycle[-1]
        assert all(right in graph[left] for left, right in pairwise(cycle))
        assert not height.keys() & set(cycle)
