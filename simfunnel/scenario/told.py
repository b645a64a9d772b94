"""All independent mistakes of a scenario at once: of reading, of fields, of what-ifs and of meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from simfunnel.errors import Path, Problem
from simfunnel.scenario.judging import judged, what_if_fields
from simfunnel.scenario.mistakes import located
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.standins import StoodIn, follows, loses_names, stand_ins
from simfunnel.scenario.whatif import ROOT, WhatIfTable


def all_mistakes(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem],
    flattened: Sequence[Problem],
) -> list[Problem]:  # fmt: skip
    """Every mistake that does not follow from another, with places.

    `unread`: mistakes of reading and of `--set`; `fields`: those of the base, by path; `flattened`: of what-ifs' form.
    """
    in_what_ifs = what_if_fields(what_ifs, base, origin, fields)
    in_fields = [located(problem, base, origin.places) for problem in fields if not _unread(problem, unread)]
    typed = [*in_fields, *(p for p in (*flattened, *in_what_ifs) if not _unread(p, unread))]
    sound = _sound(what_ifs, [*unread, *flattened, *in_what_ifs])
    return [*unread, *typed, *_meant(base, origin, sound, unread, fields)]


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
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem]
) -> list[Problem]:
    """Errors of meaning that hold whatever stands in for what is wrong."""
    lost = frozenset(problem.path for problem in unread if problem.path and problem.path[0] != ROOT)
    if any(loses_names({}, path) for path in lost):  # a block typed twice or left empty: names may be missing
        return []
    found: list[dict[tuple[Path, str], Problem]] = []
    for dropping in (True, False):
        stood_in = stand_ins(base, origin, fields, what_ifs, dropping=dropping)
        if stood_in is None:
            return []
        found.append({(p.path, p.rule): p for p in _errors(stood_in, origin, stood_in.paths | lost)})
    return [problem for key, problem in found[0].items() if key in found[1]]


def _errors(stood_in: StoodIn, origin: Origin, stand: frozenset[Path]) -> Iterable[Problem]:
    scenario: Scenario = stood_in.scenario.with_origin(replace(origin, raw=stood_in.data))
    for problem in judged(scenario):
        if problem.severity == "error" and not follows(_by_position(problem.path, scenario), stand):
            yield problem


def _by_position(path: Path, scenario: Scenario) -> Path:
    """The path with a stage by its position, as the fields step names it."""
    if len(path) > 1 and path[0] == "stages" and path[1] in scenario.stage_names:
        return (path[0], scenario.stage_names.index(str(path[1])), *path[2:])
    return path
