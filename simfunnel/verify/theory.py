"""Theory agrees: runs a case and judges what it shows."""

from __future__ import annotations

from simfunnel.verify.cases.case import DEFAULT_SEED, Case, Simulate
from simfunnel.verify.figures import Figure


def figures_of(case: Case, simulate: Simulate, seed: int = DEFAULT_SEED) -> tuple[Figure, ...]:
    """Every number of a case beside the exact one; another `seed`, other luck.

    `simulate(plan, seed, replication)` is an engine. Raises EngineError when a ledger breaks an invariant.
    """
    trial = case.build()
    samples = trial.samples(simulate, seed)
    return (*trial.beside, *(figure for judgement in trial.judged for figure in judgement.figures(samples)))
