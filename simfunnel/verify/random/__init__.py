"""Random scenarios: small, valid, and drawing every feature of the model, ties above all.

`random_scenario(7).plan` is a plan for an engine, with `seed` and `replication` beside it.
"""

from __future__ import annotations

from simfunnel.verify.random.scenario import RandomScenario, can_be, draw_scenario, random_scenario
from simfunnel.verify.random.sketch import ByNumber, Chooser

__all__ = ["ByNumber", "Chooser", "RandomScenario", "can_be", "draw_scenario", "random_scenario"]
