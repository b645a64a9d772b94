"""What `sensitivity` hands back: bars, what was screened out, what works together, luck against not knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from simfunnel.scenario import Scenario
from simfunnel.study.header import Record, Result, html_table, told
from simfunnel.study.run.result import Estimate
from simfunnel.study.sensitivity.input_effects import End, InputBar
from simfunnel.study.sensitivity.spread import NotKnowing
from simfunnel.units import significant

COLUMNS = (
    "kind", "metric", "unit", "input", "origin", "low", "today", "high", "low_mean", "low_half_width", "high_mean",
    "high_half_width", "reach", "detected", "mean", "half_width", "direction", "spread",
)  # fmt: skip


@dataclass(frozen=True)
class Screened:
    """Elementary effects of one input on one metric, each a move through its whole range, the others anywhere.

    `mean` of their sizes with its `half_width`, `direction` their mean, `spread` their standard deviation: large where
    the effect depends on the other inputs. `kept`: among those that have a bar.
    """

    metric: str
    unit: str
    path: str
    origin: str
    mean: float
    half_width: float
    direction: float
    spread: float
    kept: bool

    def record(self) -> Record:
        """Tidy record, with the columns of the table."""
        names = ("mean", "half_width", "direction", "spread")
        return {
            "metric": self.metric,
            "unit": self.unit,
            "input": self.path,
            "origin": self.origin,
            **{name: getattr(self, name) for name in names},
            "kept": self.kept,
        }


@dataclass(frozen=True)
class Together:
    """What two inputs at an end each bring at once, beyond the sum of what each brings alone.

    `detected`, adjusted for all pairs (Holm): their bars may not be added.
    """

    metric: str
    unit: str
    paths: tuple[str, str]
    ends: tuple[str, str]
    mean: float
    half_width: float
    detected: bool

    def record(self) -> Record:
        """Tidy record, with the columns of the table."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "input": " and ".join(self.paths),
            "high": " and ".join(self.ends),
            "mean": self.mean,
            "half_width": self.half_width,
            "detected": self.detected,
        }


@dataclass(frozen=True, repr=False)
class SensitivityResult(Result):
    """Which inputs matter for some metrics of a plan, and everything needed to ask again.

    `bars` stand by metric, the longest detected one first. `screened` is empty unless there were many inputs, and
    `trajectories` then says by how many random ways they were tried. `not_moved`: paths with the reason.
    """

    schema: ClassVar[str] = "simfunnel.sensitivity/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    version: str
    scenario: Scenario
    plan: str
    start: str
    seed: int
    replications: int
    engine: str
    seconds: float
    warnings: tuple[str, ...]
    today: tuple[Estimate, ...]
    bars: tuple[InputBar, ...]
    screened: tuple[Screened, ...]
    trajectories: int
    together: tuple[Together, ...]
    not_moved: Mapping[str, str]
    not_knowing: NotKnowing | None = None
    cancelled: bool = False

    def bars_of(self, metric: str) -> tuple[InputBar, ...]:
        """The bars of one metric, the longest detected one first."""
        return tuple(each for each in self.bars if each.metric == metric)

    def table(self) -> list[Record]:
        """Tidy records: today's values, bars, screened inputs and pairs; what does not apply is None."""
        blank: Record = dict.fromkeys(COLUMNS)
        today = [{"metric": e.metric, "unit": e.unit, "mean": e.mean, "half_width": e.half_width} for e in self.today]
        kinds: list[tuple[str, list[Record]]] = [
            ("today", today),
            ("bar", [each.record() for each in self.bars]),
            ("screened", [each.record() for each in self.screened]),
            ("together", [each.record() for each in self.together]),
        ]
        return [blank | {"kind": kind} | record for kind, records in kinds for record in records]

    def _about(self) -> str:
        return self.scenario.title

    def _contents(self) -> Record:
        scenario = self.scenario
        known: dict[str, Any] = {} if self.not_knowing is None else {"not_knowing": self.not_knowing.record()}
        return {
            "schema": self.schema,
            "version": self.version,
            "scenario": {"title": scenario.title, "file": scenario.file, "sha256": scenario.sha256},
            "currency": scenario.currency,
            "plan": self.plan,
            "start": self.start,
            "seed": self.seed,
            "replications": self.replications,
            "cancelled": self.cancelled,
            "engine": self.engine,
            **told(self.warnings),
            "assumed": [{"path": a.path, "value": a.value_text, "why": a.why} for a in scenario.assumed],
            "metrics": [each.record() for each in self.today],
            "bars": [each.record() for each in self.bars],
            "screened": [each.record() for each in self.screened],
            "trajectories": self.trajectories,
            "together": [each.record() for each in self.together],
            "not_moved": dict(self.not_moved),
            **known,
        }

    def _repr_html_(self) -> str:
        """The bars, for notebooks."""
        rows = [
            (e.metric, e.path, *(part for end in (e.low, e.high) for part in (end.words, _with_width(end))),
             "" if e.detected else "no detectable difference")
            for e in self.bars
        ]  # fmt: skip
        title = f"{self.scenario.title}: each input at its low and high end, {self.replications} replications"
        return html_table(("metric", "input", "low", "", "high", "", ""), rows, title)


def _with_width(end: End) -> str:
    """Return a bar's end with its half-width."""
    return f"{significant(end.mean, 4, '+,')} ± {significant(end.half_width, 2, ',')}"
