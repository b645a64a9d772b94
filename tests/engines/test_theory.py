"""Every funnel of the theory cases, by every engine: one replication of each."""

from __future__ import annotations

from typing import NoReturn

import pytest

from simfunnel.plan.model import Plan
from simfunnel.verify.cases import CASES, Case
from tests.engines.agree import by_every_engine

WITHOUT_ENGINE = ("R11 longest", "R11 fifo")  # a small queue written for the case
BY_ENGINE = [case for case in CASES if case.name not in WITHOUT_ENGINE]


class AskedError(Exception):
    """What a case would have simulated first."""


def stop(plan: Plan, seed: int, replication: int) -> NoReturn:
    raise AskedError(plan, seed, replication)


@pytest.mark.parametrize("case", BY_ENGINE, ids=lambda case: case.name)
def test_every_engine_writes_the_same_bytes_for_a_theory_case(case: Case) -> None:
    trial = case.build()

    with pytest.raises(AskedError) as asked:
        trial.samples(stop, 1)

    by_every_engine(*asked.value.args)
