"""Engines agree: the same ledger, to the byte, from every engine."""

from __future__ import annotations

from collections.abc import Mapping

from simfunnel.plan import Plan
from simfunnel.scenario import parse, starter_text
from simfunnel.verify.cases.case import Simulate
from simfunnel.verify.figures import Figure, broken, within
from simfunnel.verify.funnels import random_scenario
from simfunnel.verify.same import first_difference
from simfunnel.verify.scenes import plan_of

Engines = Mapping[str, Simulate]

SEEDS_APART = 1_000_000  # random scenarios of one seed


def starter_figures(engines: Engines, seed: int) -> list[Figure]:
    """The shipped starter scenario, as it is and under each of its what-ifs."""
    text = starter_text()
    what_ifs = [[], *([name] for name in parse(text).what_ifs)]
    return [same_bytes(" ".join(names) or "as it is", engines, plan_of(text, names), seed, 0) for names in what_ifs]


def random_figures(engines: Engines, seed: int, place: int) -> list[Figure]:
    """The random scenario at a place of the seed's list."""
    number = (seed - 1) * SEEDS_APART + place
    drawn = random_scenario(number)
    return [same_bytes(f"random scenario {number}", engines, drawn.plan, drawn.seed, drawn.replication)]


def same_bytes(name: str, engines: Engines, plan: Plan, seed: int, replication: int) -> Figure:
    """How many of the other engines write the bytes of the first; the first difference is the fault."""
    (first, reference), *others = ((each, simulate(plan, seed, replication)) for each, simulate in engines.items())
    for other, ledger in others:
        different = first_difference(reference, ledger, plan)
        if different is not None:
            return broken(name, f"{name}: {first} and {other} differ: {different}")
    return within(name, len(others), len(others))
