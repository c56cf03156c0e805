"""A second evaluator: it reads an explanation, and nothing else, and shares no line with what it checks."""
