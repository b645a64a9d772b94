"""What a check of a scenario finds: what is odd, assumed and solved, and whether typed rates come out."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import ClassVar, NamedTuple

from simfunnel.errors import Problem, contradicts, notices
from simfunnel.scenario import Scenario
from simfunnel.study.header import NotebookTable, Record, Result, told
from simfunnel.study.run.result import RunResult
from simfunnel.study.run.typed_rates import TypedRate
from simfunnel.version import __version__


class Solved(NamedTuple):
    """What the typed rates of one channel mean: true quality (0 is the average lead), score bias and threshold."""

    channel: str
    share: float  # of today's leads
    quality: float
    score_bias: float
    threshold: float


@dataclass(frozen=True, repr=False)
class CheckResult(Result):
    """A scenario, what is odd about it as typed, and a short run of it; None where nothing was simulated."""

    columns: ClassVar[tuple[str, ...]] = tuple(each.name for each in fields(TypedRate))

    scenario: Scenario
    problems: tuple[Problem, ...]
    run: RunResult | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd, contradictions first, each told once."""
        found = [*(self.run.warnings if self.run else ()), *notices(self.problems)]
        return tuple(dict.fromkeys(sorted(found, key=lambda warning: not contradicts(warning))))

    @property
    def cancelled(self) -> bool:
        """Whether the run was stopped before its end."""
        return self.run is not None and self.run.cancelled

    @property
    def typed(self) -> tuple[TypedRate, ...]:
        """Typed rates and times beside the simulated ones."""
        return self.run.typed if self.run else ()

    @property
    def solved(self) -> tuple[Solved, ...]:
        """What calibration made of the typed rates, by channel."""
        if self.run is None:
            return ()
        known = self.run.calibration
        columns = (known.channels, known.weights, known.qualities, known.score_bias, known.thresholds)
        return tuple(
            Solved(channel, share, quality - known.centre, bias, threshold)
            for channel, share, quality, bias, threshold in zip(*columns, strict=True)
        )

    @property
    def all_hold(self) -> bool:
        """Whether every typed number came out, and none contradicts another."""
        return all(rate.met for rate in self.typed) and not any(contradicts(each) for each in self.warnings)

    def rows(self) -> list[Record]:
        """Return the typed rates."""
        return [dict(rate.__dict__) for rate in self.typed]

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return self.scenario.title

    def notebook(self) -> NotebookTable:
        """Return the typed rates beside the simulated ones."""
        rows = [(each.path, f"{each.typed:.4g}", f"{each.simulated:.4g}", each.unit) for each in self.typed]
        return NotebookTable(("number", "typed", "simulated", "unit"), rows, f"{self.scenario.title}: typed numbers")

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        scenario, run = self.scenario, self.run
        loads = [{"pool": p, "reps": run.reps(p).mean, "busy": run.busy(p).mean} for p in scenario.pools] if run else []
        return {
            "schema": "simfunnel.check/1",
            "version": __version__,
            "scenario": {"title": scenario.title, "file": scenario.file or "FILE", "sha256": scenario.sha256},
            "replications": run.replications if run else 0,
            **told(self.warnings),
            "assumed": [{"path": each.path, "value": each.value_text, "why": each.why} for each in scenario.assumed],
            "what_ifs": list(scenario.what_ifs),
            "solved": [each._asdict() for each in self.solved],
            "win_rate_factor": run.calibration.win_rate_factor if run else math.nan,
            "loads": loads,
            "typed": self.table(),
            **({} if run is None or run.known is None else {"know": run.known.record()}),
        }
