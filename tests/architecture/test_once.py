"""Few functions are used once: a name is worth it when it says what ten lines do not, not to keep a budget."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tests.architecture.house import Module, modules

# ceilings: they only ever go down
PRIVATE = 0.45  # private functions used once in their file, of all private ones
ALL = 0.32  # functions used once (public ones by name in the package), of all


class Shares(NamedTuple):
    """Shares of functions used once: of private ones, and of all."""

    private: float
    every: float


def uses(module: Module) -> Counter[str]:
    """How often each name is read in a module, as a name or an attribute."""
    found: Counter[str] = Counter()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
    return found


def used_once(known: Sequence[Module]) -> Shares:
    """Shares of functions and methods that are used once, or by name never."""
    anywhere: Counter[str] = Counter()
    here = {module.name: uses(module) for module in known}
    for found in here.values():
        anywhere += found
    private, public = [], []
    for module in known:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
                if node.name.startswith("_"):
                    private.append(here[module.name][node.name] <= 1)
                else:
                    public.append(anywhere[node.name] <= 1)
    return Shares(_share(private), _share(private + public))


def _share(flags: list[bool]) -> float:
    return sum(flags) / max(len(flags), 1)


def test_few_functions_are_used_once() -> None:
    found = used_once(modules())

    assert found.private <= PRIVATE
    assert found.every <= ALL


def test_private_functions_count_in_their_file_and_public_ones_in_the_package() -> None:
    once = "def _a(): ...\ndef _b(): ...\ndef c(): return _a() + _b() + _b()"
    user = "from simfunnel.plan.a import c\nx = c() + c()"

    assert used_once([Module("simfunnel.plan.a", once)]) == Shares(1 / 2, 2 / 3)
    assert used_once([Module("simfunnel.plan.a", once), Module("simfunnel.plan.b", user)]) == Shares(1 / 2, 1 / 3)
