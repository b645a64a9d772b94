"""One door per dependency, and no randomness that is not keyed."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.architecture.house import PACKAGE, Module, inside, modules

DOORS = {
    "simpy": ("engine.reference",),
    "numba": ("jit",),
    "ruamel": ("scenario.read.source",),
    "typer": ("app.cli",),
    "click": ("app.cli",),
    "rich": ("report.terminal", "app"),
    "holidays": ("calendars",),
    "scipy": ("distributions", "stats", "theory", "plan"),
    "pydantic": ("scenario",),
    "pydantic_core": ("scenario",),
    "jinja2": ("report",),
    "pyarrow": ("ledger",),
    "SALib": ("stats.screening",),
    "numpy": ("",),
}
WITHOUT_CHANCE = ("streams", "engine", "plan", "ledger", "metrics")


def through_the_wall(module: Module) -> list[str]:
    """Imports of a dependency elsewhere than at its door."""
    found = []
    for line, name in module.imports():
        top = name.split(".")[0]
        if top == PACKAGE or top in sys.stdlib_module_names or top == "":
            continue
        doors = [f"{PACKAGE}.{door}".rstrip(".") for door in DOORS.get(top, ())]
        if not any(inside(module.name, door) for door in doors):
            found.append(f"{module.name}:{line} imports {name}")
    return found


def unkeyed_luck(module: Module) -> list[str]:
    """Uses of `random`, `secrets` or `numpy.random` in a room whose luck comes from keys."""
    if module.room not in WITHOUT_CHANCE:
        return []
    imported = [
        (line, name)
        for line, name in module.imports()
        if name.split(".")[0] in ("random", "secrets") or name.startswith("numpy.random")
    ]
    used = [
        (node.lineno, "numpy.random")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "random"
        and isinstance(node.value, ast.Name)
        and node.value.id in ("np", "numpy")
    ]
    return [f"{module.name}:{line} uses {name}" for line, name in imported + used]


def test_every_dependency_enters_by_its_door() -> None:
    assert [wall for module in modules() for wall in through_the_wall(module)] == []


def test_no_luck_without_a_key_from_the_plan_to_the_metrics() -> None:
    assert [use for module in modules() for use in unkeyed_luck(module)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("simfunnel.engine.rules", "import simpy"),
        ("simfunnel.engine.arrivals", "def f():\n    from numba import njit"),
        ("simfunnel.scenario.model", "from ruamel.yaml import YAML"),
        ("simfunnel.report.words", "from rich.table import Table"),
        ("simfunnel.metrics.sla", "import scipy.special"),
        ("simfunnel.study.run.study", "import pandas"),
        ("simfunnel.jitter", "import numba"),
    ],
)
def test_a_dependency_through_the_wall_is_caught(name: str, source: str) -> None:
    assert len(through_the_wall(Module(name, source))) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("simfunnel.engine.reference.lead", "import simpy"),
        ("simfunnel.stats.intervals", "from scipy.special import stdtrit\nimport numpy as np\nimport math"),
        ("simfunnel.app.cli.studies", "import typer\nfrom rich.console import Console"),
    ],
)
def test_a_dependency_at_its_door_is_let_in(name: str, source: str) -> None:
    assert through_the_wall(Module(name, source)) == []


@pytest.mark.parametrize(
    "source", ["import random", "from numpy.random import default_rng", "import numpy as np\nx = np.random.random"]
)
def test_luck_without_a_key_is_caught(source: str) -> None:
    assert len(unkeyed_luck(Module("simfunnel.engine.arrivals", source))) == 1
