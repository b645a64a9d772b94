"""Effects of inputs: each at its two ends, and elementary effects where there are too many for that."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.errors import SimfunnelError
from simfunnel.stats.intervals import Estimate, estimate
from simfunnel.stats.pairs import DETECTED_AT, Difference, beyond_rounding, holm_adjust, paired_difference


def latin_hypercube(order: ArrayLike, within: ArrayLike) -> Floats:
    """Return uniforms to draw inputs at: one draw in each of n equal slices of each input (McKay, Beckman & Conover
    1979).

    `order`, `within`: [draws, inputs] independent uniforms; the first shuffles the slices of each input, the second
    places the draw in its slice. Means over the draws vary less than with independent draws, and each input's ends are
    met.

    >>> latin_hypercube([[0.9], [0.1], [0.5]], [[0.5], [0.5], [0.5]]).round(3).ravel().tolist()
    [0.833, 0.167, 0.5]
    """
    shuffle, place = np.asarray(order, np.float64), np.asarray(within, np.float64)
    slices = np.argsort(np.argsort(shuffle, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((slices + place) / len(shuffle))


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
    order: Ints


def can_screen() -> bool:
    """Return whether SALib, an extra, is installed."""
    return importlib.util.find_spec("SALib") is not None


def screening_design(inputs: int, trajectories: int = 20, seed: int = 1) -> Floats:
    """Return uniforms to draw the inputs at, [trajectories x (inputs + 1), inputs] (Morris 1991, by SALib).

    On 4 levels between 0.05 and 0.95, the ends of a 90% range. SimfunnelError without SALib. The
    design is the same for the same seed and the same numpy.
    """
    sample, _ = _salib()
    design = sample(_problem(inputs), trajectories, num_levels=LEVELS, seed=seed)
    return np.asarray(design, np.float64)


def screening_effects(design: ArrayLike, values: ArrayLike, level: float = 0.95, seed: int = 1) -> Screening:
    """Return elementary effects from the metric at every row of a design (Morris 1991; Campolongo et al. 2007 for mu*).

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


@dataclass(frozen=True, eq=False)
class Tornado:
    """Effects of inputs at their ends, each minus the base with all other inputs as they are. Arrays are [inputs].

    `low`, `high`: paired differences to the base; `reach`: distance between the outermost of low, base and high, the
    length of the bar; `order`: inputs by falling reach, the detected ones first; `detected`: an effect at either end,
    adjusted for all ends of all inputs. The intervals are each for itself.
    """

    low: Difference
    high: Difference
    reach: Floats
    order: Ints
    detected: Bools


def tornado_bars(
    base: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95, among: int | None = None
) -> Tornado:
    """Return bars of a tornado diagram with intervals, from paired replications.

    `base`: [replications]; `low`, `high`: [replications, inputs], the metric with one input at an end of its range. A
    bar whose effects are not `detected` (Holm 1979) covers 0: show it grey. `among`: of how many inputs these were
    picked; detection is adjusted for all of them. Effects of inputs at once need `interaction`.
    """
    today = np.asarray(base, np.float64)[:, None]
    ends = [paired_difference(today, np.asarray(end, np.float64), level) for end in (low, high)]
    means = np.array([ends[0].mean, ends[1].mean])
    reach = np.maximum(means.max(axis=0), 0.0) - np.minimum(means.min(axis=0), 0.0)
    p_values = np.concatenate([end.p_value for end in ends])
    left_out = np.ones(2 * max(0, (among or 0) - means.shape[1]))
    adjusted = holm_adjust(np.concatenate([p_values, left_out]))[: len(p_values)].reshape(means.shape)
    detected = (adjusted < DETECTED_AT).any(axis=0) & (reach > 0)
    return Tornado(ends[0], ends[1], reach, np.lexsort((-reach, ~detected)), detected)


def interaction(base: ArrayLike, one: ArrayLike, other: ArrayLike, both: ArrayLike, level: float = 0.95) -> Estimate:
    """Return what two changes bring together beyond the sum of what each brings alone, per paired replication.

    All [replications] or [replications, pairs]. An interval that covers 0: the tornado's bars may be added.
    """
    a, b, c, d = (np.asarray(x, np.float64) for x in (base, one, other, both))
    return estimate(beyond_rounding((d - c) - (b - a), a, b, c, d), level)
