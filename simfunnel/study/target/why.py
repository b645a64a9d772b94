"""Why the simulation needs more than the calculator says, in pieces that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simfunnel.metrics import Key
from simfunnel.stats import estimate
from simfunnel.study.target.calculator import Calculator, fixed_costs
from simfunnel.study.target.goal import TargetGoal
from simfunnel.study.target.moves import Move
from simfunnel.study.target.trials import Trials
from simfunnel.study.years.samples import Samples


@dataclass(frozen=True)
class Piece:
    """One reason: what it takes from the calculator's promise for the plan, and how many leads that is.

    `reason`: cold (a larger share of MQLs goes cold), queues (whom reps reach converts worse: later answers, fuller
    desks, or another choice of leads), date (closes after the last day), luck (the chance asked for against the mean),
    sure (what so few simulated periods need to show the chance). `half_width` is nan where a rank decides. `leads` is
    nan where no volume is raised.
    """

    reason: str
    amount: float
    half_width: float
    leads: float


@dataclass(frozen=True)
class Why:
    """From what the calculator promises for the plan down to the target; the pieces add up to the difference.

    `promised`: today's rates times the plan's leads; `wanted`: the target.
    """

    promised: float
    wanted: float
    pieces: tuple[Piece, ...]


def why(
    trials: Trials,
    goal: TargetGoal,
    calculator: Calculator,
    moves: Sequence[Move],
    levels: Sequence[float],
    changes: Mapping[str, Any],
    n: int,
) -> Why:
    """Find the reasons at a plan, over n replications and as many of the same plan in force since the run-in's start.

    In this order, each given those before: cold and queues are of the plan long in force, date is what the plan loses
    by beginning when it does, luck is the mean less the result that the chance asked for is sure of. Without a run-in,
    or for a plan in force all along, nothing is late and date is left out.
    """
    samples = trials.samples(changes, n)
    times = volumes(moves, levels)
    promised = calculator.value(times, fixed_costs(samples, goal))
    late = changes and trials.start != "settled" and trials.scenario.run_in_days > 0
    settled = trials.samples(changes, n, replace(trials.now, start="settled")) if late else samples
    kept = reached_as_promised(calculator, times, settled)
    values, long_run = (np.nan_to_num(each.values(goal.key)) for each in (samples, settled))
    ranked = goal.ranked().bounds(values, goal.ranked().level).estimate
    mean = float(values.mean())
    fixed = fixed_costs(samples, goal)
    without_cold = promised - fixed
    amounts = {
        "cold": (without_cold * (1.0 - kept), np.nan),
        "queues": (without_cold * kept + fixed - float(long_run.mean()), float(estimate(long_run).half_width)),
        "date": (float((long_run - values).mean()), float(estimate(long_run - values).half_width)),
        "luck": (mean - ranked, np.nan),
        "sure": (ranked - goal.wanted, np.nan),
    }
    if not late:
        del amounts["date"]
    leads = sum(calculator.movable.get(name, 0.0) for name in times)
    brought = sum(calculator.movable.get(name, 0.0) * calculator.brings.get(name, 0.0) for name in times)
    per_lead = brought / leads if leads > 0 and brought > 0 else float("nan")  # by today's rates, in this mix
    return Why(
        promised,
        goal.wanted,
        tuple(Piece(reason, amount, width, amount / per_lead) for reason, (amount, width) in amounts.items()),
    )


def volumes(moves: Sequence[Move], levels: Sequence[float]) -> dict[str, float]:
    """Return the volume of each channel that is moved, as a multiple of today's."""
    return {name: move.times(level) for move, level in zip(moves, levels, strict=True) for name in move.channels}


def reached_as_promised(calculator: Calculator, times: Mapping[str, float], samples: Samples) -> float:
    """Return first contacts of a plan over those that today's rates promise; channels weigh by what leads bring."""
    promised = calculator.forwards(dict(times)).by_channel
    over = under = 0.0
    for name, steps in promised.items():
        if steps.reached > 0:
            weight = steps.leads * calculator.brings[name]
            found = float(np.nan_to_num(samples.values(Key("contacts", channel=name))).mean())
            over, under = over + weight * found / steps.reached, under + weight
    return over / under if under > 0 else 1.0
