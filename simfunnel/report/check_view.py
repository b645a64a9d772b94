"""What `check` shows: what is odd, assumed and solved, the teams' loads, and typed against simulated rates."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from simfunnel.errors import Problem, contradicts, notices
from simfunnel.metrics import EVERYTHING
from simfunnel.plan import Calibration
from simfunnel.report.run_view import Value, assumed_inputs, heads, value
from simfunnel.scenario import Assumption, Scenario
from simfunnel.study import Known, Part, RunResult, TypedRate
from simfunnel.study.header import told
from simfunnel.study.run.study import TOLD

OF_POOLS = (("reps", "pool"), ("busy_share", "pool"), ("response_median", "pool"))
SHOWN = tuple((metric, split) for metric, split in EVERYTHING if split == "" or (metric, split) in (*OF_POOLS, *TOLD))
"""What a check measures, for its screen and its JSON alike."""


class Solved(NamedTuple):
    """What the typed rates of one channel mean: true quality (0 is the average lead), score bias and threshold."""

    channel: str
    share: float  # of today's leads
    quality: float
    score_bias: float
    threshold: float


class Load(NamedTuple):
    """How full a team is."""

    pool: str
    reps: Value
    busy: Value
    reply: Value


class CheckView(NamedTuple):
    """Everything that `check` shows; `loads`, `typed` and `solved` are empty when nothing was simulated."""

    title: str
    file: str
    warnings: tuple[str, ...]
    assumed: tuple[Assumption, ...]  # typed ranges at their middles too
    ranges: int
    what_ifs: tuple[str, ...]
    replications: int
    solved: tuple[Solved, ...]
    win_rate_factor: float
    loads: tuple[Load, ...]
    typed: tuple[TypedRate, ...]
    currency: str
    known: Known | None

    @property
    def all_hold(self) -> bool:
        """Whether every typed number came out, and none contradicts another."""
        return all(rate.met for rate in self.typed) and not any(contradicts(each) for each in self.warnings)

    def as_dict(self, version: str, sha256: str) -> dict[str, Any]:
        """The view as plain values; unknown numbers are None."""
        return {
            "schema": "simfunnel.check/1",
            "version": version,
            "scenario": {"title": self.title, "file": self.file, "sha256": sha256},
            "replications": self.replications,
            **told(self.warnings),
            "assumed": [{"path": each.path, "value": each.value_text, "why": each.why} for each in self.assumed],
            "what_ifs": list(self.what_ifs),
            "solved": [_plain(each._asdict()) for each in self.solved],
            "win_rate_factor": _known(self.win_rate_factor),
            "loads": [{"pool": e.pool, "reps": _known(e.reps.mean), "busy": _known(e.busy.mean)} for e in self.loads],
            "typed": [_plain(dict(rate.__dict__)) for rate in self.typed],
            **({} if self.known is None else {"know": self.known.record()}),
        }


def check_view(scenario: Scenario, problems: tuple[Problem, ...], result: RunResult | None) -> CheckView:
    """The view of a check; `problems`: its contradictions and what is odd; `result`: a short run, None without one."""
    found = [*(() if result is None else result.warnings), *notices(problems)]
    warnings = sorted(found, key=lambda warning: not contradicts(warning))
    return CheckView(
        title=scenario.title,
        file=scenario.file or "FILE",
        warnings=tuple(dict.fromkeys(warnings)),
        assumed=scenario.assumed,
        ranges=len(scenario.assumed) - assumed_inputs(scenario),
        what_ifs=tuple(scenario.what_ifs),
        replications=result.replications if result else 0,
        solved=_solved(result.calibration) if result else (),
        win_rate_factor=result.calibration.win_rate_factor if result else math.nan,
        loads=_loads(result) if result else (),
        typed=result.typed if result else (),
        currency=scenario.currency,
        known=result.known if result else None,
    )


def _solved(known: Calibration) -> tuple[Solved, ...]:
    columns = (known.channels, known.weights, known.qualities, known.score_bias, known.thresholds)
    return tuple(
        Solved(channel, share, quality - known.centre, bias, threshold)
        for channel, share, quality, bias, threshold in zip(*columns, strict=True)
    )


def _loads(result: RunResult) -> tuple[Load, ...]:
    found = []
    for pool in result.scenario.pools:
        numbers = (value(result, name, Part(pool=pool)) for name in ("busy_share", "response_median"))
        found.append(Load(pool, heads(result, pool), *numbers))
    return tuple(found)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _known(part) for name, part in record.items()}


def _known(part: Any) -> Any:
    return None if isinstance(part, float) and not math.isfinite(part) else part
