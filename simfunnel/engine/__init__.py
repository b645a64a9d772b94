"""Engines: a Plan and a key of luck in, a Ledger out; every engine writes the same bytes."""

from __future__ import annotations

from simfunnel.engine.compiled.run import compile_the_loop
from simfunnel.engine.compiled.run import simulate as simulate_compiled
from simfunnel.engine.reference.run import simulate as simulate_with_simpy
from simfunnel.errors import ArgumentError
from simfunnel.jit import is_disabled
from simfunnel.ledger import Ledger
from simfunnel.plan.model import Plan

__all__ = ["AUTO", "COMPILED", "ENGINES", "SIMPY", "compile_the_loop", "resolve", "simulate"]

AUTO, SIMPY, COMPILED = "auto", "simpy", "compiled"
ENGINES = (SIMPY, COMPILED)


def resolve(engine: str) -> str:
    """Return the engine that a name stands for; `auto`: the compiled one, unless numba is off. Raises ArgumentError."""
    if engine == AUTO:
        return SIMPY if is_disabled() else COMPILED
    if engine not in ENGINES:
        raise ArgumentError("engine", f"no engine is called {engine!r}; there are: {', '.join((AUTO, *ENGINES))}")
    return engine


def simulate(plan: Plan, seed: int, replication: int, engine: str = AUTO) -> Ledger:
    """Simulate one replication of a plan; the same plan, seed and replication give the same bytes with every engine."""
    run = simulate_compiled if resolve(engine) == COMPILED else simulate_with_simpy
    return run(plan, seed, replication)
