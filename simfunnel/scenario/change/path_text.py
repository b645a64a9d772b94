"""The text of a path as a planner types it: parsed into names, and the known name that a misspelt one is nearest to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache

from simfunnel.scenario.fields.field import FieldError

SAME_WORD = {
    **dict.fromkeys(("average", "avg", "expected"), "mean"),
    **dict.fromkeys(("min", "minimum", "lowest", "from"), "low"),
    **dict.fromkeys(("max", "maximum", "highest", "to"), "high"),
    **dict.fromkeys(("std", "stdev", "stddev", "sigma"), "sd"),
    **dict.fromkeys(("headcount", "heads", "people", "agents"), "reps"),
}


@lru_cache(maxsize=4096)
def parse_path(text: str) -> tuple[str, ...]:
    """Parse a path into names: dots between them, quotes around those with dots or spaces; FieldError when unreadable.

    >>> parse_path('handoff."trade fair".delay'), parse_path("stages[0].effort")
    (('handoff', 'trade fair', 'delay'), ('stages', '0', 'effort'))
    """
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if rest[0] in "\"'":
            name, closed, rest = rest[1:].partition(rest[0])
            if not closed:
                raise FieldError("has an open quote", "close the quote")
        elif rest[0] == "[":
            name, closed, rest = rest[1:].partition("]")
            name = name.strip("\"'")
            if not closed:
                raise FieldError("has an open bracket", "close the bracket")
        else:
            size = next((i for i, mark in enumerate(rest) if mark in ".["), len(rest))
            name, rest = rest[:size].strip(), rest[size:]
            name = "" if set(name) & set("\"'") else name
        if not name or (rest and rest[0] not in ".["):
            raise FieldError("is not a path", "write names with dots between them, e.g. pools.SDR.reps")
        parts.append(name)
        if rest.startswith("."):
            rest = rest[1:] or "?"
    if not parts or parts[-1] == "?":
        raise FieldError("is not a path", "write names with dots between them, e.g. pools.SDR.reps")
    return tuple(parts)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, whatever its case; None when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    if SAME_WORD.get(name.lower()) in by_lower:
        return by_lower[SAME_WORD[name.lower()]]
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Say `did you mean X?`, else the known names, else `otherwise`."""
    names = list(known)
    near = nearest(name, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"known here: {', '.join(names)}" if 0 < len(names) <= 24 else otherwise
