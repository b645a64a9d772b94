"""No module imports, by whatever way, a module that imports it."""

from __future__ import annotations

from collections.abc import Mapping, Set

from tests.architecture.house import Module, modules


def imports_of(known: Mapping[str, Module]) -> dict[str, set[str]]:
    """Module name -> the modules that it imports, in functions and for type checkers too."""
    found = {}
    for name, module in known.items():
        ways = [(full, full.rpartition(".")[0]) for _, full in module.imports()]
        found[name] = {next((way for way in pair if way in known), "") for pair in ways} - {"", name}
    return found


def reached(name: str, imports: Mapping[str, Set[str]]) -> set[str]:
    """All that a module imports, directly or through others."""
    found: set[str] = set()
    frontier = set(imports[name])
    while frontier:
        found |= frontier
        frontier = {more for each in frontier for more in imports[each]} - found
    return found


def cycles(known: list[Module]) -> list[str]:
    """Modules that reach themselves."""
    imports = imports_of({module.name: module for module in known})
    return [name for name in imports if name in reached(name, imports)]


def test_no_module_imports_what_imports_it() -> None:
    assert cycles(modules()) == []


def test_a_cycle_is_caught_in_a_function_and_for_type_checkers_too() -> None:
    late = "def f():\n    from simfunnel.plan.b import y"
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from simfunnel.plan import c"
    known = [
        Module("simfunnel.plan.a", late),
        Module("simfunnel.plan.b", typed),
        Module("simfunnel.plan.c", "import simfunnel.plan.a"),
        Module("simfunnel.plan.d", "from simfunnel.plan.a import x"),
    ]

    assert cycles(known) == ["simfunnel.plan.a", "simfunnel.plan.b", "simfunnel.plan.c"]
