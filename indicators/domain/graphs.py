"""Walks over graphs of dependencies, without recursion: chains of formulas may be long."""

from collections.abc import Collection, Iterator, Mapping


def reachable_from(starts: Collection[int], edges: Mapping[int, Collection[int]]) -> set[int]:
    """The starts and everything that can be reached from them."""
    reachable, frontier = set(starts), set(starts)
    while frontier:
        frontier = {end for start in frontier for end in edges.get(start, ())} - reachable
        reachable |= frontier
    return reachable


def find_cycle(graph: Mapping[str, Collection[str]]) -> list[str] | None:
    """A cycle in a graph of codes and their dependencies, such as ["a", "b", "a"]; None when there is none."""
    done: set[str] = set()
    for code in graph:
        cycle = _find_cycle_from(code, graph, done)
        if cycle:
            return cycle
    return None


def weighted_depths(graph: Mapping[str, Collection[str]], weights: Mapping[str, int]) -> dict[str, int]:
    """For each code its own weight plus the greatest depth among its dependencies.

    Codes that are not in the graph weigh nothing. Codes that lead into a cycle are left out of the result.
    """
    dependencies = {
        code: {needed_code for needed_code in needed if needed_code in graph} for code, needed in graph.items()
    }
    pending = {code: len(needed) for code, needed in dependencies.items()}
    dependents: dict[str, list[str]] = {code: [] for code in graph}
    for code, needed in dependencies.items():
        for needed_code in needed:
            dependents[needed_code].append(code)
    ready = [code for code, count in pending.items() if not count]
    depths: dict[str, int] = {}
    for code in ready:
        depths[code] = weights[code] + max((depths[needed_code] for needed_code in dependencies[code]), default=0)
        for dependent in dependents[code]:
            pending[dependent] -= 1
            if not pending[dependent]:
                ready.append(dependent)
    return depths


def _find_cycle_from(code: str, graph: Mapping[str, Collection[str]], done: set[str]) -> list[str] | None:
    """Depth first: `path` holds the codes from the start to here, each with its dependencies still to visit."""
    if code in done:
        return None
    path: dict[str, Iterator[str]] = {code: iter(sorted(graph[code]))}
    while path:
        current = next(reversed(path))
        needed = next(path[current], None)
        if needed is None:
            done.add(current)
            del path[current]
        elif needed in path:
            open_codes = list(path)
            return [*open_codes[open_codes.index(needed) :], needed]
        elif needed not in done:
            path[needed] = iter(sorted(graph.get(needed, ())))
    return None


def find_reached_twice(graph: Mapping[str, Collection[str]]) -> tuple[str, str] | None:
    """A code and another that can be reached from it in two ways; None when there is none. The graph has no cycle."""
    for start in sorted(graph):
        reached = set[str]()
        queue = [start]
        for code in queue:
            for needed_code in sorted(graph.get(code, ())):
                if needed_code in reached:
                    return start, needed_code
                reached.add(needed_code)
                queue.append(needed_code)
    return None
