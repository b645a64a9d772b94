"""The plan of the house: its rooms, floors and doors, and a reader of its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "simfunnel"

# top floor first; rooms of one floor do not import each other
FLOORS = (
    ("__main__",),
    ("app",),
    ("report",),
    ("fit",),
    ("verify",),
    ("study",),
    ("possible",),
    ("metrics", "engine"),
    ("ledger", "streams"),
    ("plan",),
    ("scenario",),
    ("theory", "stats"),
    ("distributions", "calendars"),
    ("arguments",),
    ("files",),
    ("units", "jit", "errors", "leaving", "version"),
    ("arrays",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, whether it is a package's `__init__`, and its text."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.source, self.name)

    @property
    def room(self) -> str:
        """The room that the module belongs to; empty for the package's own `__init__`."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported anywhere in the file, `from a import b` as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = self._absolute(node)
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield node.lineno, first.value

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        start = here[: len(here) - (node.level - 1)]
        return ".".join([*start, node.module] if node.module else start)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def modules() -> list[Module]:
    """Every module of the package as it is on disk."""
    found = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


def inside(name: str, door: str) -> bool:
    """Whether dotted `name` is `door` or lies within it."""
    return name == door or name.startswith(door + ".")
