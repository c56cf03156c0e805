"""A target with a value: what was due by the day that the value reaches, and how far off it is."""

from datetime import date
from fractions import Fraction

from tests.targets.recompute.sheet import NO_PERCENT, Number, Share, Sheet, declared, number, rounded, shares
from tests.targets.recompute.spans import DAY, Span, days


class Case:
    """A target with a value, on the day that the value reaches."""

    def __init__(self, sheet: Sheet, value: Fraction, span: Span, lean: int) -> None:
        self.sheet, self.value, self.span, self.lean = sheet, value, span, lean
        self.partial = sheet.how == "none" and span[0] != sheet.period[0]
        self.final = span[1] == sheet.period[1] and not self.partial
        self.profile = declared(sheet)
        self.shares: list[Share] = shares(sheet, span[1]) if self.profile == "seasonal" else []
        if self.shares and not sheet.terms["profile"]:
            elapsed = Fraction(days((sheet.period[0], span[1])), days(sheet.period))
            # A year of shock: its season misleads.
            self.shares = self.shares if rounded(abs(self.shares[0].size - elapsed)) <= Fraction(15, 100) else []
        self.fallback = self.profile == "seasonal" and not self.shares
        if self.fallback:
            self.profile = "even"
        self.low, self.high = (self.expected(name) for name in ("lower", "upper"))

    def side(self, edge: Fraction) -> int:
        return self.lean if self.value == edge else 1 if self.value > edge else -1

    def expected(self, name: str) -> Number:
        edge = number(self.sheet.terms[name])
        if edge is None:
            return None
        result = self.by_milestones(name, edge) if self.profile == "milestones" else self.by_profile(edge)
        return None if result is None else rounded(result)

    def by_profile(self, edge: Fraction) -> Fraction:
        part = Fraction(days((self.sheet.period[0], self.span[1])), days(self.sheet.period))
        base = self.sheet.baseline or Fraction()
        if self.profile == "seasonal":
            return self.shares[0].size * edge
        return {"even": part * edge, "flat": edge, "path": base + part * (edge - base)}[self.profile]

    def by_milestones(self, name: str, edge: Fraction) -> Number:
        sheet, day = self.sheet, self.span[1]
        line = [(date.fromisoformat(point["date"]), Fraction(point[name])) for point in sheet.points if point[name]]
        if not line:
            return edge if day == sheet.period[1] else None
        first = sheet.baseline
        if first is None:
            first = Fraction() if sheet.how in ("sum", "last") else line[0][1]
        line = [(sheet.period[0] - DAY, first), *line, (sheet.period[1], edge)]
        after = next(place for place, (at, _) in enumerate(line) if at >= day)
        (left, low), (right, high) = line[after - 1 : after + 1]
        return low + (high - low) * (day - left).days / (right - left).days

    def tolerance(self, due: Fraction, edge: Fraction) -> Fraction:
        terms = self.sheet.terms
        if terms["tolerance"] is not None:
            return Fraction(terms["tolerance"])
        path = self.profile == "path"
        percent = Fraction(terms["tolerance_percent"] or ("10" if path else "5"))
        return rounded((abs(edge - (self.sheet.baseline or 0)) if path else abs(due)) * percent / 100)

    def against(self, low: Number, high: Number) -> tuple[bool, bool, bool]:
        """Below what is required, on an edge that is open, above what is allowed."""
        goal, terms = self.sheet.goal, self.sheet.terms
        below = self.side(low) if low is not None and goal != "at_most" else None
        above = self.side(high) if high is not None and goal != "at_least" else None
        edge = (below == 0 and terms["lower_open"]) or (above == 0 and terms["upper_open"])
        return below == -1, edge, above == 1


def measured(case: Case) -> tuple[Fraction, Number]:
    """Shortfall and tolerance; they and what belongs to them go into the answer."""
    sheet, value = case.sheet, case.value
    ends = (case.low, sheet.lower), (case.high, sheet.upper)
    due, edge = ends[0] if sheet.goal == "at_least" else ends[1]
    if sheet.goal == "within":
        below, above = case.low is not None and value < case.low, case.high is not None and value > case.high
        due, edge = ends[0] if below else ends[1] if above else (None, None)
    variance = Fraction() if due is None else value - due
    shortfall = (
        abs(variance) if sheet.goal == "within" else max(variance * (1 if sheet.goal == "at_most" else -1), Fraction())
    )
    tolerance = number(sheet.terms["tolerance"])
    if due is not None and edge is not None:
        tolerance = case.tolerance(due, edge)
    percent = None
    if case.sheet.kind not in NO_PERCENT and due != 0:
        percent = Fraction() if due is None else variance / abs(due) * 100
    sheet.answer |= {"variance": variance, "variance_percent": percent, "shortfall": shortfall}
    sheet.answer["tolerance"] = tolerance
    return shortfall, tolerance
