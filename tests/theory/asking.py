"""The cases of `simfunnel.verify` as tests: each must show every one of its exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from simfunnel.engine import ENGINES, resolve, simulate
from simfunnel.verify.cases import Case
from simfunnel.verify.checks import figures_of

OTHERS = tuple(engine for engine in ENGINES if engine != resolve("auto"))


def parameters(cases: Sequence[Case], also: Sequence[str] = ()) -> list[Any]:
    """(case, engine) of every case with the default engine, and of those named in `also` with every other one."""
    with_default = [(case, "auto") for case in cases]
    with_others = [(case, engine) for case in cases if case.name in also for engine in OTHERS]
    return [
        pytest.param(case, engine, id=f"{case.name}, {engine}", marks=[pytest.mark.slow] * (case.depth == "full"))
        for case, engine in (*with_default, *with_others)
    ]


def hold(case: Case, engine: str) -> None:
    """Fail with every number of the case that is not as it should be; show all of them."""
    figures = figures_of(case, partial(simulate, engine=engine))
    for figure in figures:
        print(f"{figure.name:<26} exact {figure.exact:<13.7g} seen {figure.seen:<13.7g} +- {figure.tolerance:.3g}")
    assert [figure.fault for figure in figures if not figure.passed] == []
    assert figures
