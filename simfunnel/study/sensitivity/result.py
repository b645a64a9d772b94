"""What `sensitivity` hands back: bars, what was screened out, what works together, luck against not knowing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from simfunnel.study.estimates import Estimate
from simfunnel.study.header import Header, NotebookTable, Record, Result
from simfunnel.study.sensitivity.draws import NotKnowing
from simfunnel.study.sensitivity.input_effects import InputEffect
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
        """Return tidy record, with the columns of the table."""
        return {"input" if name == "path" else name: value for name, value in vars(self).items()}


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
        """Return tidy record, with the columns of the table."""
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
class SensitivityResult(Header, Result):
    """Which inputs matter for some metrics of a plan, and everything needed to ask again.

    `bars` stand by metric, the longest detected one first. `screened` is empty unless there were many inputs, and
    `trajectories` then says by how many random ways they were tried. `not_moved`: paths with the reason.
    """

    schema: ClassVar[str] = "simfunnel.sensitivity/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    plan: str
    today: tuple[Estimate, ...]
    bars: tuple[InputEffect, ...]
    screened: tuple[Screened, ...]
    trajectories: int
    together: tuple[Together, ...]
    not_moved: Mapping[str, str]
    not_knowing: NotKnowing | None = None

    def bars_of(self, metric: str) -> tuple[InputEffect, ...]:
        """Return the bars of one metric, the longest detected one first."""
        return tuple(each for each in self.bars if each.metric == metric)

    def rows(self) -> Iterator[Record]:
        """Yield today's values, bars, screened inputs and pairs."""
        for each in self.today:
            numbers = {"mean": each.mean, "half_width": each.half_width}
            yield {"kind": "today", "metric": each.metric, "unit": each.unit, **numbers}
        yield from ({"kind": "bar"} | each.record() for each in self.bars)
        yield from ({"kind": "screened"} | each.record() for each in self.screened)
        yield from ({"kind": "together"} | each.record() for each in self.together)

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        known: Record = {} if self.not_knowing is None else {"not_knowing": self.not_knowing.record()}
        return {
            **self.heading("plan", "start", "seed", "replications", "cancelled", "engine"),
            **self.notes(),
            "metrics": [each.record() for each in self.today],
            "bars": [each.record() for each in self.bars],
            "screened": [each.record() for each in self.screened],
            "trajectories": self.trajectories,
            "together": [each.record() for each in self.together],
            "not_moved": dict(self.not_moved),
            **known,
        }

    def notebook(self) -> NotebookTable:
        """Return the bars, for notebooks."""
        rows = []
        for each in self.bars:
            ends = (
                text
                for end in (each.low, each.high)
                for text in (end.words, f"{significant(end.mean, 4, '+,')} ± {significant(end.half_width, 2, ',')}")
            )
            rows.append((each.metric, each.path, *ends, "" if each.detected else "no detectable difference"))
        title = f"{self.scenario.title}: each input at its low and high end, {self.replications} replications"
        return NotebookTable(("metric", "input", "low", "", "high", "", ""), rows, title)
