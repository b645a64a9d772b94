"""The constants that make a scenario's typed rates come out: solved on the base, once, and kept for every plan."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simfunnel.arrays import Floats

DIGITS = 6
QUANTILES = 1001
OPEN_LEAD_COLUMNS = 5


@dataclass(frozen=True, eq=False)
class Calibration:
    """Base constants, plain numbers rounded to 1e-6; one entry per channel follows `channels`, per stage `stages`."""

    channels: tuple[str, ...]
    stages: tuple[str, ...]
    weights: tuple[float, ...]  # share of each channel in today's leads, by typed weekly volume
    qualities: tuple[float, ...]  # mean true quality as typed, or solved from win rates
    centre: float  # weighted mean of the qualities; true quality is measured from here
    quality_variance: float  # of the channels' qualities in the mixture
    score_bias: tuple[float, ...]  # points, typed or solved from MQL rates
    thresholds: tuple[float, ...]  # points, typed or solved from the overall MQL rate
    r_score: float  # correlation of score and true quality within a channel
    r_assessment: float
    agreement: float  # correlation of score and assessment within a channel
    intercepts: tuple[float, ...]  # +inf: always advances, -inf: never
    cut: float  # an assessment from here on is accepted; -inf without acceptance step
    assessments: tuple[float, ...]  # 1001 quantiles of the assessments at today's first contacts
    win_rate_factor: float  # simulated wins per lead / typed win rates, the same for all channels; nan when none typed
    exact: bool  # by integrals alone: nothing in the simulation selects
    rates: tuple[float, ...] = ()  # typed conversion of each stage
    rate_errors: tuple[float, ...] = ()  # their standard errors, as shares: what the luck of the pilots left
    acceptance_rate: float = 1.0
    acceptance_error: float = 0.0
    rounds: int = 0  # pilot rounds
    replications: int = 0  # pilot years of the first rounds
    years: int = 0  # pilot years of the last round
    step: float = 0.0  # largest change of a constant in the last round
    warnings: tuple[str, ...] = ()
    open_leads: Floats = dataclasses.field(  # [n, 5] Q, e_S, A, stage, channel
        default_factory=lambda: np.empty((0, OPEN_LEAD_COLUMNS))
    )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calibration) and self.to_json() == other.to_json()

    # arrays are compared by value, so there is no hash to go with it
    __hash__ = None  # type: ignore[assignment]

    def of_channel(self, name: str) -> int | None:
        """Return the position of a channel; None when the base has none of that name."""
        return self.channels.index(name) if name in self.channels else None

    def assessment_at(self, share: float) -> float:
        """Return the assessment that a `share` of today's first contacts stays below, linear between the quantiles
        kept."""
        return float(np.interp(share, np.linspace(0.0, 1.0, len(self.assessments)), self.assessments))

    def rounded(self) -> Calibration:
        """Round every number to 1e-6, as it is kept and compiled."""
        changes: dict[str, Any] = {}
        for part in dataclasses.fields(self):
            value = getattr(self, part.name)
            if isinstance(value, float):
                changes[part.name] = _round(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], float):
                changes[part.name] = tuple(_round(x) for x in value)
        return dataclasses.replace(self, **changes, open_leads=np.round(self.open_leads, DIGITS) + 0.0)

    def to_json(self) -> str:
        """Return one JSON object; infinities and nan as texts."""
        plain = {part.name: getattr(self, part.name) for part in dataclasses.fields(self)}
        plain["open_leads"] = self.open_leads.tolist()
        return json.dumps({name: _plain(value) for name, value in plain.items()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Return the Calibration that `to_json` wrote; ValueError when it is none."""
        plain = json.loads(text)
        names = {part.name for part in dataclasses.fields(cls)}
        if not isinstance(plain, dict) or set(plain) != names:
            raise ValueError("this is no calibration")
        known = {name: _from_plain(value) for name, value in plain.items()}
        known["open_leads"] = np.asarray(plain["open_leads"], dtype=np.float64).reshape(-1, OPEN_LEAD_COLUMNS)
        return cls(**known)


def _round(value: float) -> float:
    return round(value, DIGITS) + 0.0 if math.isfinite(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value


def _from_plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_plain(part) for part in value)
    return float(value) if value in ("inf", "-inf", "nan") else value
