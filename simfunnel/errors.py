"""Errors as one tree; nothing in simfunnel raises outside it for a user's mistake.

SimfunnelError
├── ScenarioError    what the planner wrote cannot be simulated; `problems` lists every place
├── ArgumentError    a function or an option was given what it cannot take
├── TargetError      no value of the levers reaches the target
├── WorkerError      a worker process died for good while it had an item in hand
├── UnknownNameError a result has nothing of that name
├── StoppedError     a study was stopped before it had anything to show
└── EngineError      an invariant of the model is broken: a fault in simfunnel, not in the scenario
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Path = tuple[str | int, ...]
Place = Literal["value", "key", "parent"]
Severity = Literal["error", "warning"]
Kind = Literal["odd", "contradiction"]


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Stands for "there is no value here", which None (an empty value in YAML) does not."""

_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what stands there, which rule it breaks and what to write instead.

    `path` runs from the scenario's root, names as typed and list positions from 0. `at` says what an editor should
    point to: the bad value, the unknown key, or the parent of a missing field. `line` and `column` count from 1.
    `kind`, of a warning: odd, or a contradiction between typed numbers that cannot all hold.
    """

    path: Path
    value: object
    rule: str
    remedy: str = ""
    at: Place = "value"
    file: str | None = None
    line: int | None = None
    column: int | None = None
    severity: Severity = "error"
    kind: Kind = "odd"

    @property
    def place(self) -> str:
        """`file:line:column` as far as it is known, else an empty string."""
        known = [part for part in (self.line, self.column) if part is not None]
        return ":".join(str(part) for part in ([self.file] if self.file else []) + known)

    def __str__(self) -> str:
        """`file:line:column: path: value, rule; remedy`, leaving out what is not known."""
        heads = [part for part in (self.place, path_text(self.path)) if part]
        body = self.rule if self.value is MISSING else f"{value_text(self.value)}, {self.rule}"
        text = ": ".join([*heads, body])
        return f"{text}; {self.remedy}" if self.remedy else text


class Notice(str):
    """A warning as text that knows its kind: `odd`, or a `contradiction` between typed numbers."""

    kind: Kind

    def __new__(cls, text: str, kind: Kind = "odd") -> Notice:
        """The text, with its kind."""
        made = super().__new__(cls, text)
        made.kind = kind
        return made


def notices(problems: Iterable[Problem]) -> list[Notice]:
    """Return warnings as texts, contradictions first, else in their order."""
    found = [Notice(str(problem), problem.kind) for problem in problems]
    return sorted(found, key=lambda notice: notice.kind != "contradiction")


def contradicts(warning: str) -> bool:
    """Return whether a warning tells of typed numbers that cannot all hold."""
    return isinstance(warning, Notice) and warning.kind == "contradiction"


def path_text(path: Path) -> str:
    """Write a path as it is typed after `--set`: dots between names, quotes around names with dots or spaces.

    >>> path_text(("handoff", "trade fair", "delay")), path_text(("stages", 0, "conversion"))
    ('handoff."trade fair".delay', 'stages[0].conversion')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            quoted = f'"{part}"' if part == "" or any(mark in part for mark in '. []"') else part
            text += f".{quoted}" if text else quoted
    return text


def value_text(value: object) -> str:
    """Write a value as a message shows it: text in quotes, numbers bare, long ones cut.

    >>> value_text("4 houers"), value_text(140), value_text(True), value_text(None)
    ("'4 houers'", '140', 'true', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a block"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str | int | float) else repr(str(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


class SimfunnelError(Exception):
    """Root of everything that simfunnel raises on purpose."""


class ScenarioError(SimfunnelError):
    """What the planner wrote cannot be simulated; `problems` lists every place, in the order found.

    Its text has one problem a line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ArgumentError(SimfunnelError, ValueError):
    """A function was given what it cannot take: `name` of the argument, and the rule that the value breaks."""

    def __init__(self, name: str, rule: str) -> None:
        self.name, self.rule = name, rule
        super().__init__(name, rule)

    def __str__(self) -> str:
        return f"{self.name}: {self.rule}"


class UnknownNameError(SimfunnelError, KeyError):
    """A result was asked for something of which it has none; the text says what there is."""

    def __str__(self) -> str:
        return str(self.args[0])


class TargetError(SimfunnelError):
    """No value of the levers reaches the target."""


class WorkerError(SimfunnelError):
    """A worker process died for good while it had an item in hand."""


class StoppedError(SimfunnelError):
    """A study was stopped before it had anything to show."""


class EngineError(SimfunnelError):
    """An invariant of the model is broken: a fault in simfunnel, not in the scenario."""
