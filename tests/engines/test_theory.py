"""Every funnel of the theory cases, by every engine: one replication of each."""

from __future__ import annotations

from typing import NoReturn

import pytest

from simfunnel.plan.model import Plan
from simfunnel.verify.cases import CASES, Case
from tests.engines.agree import by_every_engine

WITHOUT_ENGINE = ("R11 longest", "R11 fifo")  # a small queue written for the case


class AskedError(Exception):
    """What a case would have simulated first."""


def stop(plan: Plan, seed: int, replication: int) -> NoReturn:
    raise AskedError(plan, seed, replication)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_engine_writes_the_same_bytes_for_a_theory_case(case: Case) -> None:
    trial = case.build()

    try:
        trial.samples(stop, 1)
    except AskedError as asked:
        by_every_engine(*asked.args)
    else:
        assert case.name in WITHOUT_ENGINE
