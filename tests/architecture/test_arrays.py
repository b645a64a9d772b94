"""One definition of each array alias, and no array type that goes without one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.house import PACKAGE, Module, modules

HOME = f"{PACKAGE}.arrays"


def aliases(module: Module) -> Iterator[tuple[str, str]]:
    """(name, array type) of each alias that a module defines."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and "NDArray" in ast.unparse(node.value):
            yield ast.unparse(node.targets[0]), ast.unparse(node.value)


def array_types(module: Module) -> list[str]:
    """Uses of `NDArray`, and second names for an alias, elsewhere than in their home."""
    if module.name == HOME:
        return []
    known = {name for other in modules() if other.name == HOME for name, _ in aliases(other)}
    found = [f"{module.name}:{line} imports {name}" for line, name in module.imports() if name.endswith(".NDArray")]
    renamed = [
        f"{module.name}:{node.lineno} renames {node.value.id}"
        for node in module.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in known
    ]
    return found + renamed


def test_every_array_type_has_its_name_from_one_home() -> None:
    assert [use for module in modules() for use in array_types(module)] == []


def test_no_alias_is_defined_twice() -> None:
    (home,) = (module for module in modules() if module.name == HOME)
    names = [name for name, _ in aliases(home)]

    assert names
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "source",
    [
        "from numpy.typing import NDArray\nFloats = NDArray[float]",
        "from simfunnel.arrays import Floats\nHours = Floats",
    ],
)
def test_an_alias_of_ones_own_is_caught(source: str) -> None:
    assert len(array_types(Module("simfunnel.plan.pools", source))) == 1


def test_an_alias_from_its_home_is_let_in() -> None:
    assert array_types(Module("simfunnel.plan.pools", "from simfunnel.arrays import Floats, Ints")) == []
