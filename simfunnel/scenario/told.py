"""All independent mistakes of a scenario at once: of reading, fields, what-ifs and meaning, and of a later step."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from simfunnel.errors import Path, Problem
from simfunnel.scenario.judging import judged, what_if_fields
from simfunnel.scenario.mistakes import located
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.standins import follows, loses_names, stand_ins
from simfunnel.scenario.whatif import ROOT, WhatIfTable

Later = Callable[[Scenario], Sequence[Problem]]
"""What a later step, which this room does not know, finds wrong with a scenario of which nothing else is wrong."""

ROUNDS = 12  # of putting stand-ins in the place of what the later step finds
MOVES = "the figure depends on the other mistakes too"
_FIGURE = re.compile(r"\d[\d.,]*")


def nothing_later(_: Scenario) -> Sequence[Problem]:
    """The mistakes of a later step, where there is none."""
    return ()


def all_mistakes(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem],
    flattened: Sequence[Problem], later: Later = nothing_later,
) -> list[Problem]:  # fmt: skip
    """Every mistake that does not follow from another, with places.

    `unread`: mistakes of reading and of `--set`; `fields`: those of the base, by path; `flattened`: of what-ifs' form;
    `later`: what finds those of a later step.
    """
    in_what_ifs = what_if_fields(what_ifs, base, origin, fields)
    in_fields = [located(problem, base, origin.places) for problem in fields if not _unread(problem, unread)]
    typed = [*in_fields, *(p for p in (*flattened, *in_what_ifs) if not _unread(p, unread))]
    sound = _sound(what_ifs, [*unread, *flattened, *in_what_ifs])
    return [*unread, *typed, *_meant(base, origin, sound, unread, fields, later)]


def later_mistakes(scenario: Scenario, later: Later) -> list[Problem]:
    """Every mistake that a later step finds in a scenario of which nothing else is wrong, with places."""
    base = {key: value for key, value in scenario.raw.items() if key != ROOT}
    return _meant(base, scenario.origin, WhatIfTable(scenario.what_ifs), (), (), later)


def _unread(problem: Problem, unread: Sequence[Problem]) -> bool:
    """Whether a problem only says once more that something was not read."""
    for each in (each.path for each in unread if each.path):
        if problem.path == each:
            return True
        if str(each[-1])[:1].isdigit() and problem.path[:-1] == each[:-1]:  # a comma cut the number before it
            return True
        if problem.at == "parent" and problem.path[:-1] in (each, each[:-1]):
            return True
    return False


def _sound(what_ifs: WhatIfTable, problems: Sequence[Problem]) -> WhatIfTable:
    """The what-ifs of which nothing is wrong yet, nor of those that they build on."""
    wrong = {problem.path[1] for problem in problems if len(problem.path) > 1 and problem.path[0] == ROOT}
    return WhatIfTable(
        {
            name: each
            for name, each in what_ifs.items()
            if name not in wrong and not any(item.owner[1] in wrong for item in each.items)
        }
    )


def _meant(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem], later: Later
) -> list[Problem]:
    """Errors of meaning and of the later step that hold whatever stands in for what is wrong."""
    lost = frozenset(problem.path for problem in unread if problem.path and problem.path[0] != ROOT)
    if any(loses_names({}, path) for path in lost):  # a block typed twice or left empty: names may be missing
        return []
    search = _Search(base, origin, lost)
    search.look(what_ifs, fields, True, later)
    other = _Search(base, origin, lost)
    other.look(what_ifs, fields, False, later if search.later else nothing_later)
    meant = [problem for key, problem in search.meant.items() if key in other.meant]
    found = [_steady(problem, other.later[key]) for key, problem in search.later.items() if key in other.later]
    return [*meant, *found]


def _steady(problem: Problem, other: Problem) -> Problem:
    """The problem; with a word on its figures where other stand-ins lead to others."""
    if (problem.rule, problem.remedy) == (other.rule, other.remedy):
        return problem
    return replace(problem, remedy=f"{problem.remedy}; {MOVES}" if problem.remedy else MOVES)


class _Search:
    """Mistakes found while stand-ins take the place of those found before: of meaning, and of the later step."""

    def __init__(self, base: Any, origin: Origin, lost: frozenset[Path]) -> None:
        self.data, self.origin, self.stand = base, origin, lost
        self.meant: dict[tuple[Path, str], Problem] = {}
        self.later: dict[tuple[Path, str], Problem] = {}

    def look(self, what_ifs: WhatIfTable, problems: Sequence[Problem], dropping: bool, later: Later) -> None:
        """Stand in for `problems`, judge what the scenario then means, and ask the later step until it is content."""
        stood: frozenset[Path] = frozenset()
        for at in range(ROUNDS):
            found = stand_ins(self.data, self.origin, problems, what_ifs, dropping=dropping, before=stood)
            if found is None:
                return
            self.data, stood = found.data, found.paths
            self.stand |= stood
            scenario: Scenario = found.scenario.with_origin(replace(self.origin, raw=self.data))
            errors = [problem for problem in judged(scenario) if problem.severity == "error"]
            if at == 0:
                self.meant = {(p.path, p.rule): p for p in self._own(errors, scenario)}
            if not errors:
                errors = list(later(scenario))
                self.later |= {(p.path, _FIGURE.sub("", p.rule)): p for p in self._own(errors, scenario)}
            if not errors or later is nothing_later:
                return
            what_ifs = _without(what_ifs, errors)
            in_base = [problem for problem in errors if problem.path[:1] != (ROOT,)]
            problems = [replace(problem, path=_by_position(problem.path, scenario)) for problem in in_base]

    def _own(self, errors: Sequence[Problem], scenario: Scenario) -> list[Problem]:
        """The errors that do not follow from a stand-in."""
        return [each for each in errors if not follows(_by_position(each.path, scenario), self.stand)]


def _without(what_ifs: WhatIfTable, problems: Sequence[Problem]) -> WhatIfTable:
    """The what-ifs without the settings at fault, or without those at fault as a whole."""
    wrong = [problem.path for problem in problems if problem.path[:1] == (ROOT,)]
    owners = {item.owner for each in what_ifs.values() for item in each.items}
    at_fault = {owner for owner in owners if any(path[: len(owner)] == owner for path in wrong)}
    whole = {path[1] for path in wrong if not any(path[: len(owner)] == owner for owner in at_fault)}
    return WhatIfTable(
        {
            name: each._replace(items=tuple(item for item in each.items if item.owner not in at_fault))
            for name, each in what_ifs.items()
            if name not in whole
        }
    )


def _by_position(path: Path, scenario: Scenario) -> Path:
    """The path with a stage by its position, as the fields step names it."""
    if len(path) > 1 and path[0] == "stages" and path[1] in scenario.stage_names:
        return (path[0], scenario.stage_names.index(str(path[1])), *path[2:])
    return path
