"""What decides a byte of a ledger goes through our own elementary functions, with named exceptions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.house import PACKAGE, Module, inside, modules

# rooms whose numbers become bytes of a ledger: what is drawn, what is compiled, and what a plan is made of
DECIDING = ("distributions", "calendars", "streams", "engine", "plan", "scenario", "units", "jit")
JUDGING = f"{PACKAGE}.scenario.checks"  # says what is wrong or odd, and changes no number

# a library's functions whose last bits depend on the machine
OF_MATH = frozenset(
    {"exp", "exp2", "expm1", "log", "log10", "log1p", "log2", "pow", "cbrt", "hypot", "dist", "sumprod"}
    | {"erf", "erfc", "gamma", "lgamma", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"}
    | {"sinh", "cosh", "tanh", "asinh", "acosh", "atanh"}
)
OF_NUMPY = OF_MATH | {
    *("power", "float_power", "logaddexp", "logaddexp2", "arcsin", "arccos", "arctan", "arctan2", "arctanh"),
    *("dot", "vdot", "inner", "matmul", "einsum", "tensordot", "linalg", "convolve", "polyfit", "interp"),
}

# where such functions may stand: module -> what it uses, and why no byte hangs on its last bits
NAMED = {
    "distributions.moments": (
        "scipy log1p expm1 log exp **",
        "cdf and quantiles_of: for theory and tests, never for luck",
    ),
    "plan.overload": ("expm1", "queues are told, no engine reads them"),
    "plan.today.calibration": ("interp", "rounded to 1e-6 by those who ask"),
    "plan.today.contradictions": ("@ **", "typed numbers are judged, none is changed"),
    "plan.loads": ("scipy @ **", "loads are told and judged, no engine reads them"),
    "plan.today.phase": ("scipy", "qualities solved from rates are rounded to 1e-6"),
    "plan.today.population": ("scipy @", "biases and thresholds solved from rates are rounded to 1e-6"),
    "plan.today.solve": ("@ log", "the constants of a base are rounded to 1e-6"),
    "plan.today.stream": ("scipy exp", "open leads are rounded to 1e-6, shares to 1e-9"),
    "scenario.ranges.ranges": ("log10", "a whole number is made of it"),
}


def of_the_machine(module: Module) -> Iterator[tuple[int, str]]:
    """(line, name) of each use of a function or operator whose last bits depend on the machine."""
    for line, name in module.imports():
        root, _, last = name.rpartition(".")
        if (root == "math" and last in OF_MATH) or (root == "numpy" and last in OF_NUMPY):
            yield line, last
        elif name.split(".")[0] in ("scipy", "statistics", "cmath"):
            yield line, name.split(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            known = {"math": OF_MATH, "np": OF_NUMPY, "numpy": OF_NUMPY}.get(node.value.id, frozenset())
            if node.attr in known:
                yield node.lineno, node.attr
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            yield node.lineno, "@"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow) and not _of_a_number(node):
            yield node.lineno, "**"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "pow":
            yield node.lineno, "pow"


def _of_a_number(node: ast.BinOp | ast.AugAssign) -> bool:
    """A power of a number that is written down, `2**52`, is a whole number or an exact one."""
    return isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant)


def unnamed(module: Module) -> list[str]:
    """Uses that no exception names, in a room that decides bytes."""
    if module.room not in DECIDING or inside(module.name, JUDGING):
        return []
    allowed = NAMED.get(module.name.removeprefix(f"{PACKAGE}."), ("", ""))[0].split()
    return [f"{module.name}:{line} uses {name}" for line, name in of_the_machine(module) if name not in allowed]


def test_no_byte_of_a_ledger_hangs_on_a_librarys_last_bits() -> None:
    assert [use for module in modules() for use in unnamed(module)] == []


def test_every_exception_is_still_needed() -> None:
    known = {module.name.removeprefix(f"{PACKAGE}."): module for module in modules()}
    for name, (uses, why) in NAMED.items():
        assert why
        assert set(uses.split()) == {use for _, use in of_the_machine(known[name])}, name


@pytest.mark.parametrize(
    "source",
    [
        "import math\nx = math.log(2.0)",
        "from math import exp, sqrt",
        "import numpy as np\ny = np.power(x, 0.5)",
        "growth = (1.0 + g) ** years",
        "r = sqrt(1.0 - r**2)",
        "total = float(weights @ rates)",
        "from scipy.special import ndtri",
        "from statistics import NormalDist",
        "z = pow(x, y)",
    ],
)
def test_a_function_of_the_machine_is_caught(source: str) -> None:
    assert len(unnamed(Module("simfunnel.plan.stages", source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import math\nx = math.sqrt(math.floor(2.5)) + math.fsum([1.0])",
        "from simfunnel.distributions.elementary import exp, log",
        "STEP = 2.0**-52\nf(**options)",
        "import numpy as np\nx = np.rint(np.sqrt(y))",
    ],
)
def test_what_ieee_rounds_alike_everywhere_is_let_in(source: str) -> None:
    assert unnamed(Module("simfunnel.engine.rules", source)) == []
