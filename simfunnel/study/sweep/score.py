"""How the answer of a sweep moves with the accuracy of the score: the search again, shorter, under other scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from simfunnel.errors import StoppedError
from simfunnel.plan import Plan
from simfunnel.scenario import Scenario
from simfunnel.scenario.fields.qualification import CORRELATIONS
from simfunnel.study.sweep.grid import feasible
from simfunnel.study.sweep.result import AtAccuracy
from simfunnel.study.sweep.search import Curves, Search
from simfunnel.study.years.plans import Start
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Work

PATH = "score.accuracy"
WORDS = ("weak", "fair", "good")
APART = 0.1  # scores closer to today's than this are no other scores
MOST_TRIED = 9
LOOKS = (7, 10, 14, 20)
BUDGET_A_LEVEL = 9


class Others(NamedTuple):
    """The answers that were found, and whether these are all."""

    found: tuple[AtAccuracy, ...]
    complete: bool


def accuracy_of(plan: Plan) -> float:
    """Correlation of the score with true quality when a plan begins."""
    return float(plan.phases[0].r_score)


def other_words(correlation: float) -> tuple[str, ...]:
    """Return the two nearest words for other accuracies, the weaker first.

    >>> other_words(0.5), other_words(0.75)
    (('weak', 'good'), ('weak', 'fair'))
    """
    apart = {word: abs(CORRELATIONS[word] - correlation) for word in WORDS}
    near = sorted((word for word in WORDS if apart[word] >= APART), key=lambda word: apart[word])[:2]
    return tuple(word for word in WORDS if word in near)


def years_expected(levels: int) -> int:
    """Return the most simulated years that the other scores take."""
    return 2 * BUDGET_A_LEVEL * min(levels, MOST_TRIED + 1)


def other_accuracies(
    scenario: Scenario,
    changes: Mapping[int, Mapping[str, Any]],
    start: Start,
    search: Search,
    best: int,
    correlation: float,
    work: Work,
) -> Others:
    """Find the best of a few levels under other scores, with the search's objective, zone and luck.

    `changes`: what each level sets, by its place in the result; at most 9 of them are tried, spread over all, and
    `best`. Of a study that is stopped only the answers that are finished are given.
    """
    tried = spread(sorted(changes), best)
    found: list[AtAccuracy] = []
    for word in other_words(correlation):
        _, compiled = feasible(scenario, [{**changes[place], PATH: word} for place in tried], start, work)
        pairs = zip(tried, compiled, strict=True)
        plans = {str(place): each.plan for place, each in pairs if each.plan is not None}
        possible = tuple(map(int, plans))
        if len(possible) < 2:
            problem = next((str(each.problem) for each in compiled if each.problem is not None), "")
            found.append(AtAccuracy(word, CORRELATIONS[word], 0, None, (), (), problem))
            continue
        at = Years(plans, search.at.seed, ((search.key.metric, ""),), work)
        again = Search(at, search.key, search.sign, search.zone, LOOKS, BUDGET_A_LEVEL * len(plans))
        with suppress(StoppedError):
            again.run()
        if again.cancelled:
            return Others(tuple(found), False)
        best, tied = again.selection.best, tuple(possible[k] for k in again.selection.tied)
        years = max(Curves(again).years)
        found.append(AtAccuracy(word, CORRELATIONS[word], years, possible[best], tied, possible))
    return Others(tuple(found), True)


def spread(places: Sequence[int], best: int) -> list[int]:
    """At most 9 of the places, evenly spread with both ends, and the best.

    >>> spread(range(17), 5)
    [0, 2, 4, 5, 6, 8, 10, 12, 14, 16]
    """
    if len(places) <= MOST_TRIED:
        return list(places)
    even = np.linspace(0, len(places) - 1, MOST_TRIED).round().astype(int)
    return sorted({*(places[at] for at in even), best})
