"""Words of the meaning step: its problems, and names in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simfunnel.errors import MISSING, Path, Problem


def wrong(path: Path, rule: str, remedy: str, value: object = MISSING, *, at_key: bool = False) -> Problem:
    """Make an error at a value, or at its key."""
    return Problem(path, value, rule, remedy, at="key" if at_key else "value")


def odd(path: Path, rule: str, remedy: str, value: object = MISSING, *, at_key: bool = False) -> Problem:
    """Make a warning at a value, or at its key."""
    return Problem(path, value, rule, remedy, at="key" if at_key else "value", severity="warning")


def contradiction(path: Path, rule: str, remedy: str, value: object = MISSING, *, at_key: bool = False) -> Problem:
    """Make a warning that typed numbers cannot all hold: told before all others, and `check` exits with 3."""
    return replace(odd(path, rule, remedy, value, at_key=at_key), kind="contradiction")


def listed(names: Iterable[str], most: int = 4) -> str:
    """Write names in a sentence: `a`, `a and b`, `a, b and c`; of many only the first.

    >>> listed(["chat", "web", "referral"]), listed("abcdef")
    ('chat, web and referral', 'a, b, c, d and 2 more')
    """
    words: Sequence[str] = list(names)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
