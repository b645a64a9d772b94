"""Small files, small functions, typed and documented names, and a help text that appears at once."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.house import ROOT, Module, modules

LINES_PER_FILE = 600
LINES_PER_FUNCTION = 40
NO_NAMES = {"utils", "util", "common", "helpers", "helper", "base", "misc"}
MAY_PRINT = ("report", "app")
HEAVY = ("numba", "scipy")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(module: Module) -> list[str]:
    """Files and functions over their budgets."""
    lines = module.source.count("\n")
    found = [f"{module.name} has {lines} lines"] if lines > LINES_PER_FILE else []
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and own_lines(node) > LINES_PER_FUNCTION:
            found.append(f"{module.name}:{node.lineno} {node.name} has {own_lines(node)} lines")
    return found


def own_lines(function: Function) -> int:
    """Lines of a function from its `def` on, its docstring not counted."""
    doc = ast.get_docstring(function, clean=False)
    end = function.end_lineno or function.lineno
    return end - function.lineno + 1 - (doc.count("\n") + 1 if doc else 0)


def public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    """Public functions, classes and methods."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def untold(module: Module) -> list[str]:
    """Public names without a docstring or without all of their types."""
    found = [] if ast.get_docstring(module.tree) or not module.source.strip() else [f"{module.name} has no docstring"]
    for node in public(module.tree.body):
        where = f"{module.name}:{node.lineno} {node.name}"
        if not ast.get_docstring(node) and not is_overload(node):
            found.append(f"{where} has no docstring")
        if isinstance(node, Function) and not is_typed(node):
            found.append(f"{where} is not fully typed")
    return found


def is_overload(node: Function | ast.ClassDef) -> bool:
    """Whether a typing overload or a property's setter, which the first definition documents."""
    marks = [mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "") for mark in node.decorator_list]
    return "overload" in marks or "setter" in marks


def is_typed(function: Function) -> bool:
    """Whether all arguments but self and cls, and the result, are annotated."""
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    stars = [star for star in (given.vararg, given.kwarg) if star]
    wanted = [a for a in arguments if a.arg not in ("self", "cls")] + stars
    return function.returns is not None and all(a.annotation is not None for a in wanted)


def bad_habits(module: Module) -> list[str]:
    """Star imports, `global`, prints outside report and app, broad excepts, names that say nothing."""
    last = module.name.split(".")[-1]
    found = [f"{module.name} is a name that says nothing"] if last in NO_NAMES else []
    for node in ast.walk(module.tree):
        habit = habit_of(node, module.room)
        if habit:
            found.append(f"{module.name}:{getattr(node, 'lineno', 0)} {habit}")
    return found


def habit_of(node: ast.AST, room: str) -> str:
    """The bad habit that one node shows, empty when none."""
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        return "imports *"
    if isinstance(node, ast.Global):
        return "keeps global state"
    if isinstance(node, ast.ExceptHandler) and is_broad(node.type):
        return "catches everything"
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and room not in MAY_PRINT:
        return "prints"
    return ""


def is_broad(kind: ast.expr | None) -> bool:
    """Whether an except clause catches everything."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or getattr(each, "id", "") in ("Exception", "BaseException") for each in kinds)


def loaded_by(code: str) -> set[str]:
    """Which of the heavy packages a fresh Python has loaded after running `code`."""
    ending = f"\nimport sys; print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + ending], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stderr.split())


HELP = """
import sys
from simfunnel.app.cli import main
sys.argv = ["simfunnel", *{words!r}]
try:
    main()
except SystemExit as leaving:
    assert not leaving.code, leaving.code
"""


def test_files_and_functions_keep_their_budgets() -> None:
    assert [line for module in modules() for line in too_long(module)] == []


def test_public_names_are_typed_and_documented() -> None:
    assert [line for module in modules() for line in untold(module)] == []


def test_no_bad_habits() -> None:
    assert [line for module in modules() for line in bad_habits(module)] == []


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["compare", "--help"]], ids=" ".join)
def test_help_appears_without_loading_numba_or_scipy(words: list[str]) -> None:
    assert loaded_by(HELP.format(words=words)) == set()


def test_importing_the_package_loads_neither_numba_nor_scipy() -> None:
    assert loaded_by("import simfunnel") == set()


def test_a_heavy_import_is_caught() -> None:
    assert loaded_by("import scipy") == {"scipy"}


LONG_FUNCTION = 'def f() -> None:\n    """Says."""\n' + "    x = 1\n" * LINES_PER_FUNCTION


@pytest.mark.parametrize(
    ("look", "name", "source"),
    [
        (too_long, "simfunnel.plan.pools", "x = 1\n" * (LINES_PER_FILE + 1)),
        (too_long, "simfunnel.plan.pools", LONG_FUNCTION),
        (untold, "simfunnel.plan.pools", "x = 1"),
        (untold, "simfunnel.plan.pools", '"""Says."""\ndef f() -> None:\n    pass'),
        (untold, "simfunnel.plan.pools", '"""Says."""\ndef f(x) -> None:\n    """Says."""'),
        (
            untold,
            "simfunnel.plan.pools",
            '"""Says."""\nclass A:\n    """Says."""\n    def f(self):\n        """Says."""',
        ),
        (bad_habits, "simfunnel.plan.utils", ""),
        (bad_habits, "simfunnel.plan.pools", "from math import *"),
        (bad_habits, "simfunnel.plan.pools", "print(1)"),
        (bad_habits, "simfunnel.plan.pools", "def f():\n    global x\n    x = 1"),
        (bad_habits, "simfunnel.app.jobs", "try:\n    x = 1\nexcept Exception:\n    pass"),
        (bad_habits, "simfunnel.app.jobs", "try:\n    x = 1\nexcept (ValueError, BaseException):\n    pass"),
        (bad_habits, "simfunnel.app.jobs", "try:\n    x = 1\nexcept:\n    pass"),
    ],
)
def test_a_broken_budget_or_habit_is_caught(look: Callable[[Module], list[str]], name: str, source: str) -> None:
    assert len(look(Module(name, source))) == 1


@pytest.mark.parametrize(
    ("look", "name", "source"),
    [
        (too_long, "simfunnel.plan.pools", LONG_FUNCTION.replace("    x = 1\n", "", 1)),
        (untold, "simfunnel.plan.pools", '"""Says."""\ndef _f(x):\n    pass'),
        (bad_habits, "simfunnel.report.terminal", "print(1)"),
        (bad_habits, "simfunnel.app.jobs", "try:\n    x = 1\nexcept ValueError:\n    pass"),
    ],
)
def test_what_keeps_the_rules_is_let_pass(look: Callable[[Module], list[str]], name: str, source: str) -> None:
    assert look(Module(name, source)) == []
