"""Imports go down only, and rooms of one floor do not know each other."""

from __future__ import annotations

import pytest

from tests.architecture.house import FLOOR_OF, PACKAGE, Module, modules


def room_imported(name: str) -> str:
    """The room that an absolute import name leads into; the package's own name when into none, empty when outside."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return ""
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR_OF else PACKAGE


def steps_up(module: Module) -> list[str]:
    """Imports of `module` that do not go down (its own room aside)."""
    found = []
    for line, name in module.imports():
        room = room_imported(name)
        if not room or room == module.room or not module.room:
            continue
        if room == PACKAGE or FLOOR_OF[room] <= FLOOR_OF[module.room]:
            found.append(f"{module.name}:{line} imports {name}")
    return found


def engines_that_meet(module: Module) -> list[str]:
    """Imports by which one engine would know the other."""
    homes = (f"{PACKAGE}.engine.reference", f"{PACKAGE}.engine.compiled")
    return [
        f"{module.name}:{line} imports {name}"
        for line, name in module.imports()
        for mine, other in (homes, homes[::-1])
        if module.name.startswith(mine) and name.startswith(other)
    ]


def test_every_module_belongs_to_a_room() -> None:
    homeless = [module.name for module in modules() if module.room and module.room not in FLOOR_OF]

    assert homeless == []


def test_imports_go_down_only() -> None:
    assert [step for module in modules() for step in steps_up(module)] == []


def test_the_two_engines_do_not_import_each_other() -> None:
    assert [step for module in modules() for step in engines_that_meet(module)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("simfunnel.plan.pools", "from simfunnel.study import run"),
        ("simfunnel.plan.pools", "import simfunnel.report.words"),
        ("simfunnel.metrics.sla", "from simfunnel.engine import simulate"),
        ("simfunnel.ledger.save", "from simfunnel import streams"),
        ("simfunnel.ledger.save", "from ..streams import uniform"),
        ("simfunnel.theory.erlang", "def f():\n    from simfunnel.stats import intervals"),
        ("simfunnel.units", "import importlib\nimportlib.import_module('simfunnel.plan')"),
        ("simfunnel.study.run.study", "from simfunnel import compare"),
    ],
)
def test_a_step_up_or_sideways_is_caught(name: str, source: str) -> None:
    assert len(steps_up(Module(name, source))) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "simfunnel.study.run.study",
            "from simfunnel.metrics import measure\nfrom simfunnel.version import __version__",
        ),
        ("simfunnel.plan.pools", "from .model import Plan\nfrom simfunnel.units import Duration"),
        ("simfunnel.streams", "import numpy\nfrom simfunnel.distributions import Dist"),
    ],
)
def test_a_step_down_or_within_the_room_is_let_pass(name: str, source: str) -> None:
    assert steps_up(Module(name, source)) == []


def test_a_meeting_of_the_engines_is_caught() -> None:
    module = Module("simfunnel.engine.compiled.loop", "from simfunnel.engine.reference import pool")

    assert len(engines_that_meet(module)) == 1
