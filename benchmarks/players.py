"""Who runs the workload of funnel_bench.yaml: plain SimPy, this project's engines, a C loop, other simulators."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SCENARIO = HERE / "funnel_bench.yaml"
DAYS = 60
SHARES = {"web": (0.5, 4), "event": (0.25, 2), "partner": (0.25, 2)}  # share of the leads, reps at 10,000
PLAIN, C_LOOP, COMPILED, REFERENCE = "plain SimPy", "C loop", "simfunnel, compiled", "reference"
Run = Callable[[int, int], dict[str, float]]


@dataclass(frozen=True)
class Player:
    """A name to print, a module with `run(n, seed)` or an engine of this project, and how many leads it can bear."""

    name: str
    module: str = ""
    engine: str = ""
    package: str = ""  # to be installed
    most_leads: int = 1_000_000

    @property
    def is_ours(self) -> bool:
        """Whether an engine of this project, so that the model is funnel_bench.yaml."""
        return bool(self.engine)


PLAYERS = (
    Player(PLAIN, module="benchmarks.idiomatic"),
    Player("simfunnel, SimPy", engine="simpy"),
    Player(COMPILED, engine="compiled", most_leads=10_000_000),
    Player(C_LOOP, module="benchmarks.c_loop", most_leads=10_000_000),
    Player("Cimba", module="benchmarks.peers_cimba", package="cimba", most_leads=100_000),
    Player("salabim", module="benchmarks.peers_salabim", package="salabim", most_leads=10_000),
    Player("Ciw", module="benchmarks.peers_ciw", package="ciw", most_leads=10_000),
)


def absence(player: Player) -> str:
    """Why a player cannot play here; empty when it can."""
    if player.package and importlib.util.find_spec(player.package) is None:
        return f"package {player.package} is not installed"
    if player.name == C_LOOP:
        from benchmarks import c_loop

        return "" if c_loop.compiler() else "no C compiler was found"
    return ""


def runner(player: Player) -> Run:
    """`run(n, seed)` of a player; what it returns has its counts and "seconds" of processor time."""
    if player.is_ours:
        return our_engine(player.engine)
    module: Any = importlib.import_module(player.module) if not player.module.endswith(".py") else loaded(player.module)

    def run(n: int, seed: int) -> dict[str, float]:
        started = time.process_time()
        counted: dict[str, float] = module.run(n, seed)
        return {"seconds": time.process_time() - started, **counted}  # a module may tell its own seconds

    return run


def our_engine(engine: str) -> Run:
    """`run(n, seed)` of an engine of this project: the plan is compiled once per size, outside of what is timed."""
    from simfunnel.engine import simulate

    plans: dict[int, Any] = {}

    def run(n: int, seed: int) -> dict[str, float]:
        if n not in plans:
            plans[n] = plan_for(n)
        started = time.process_time()
        ledger = simulate(plans[n], 1, seed, engine)
        return {"seconds": time.process_time() - started, **counts(ledger)}

    return run


def plan_for(n: int) -> Any:
    """The plan of funnel_bench.yaml for about `n` leads."""
    from simfunnel.plan import compile_plan, static_calibration
    from simfunnel.scenario import load

    scenario = load(str(SCENARIO), sets=size(n))
    return compile_plan(scenario, static_calibration(scenario))


def size(n: int) -> list[str]:
    """The overrides that scale the workload to about `n` leads, reps with them."""
    leads = [f"channels.{name}.leads={share * n / DAYS:.9f} / day" for name, (share, _) in SHARES.items()]
    reps = [f"pools.{name}.reps={max(1, round(of * n / 10_000))}" for name, (_, of) in SHARES.items()]
    return leads + reps


def counts(ledger: Any) -> dict[str, float]:
    """What plain SimPy counts too, from a ledger."""
    import numpy as np

    from simfunnel.ledger.columns import WENT_COLD, WON

    begun = ~np.isnan(ledger.tasks["started"])
    outcome, stage = ledger.leads["outcome"], ledger.tasks["stage"]
    return {
        "leads": len(outcome),
        "mqls": len(ledger.passes["lead"]),
        "tasks": int(begun.sum()),
        "calls": int((begun & (stage == 0)).sum()),
        "meetings": int((begun & (stage == 1)).sum()),
        "went_cold": int((outcome == WENT_COLD).sum()),
        "wins": int((outcome == WON).sum()),
        "revenue": float(ledger.leads["value"][outcome == WON].sum()),
    }


def loaded(file: str) -> Any:
    """The module in a file, which may import what lies beside it."""
    path = Path(file)
    sys.path[:0] = [str(path.parent), str(path.parent.parent)]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise SystemExit(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
