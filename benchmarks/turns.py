"""Measurements in turns: each in a fresh process, all players in every round, the order turned round by round."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.players import Player, runner

ROOT = Path(__file__).resolve().parents[1]
SEEDS_A_ROUND = 10_000


@dataclass(frozen=True)
class Turn:
    """One player's replications in one process: counts and seconds of each, and the memory of the process."""

    outs: list[dict[str, float]]
    before: float  # bytes, imports and compiled code included
    peak: float

    @property
    def seconds_a_lead(self) -> float:
        """Seconds of processor time per lead, median of the replications."""
        return statistics.median(out["seconds"] / max(1.0, out["leads"]) for out in self.outs)

    @property
    def leads(self) -> float:
        """Leads of a replication, on average."""
        return statistics.mean(out["leads"] for out in self.outs)

    @property
    def bytes_a_lead(self) -> float:
        """Peak memory beyond the start, per lead."""
        return (self.peak - self.before) / max(1.0, self.leads)


def measured(player: Player, n: int, seed: int, budget: float) -> Turn:
    """Replications of about `n` leads until `budget` seconds are spent, one at least, in this process."""
    run = runner(player)
    run(100, 0)  # imports, compilation and first calls are not what is compared
    if n <= 10_000:
        run(n, 0)
    machine.forget_the_peak()
    before, _ = machine.memory()
    outs: list[dict[str, float]] = []
    spent = 0.0
    while not outs or spent < budget:
        outs.append(run(n, seed + len(outs)))
        spent += outs[-1]["seconds"]
    return Turn(outs, before, machine.memory()[1])


def turn(player: Player, n: int, seed: int, budget: float) -> Turn:
    """One measurement in a fresh process; raises SystemExit with its last words when it fails."""
    asked = json.dumps({"player": asdict(player), "n": n, "seed": seed, "budget": budget})
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.turns", asked],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{player.name} failed at n = {n:,}:\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Turn(**told)


def in_turns(players: Sequence[Player], n: int, rounds: int, budget: float) -> dict[str, list[Turn]]:
    """`rounds` rounds in which every player is measured once; who cannot bear `n` leads is left out."""
    able = [player for player in players if player.most_leads >= n]
    found: dict[str, list[Turn]] = {player.name: [] for player in able}
    for k in range(rounds):
        for player in able[:: 1 if k % 2 == 0 else -1]:
            one = turn(player, n, 1 + SEEDS_A_ROUND * k, budget)
            found[player.name].append(one)
            say(f"n={n:,} round {k + 1} of {rounds}, {player.name}: {1e6 * one.seconds_a_lead:.3f} us a lead")
    return found


def say(text: str) -> None:
    """Tell how far the measuring is."""
    print(f"  {text}", file=sys.stderr, flush=True)


def be_the_worker(asked: str) -> None:
    """Measure what `turn` asked for, and answer in one line of JSON."""
    what = json.loads(asked)
    found = measured(Player(**what["player"]), what["n"], what["seed"], what["budget"])
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith("{"):
        raise SystemExit("this module measures for peers.py: run that")
    be_the_worker(sys.argv[1])
