"""Values over spans from the figures that an explanation lists."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.targets.recompute import formulas
from tests.targets.recompute.spans import DAY, Span, days, inside, read, whole


class Row:
    """A figure as it is listed; no two are of one indicator and span."""

    def __init__(self, listed: dict[str, Any]) -> None:
        self.id, self.indicator, self.stage = listed["id"], listed["indicator"], listed["stage"]
        self.order = listed.get("order", 0)
        self.span: Span = read(listed["period"])
        self.value = Fraction(listed["value"])
        self.leans = {"more_than": 1, "less_than": -1, "nearly": -1}.get(listed["qualifier"], 0)
        self.published = date.min if listed["published"] == "unknown" else date.fromisoformat(listed["published"])


class Shelf:
    """All figures of an explanation by indicator, and what follows from them."""

    def __init__(self, indicators: list[dict[str, Any]], listed: Iterable[dict[str, Any]]) -> None:
        self.terms = {entry["code"]: entry for entry in indicators}
        self.rows = [Row(item) for item in listed]
        self.reached: dict[tuple[str, date, date], dict[date, list[Row]]] = {}

    def of(self, code: str) -> list[Row]:
        return [row for row in self.rows if row.indicator == code]

    def stored(self, code: str) -> set[str]:
        """The stored indicators under one, through formulas."""
        formula = self.terms[code]["formula"]
        if not formula:
            return {code}
        named = {word for word in formulas.words(formula) if word in self.terms}
        return set[str]().union(*(self.stored(item) for item in named))

    def parted(self, code: str, first: date, last: date) -> bool:
        """Whether a break of the series comes after the first day and not after the last."""
        return any(first < date.fromisoformat(day) <= last for day in self.terms[code]["breaks"])

    def torn(self, names: Iterable[str], earlier: Span, later: Span) -> bool:
        """Whether a stored indicator under one of them has a break from the earlier span to the later one."""
        stored = set[str]().union(*(self.stored(name) for name in names if name in self.terms))
        return any(self.parted(code, earlier[self.terms[code]["accumulation"] == "last"], later[1]) for code in stored)

    def other_ground(self, code: str, span: Span) -> bool:
        """Whether the value over a span is of an area that was smaller, and cannot be added up."""
        return False

    def tilings(self, code: str, span: Span) -> dict[date, list[Row]]:
        """Each day that figures in a row reach from the start, with the best such row: fewest, then longest first."""
        key = (code, *span)
        if key not in self.reached:
            self.reached[key] = self._tilings(code, span)
        return self.reached[key]

    def _tilings(self, code: str, span: Span) -> dict[date, list[Row]]:
        best: dict[date, list[Row]] = {span[0] - DAY: []}
        rows = sorted((row for row in self.of(code) if inside(row.span, span)), key=lambda row: row.span[1])
        for row in rows:
            before = best.get(row.span[0] - DAY)
            if before is None:
                continue
            tiling, held = [*before, row], best.get(row.span[1])
            if before and self.parted(code, span[0], row.span[1]):
                continue
            if held is None or _rank(tiling) < _rank(held):
                best[row.span[1]] = tiling
        del best[span[0] - DAY]
        return best

    def less(self, code: str, span: Span) -> tuple[list[Row], list[Row]] | None:
        """Two cumulative values whose difference is the value: of the fewest figures, then the latest start."""
        best = None
        for start in sorted({row.span[0] for row in self.of(code) if row.span[0] < span[0]}, reverse=True):
            if self.parted(code, start, span[1]):
                continue
            whole = self.tilings(code, (start, span[1])).get(span[1])
            part = self.tilings(code, (start, span[0] - DAY)).get(span[0] - DAY)
            if whole and part and (best is None or len(whole) + len(part) < len(best[0]) + len(best[1])):
                best = whole, part
        return best

    def ending(self, code: str, day: date) -> Row | None:
        rows = [row for row in self.of(code) if row.span[1] == day]
        assert len({(row.published, row.order) for row in rows}) == len(rows), "the one recorded last cannot be told"
        return max(rows, key=lambda row: (row.published, row.order), default=None)

    def behind(self, code: str, span: Span) -> list[Row] | None:
        """The figures that make a stored value."""
        accumulation = self.terms[code]["accumulation"]
        if accumulation in ("sum", "mean"):
            rows = self.tilings(code, span).get(span[1])
            if rows is None and accumulation == "sum":
                less = self.less(code, span)
                rows = None if less is None else [*less[0], *less[1]]
            return rows
        if accumulation == "last":
            row = self.ending(code, span[1])
        else:
            row = next((row for row in self.of(code) if row.span == span), None)
        return None if row is None else [row]

    def value(self, code: str, span: Span, used: set[str] | None = None) -> Fraction | None:
        """Over a span; the ids of the figures behind it go into `used`."""
        terms = self.terms.get(code)
        if terms is None:
            return None
        if terms["formula"]:
            return formulas.work_out(
                terms["formula"], span, lambda name, over: self.value(name, over, used), torn=self.torn
            )
        rows = self.behind(code, span)
        if rows is None:
            return None
        if used is not None:
            used |= {row.id for row in rows}
        if terms["accumulation"] == "mean":
            return mean(rows, terms["frequency"])
        if terms["accumulation"] == "sum" and span[1] not in self.tilings(code, span):
            whole, part = self.less(code, span) or ([], [])
            return sum((row.value for row in whole), Fraction()) - sum((row.value for row in part), Fraction())
        return sum((row.value for row in rows), Fraction())


def mean(rows: list[Row], frequency: str) -> Fraction:
    """By reporting periods; by days where a figure is not made of whole ones."""
    counts = [whole(row.span, frequency) for row in rows]
    weights = counts if all(counts) else [days(row.span) for row in rows]
    return sum((row.value * weight for row, weight in zip(rows, weights, strict=True)), Fraction()) / sum(weights)


def _rank(tiling: list[Row]) -> tuple[int, list[int]]:
    return len(tiling), [-days(row.span) for row in tiling]
