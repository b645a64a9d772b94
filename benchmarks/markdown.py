"""Tables in Markdown, and their places in a page: between `<!-- NAME -->` and `<!-- end of NAME -->`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "background" / "performance.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def put(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what the page shows at the place called `name`; raises SystemExit when it has no such place."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = page.read_text(encoding="utf-8")
    if old.count(begin) != 1 or old.count(end) != 1 or old.index(begin) > old.index(end):
        raise SystemExit(f"{page} has no place between {begin} and {end}")
    before, after = old[: old.index(begin)], old[old.index(end) :]
    page.write_text(f"{before}{begin}\n{text}\n{after}", encoding="utf-8")


def command() -> str:
    """The command that is running, as a reader would type it to measure the same: without --write."""
    words = [word for word in sys.argv[1:] if word != "--write"]
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *words])


def goals(held: Iterable[tuple[str, str, bool]]) -> str:
    """What a table is held to, a line for each (goal, what was measured, whether that meets it)."""
    return "\n".join(f"- Goal: {goal}. Here {found}: {'met' if met else 'not met'}." for goal, found, met in held)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and range, as "1.14 (1.06 to 1.28)"."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    if len(ordered) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"
