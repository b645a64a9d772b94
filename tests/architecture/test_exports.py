"""What a package exports is its `__all__`: nothing else is imported from its door, and nothing in it is missing."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

import simfunnel
from tests.architecture.house import PACKAGE, Module, modules


def names_of(module: Module, table: str) -> list[str] | None:
    """The texts of a list, tuple or dict's keys that a module assigns to `table`; None when it does not."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [table]:
            value = node.value
            parts = value.keys if isinstance(value, ast.Dict) else getattr(value, "elts", [])
            return [part.value for part in parts if isinstance(part, ast.Constant)]
    return None


def bound(module: Module) -> set[str]:
    """Public names that a module imports from its package (for type checkers too), assigns or defines."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            found |= {alias.asname or alias.name for alias in node.names}
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return {name for name in found if not name.startswith("_")}


def badly_exported(module: Module) -> list[str]:
    """What is wrong with a package's `__all__`."""
    exported, names = names_of(module, "__all__"), bound(module)
    if exported is None:
        return [f"{module.name} has no __all__"] if module.is_package and names else []
    read = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    lazy = names_of(module, "_HOME") or names_of(module, "_HOMES") or []
    found = [f"{module.name} exports {name}, which it lacks" for name in exported if name not in names]
    found += [f"{module.name} does not export {name}" for name in sorted(names - read - set(exported))]
    found += [
        f"{module.name} looks {name} up, which it does not export"
        for name in lazy
        if name[0] != "_" and name not in exported
    ]
    return found + ([] if len(set(exported)) == len(exported) else [f"{module.name} exports a name twice"])


def past_the_door(module: Module, known: Mapping[str, Module]) -> list[str]:
    """Imports of a name from a package that does not export it; modules are no names."""
    found = []
    for line, full in module.imports():
        home, _, name = full.rpartition(".")
        exported = names_of(known[home], "__all__") if home in known and full not in known else None
        if exported is not None and known[home].is_package and name not in exported and not name.startswith("__"):
            found.append(f"{module.name}:{line} imports {name}, which {home} does not export")
    return found


def test_all_names_what_a_package_exports_and_no_more() -> None:
    assert [fault for module in modules() for fault in badly_exported(module)] == []


def test_what_is_imported_from_a_package_is_exported() -> None:
    known = {module.name: module for module in modules()}

    assert [fault for module in known.values() for fault in past_the_door(module, known)] == []


def test_every_name_that_simfunnel_exports_is_there() -> None:
    assert sorted(name for name in dir(simfunnel) if not name.startswith("_")) == sorted(simfunnel.__all__)
    assert [name for name in simfunnel.__all__ if getattr(simfunnel, name, None) is None] == []


@pytest.mark.parametrize(
    "source",
    [
        "from simfunnel.plan.model import Plan",
        "from simfunnel.plan.model import Plan, Phase\n__all__ = ['Plan']",
        "__all__ = ['Plan']",
        "from simfunnel.plan.model import Plan\n__all__ = ['Plan']\n_HOME = {'Phase': 'model'}",
        "from simfunnel.plan.model import Plan\n__all__ = ['Plan', 'Plan']",
    ],
)
def test_an_export_that_does_not_hold_is_caught(source: str) -> None:
    assert len(badly_exported(Module("simfunnel.plan", source, is_package=True))) == 1


def test_a_way_around_an_export_is_caught_and_a_module_is_let_in() -> None:
    door = Module("simfunnel.plan", "from simfunnel.plan.model import Plan\n__all__ = ['Plan']", is_package=True)
    known = {door.name: door, "simfunnel.plan.model": Module("simfunnel.plan.model", "")}

    assert len(past_the_door(Module("simfunnel.study.sla", "from simfunnel.plan import Phase"), known)) == 1
    assert past_the_door(Module("simfunnel.study.sla", "from simfunnel.plan import Plan, model"), known) == []
