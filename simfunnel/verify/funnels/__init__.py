"""Random scenarios: small, valid, and drawing every feature of the model, ties above all.

`random_scenario(7).plan` is a plan for an engine, with `seed` and `replication` beside it.
"""

from simfunnel.verify.funnels.chooser import ByNumber, Chooser
from simfunnel.verify.funnels.scenario import RandomScenario, can_be, draw_scenario, random_scenario

__all__ = ["ByNumber", "Chooser", "RandomScenario", "can_be", "draw_scenario", "random_scenario"]
