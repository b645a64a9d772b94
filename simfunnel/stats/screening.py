"""Which of many inputs matter at all: elementary effects, for models with too many inputs for a bar each."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simfunnel.errors import SimfunnelError

Floats = NDArray[np.float64]

LEVELS = 4
ENDS = (0.05, 0.95)  # uniforms at the ends of a 90% range


@dataclass(frozen=True, eq=False)
class Screening:
    """Elementary effects of inputs, each scaled to a move through its whole range. Arrays are [inputs].

    `effect`: mean of their sizes (mu*), with its bootstrapped `half_width`; `direction`: their mean (mu), near 0
    beside a large effect when the input helps here and harms there; `spread`: their standard deviation (sigma), large
    where the effect depends on the other inputs or is curved. `order`: inputs by falling effect.
    """

    effect: Floats
    half_width: Floats
    direction: Floats
    spread: Floats
    order: NDArray[np.int64]


def can_screen() -> bool:
    """Whether SALib, an extra, is installed."""
    return importlib.util.find_spec("SALib") is not None


def screening_design(inputs: int, trajectories: int = 20, seed: int = 1) -> Floats:
    """Uniforms to draw the inputs at, [trajectories x (inputs + 1), inputs] (Morris 1991, by SALib).

    On 4 levels between 0.05 and 0.95, the ends of a 90% range. SimfunnelError without SALib. The
    design is the same for the same seed and the same numpy.
    """
    sample, _ = _salib()
    design = sample(_problem(inputs), trajectories, num_levels=LEVELS, seed=seed)
    return np.asarray(design, np.float64)


def screening_effects(design: ArrayLike, values: ArrayLike, level: float = 0.95, seed: int = 1) -> Screening:
    """Elementary effects from the metric at every row of a design (Morris 1991; Campolongo et al. 2007 for mu*).

    `values`: [rows, replications], the same replications at every row; they are averaged, so that luck is not taken for
    an effect that depends on the other inputs.
    """
    points = np.asarray(design, np.float64)
    means = np.asarray(values, np.float64).mean(axis=1)
    _, analyze = _salib()
    found = analyze(_problem(points.shape[1]), points, means, conf_level=level, num_levels=LEVELS, seed=seed)
    effect, width, direction, spread = (
        np.asarray(found[name], np.float64) for name in ("mu_star", "mu_star_conf", "mu", "sigma")
    )
    return Screening(effect, width, direction, spread, np.argsort(-effect, kind="stable"))


def _problem(inputs: int) -> dict[str, Any]:
    return {"num_vars": inputs, "names": [str(k) for k in range(inputs)], "bounds": [list(ENDS)] * inputs}


def _salib() -> tuple[Any, Any]:
    """SALib's sampler and analysis; loaded here because it is an extra, and brings pandas and matplotlib along."""
    try:
        sampling, analysis = (importlib.import_module(f"SALib.{part}.morris") for part in ("sample", "analyze"))
    except ImportError as missing:
        message = "screening many inputs needs SALib, which is not installed; pip install SALib"
        raise SimfunnelError(message) from missing
    return sampling.sample, analysis.analyze
