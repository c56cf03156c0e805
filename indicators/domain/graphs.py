"""Walks over graphs of dependencies, without recursion: chains of formulas may be long."""

from collections.abc import Collection, Iterator, Mapping


def find_cycle(graph: Mapping[str, Collection[str]]) -> list[str] | None:
    """A cycle in a graph of codes and their dependencies, such as ["a", "b", "a"]; None when there is none."""
    done: set[str] = set()
    for code in graph:
        cycle = _cycle_from(code, graph, done)
        if cycle:
            return cycle
    return None


def heights(graph: Mapping[str, Collection[str]], weights: Mapping[str, int]) -> dict[str, int]:
    """For each code its own weight plus the greatest depth among its dependencies.

    Codes that are not in the graph weigh nothing. Codes that lead into a cycle are left out of the result.
    """
    inner = {code: {each for each in needed if each in graph} for code, needed in graph.items()}
    missing = {code: len(needed) for code, needed in inner.items()}
    needed_by: dict[str, list[str]] = {code: [] for code in graph}
    for code, needed in inner.items():
        for each in needed:
            needed_by[each].append(code)
    ready = [code for code, number in missing.items() if not number]
    height: dict[str, int] = {}
    for code in ready:
        height[code] = weights[code] + max((height[each] for each in inner[code]), default=0)
        for user in needed_by[code]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return height


def _cycle_from(code: str, graph: Mapping[str, Collection[str]], done: set[str]) -> list[str] | None:
    """Depth first: `path` holds the codes from the start to here, each with its dependencies still to visit."""
    if code in done:
        return None
    path: dict[str, Iterator[str]] = {code: iter(sorted(graph[code]))}
    while path:
        last = next(reversed(path))
        needed = next(path[last], None)
        if needed is None:
            done.add(last)
            del path[last]
        elif needed in path:
            opened = list(path)
            return [*opened[opened.index(needed) :], needed]
        elif needed not in done:
            path[needed] = iter(sorted(graph.get(needed, ())))
    return None
