"""Many levels of a lever beside each other: the same leads with the same luck in each, as far as each is simulated.

at = levels(scenario, [{"qualification.threshold": bar} for bar in range(40, 81, 5)], wanted=(("profit", ""),))
at.extend(50)                               # replications 0 ... 49 of every level
at.extend(200, at.names[2:5])               # and of these three more of them
at.values(Key("profit"))                    # [replications, levels], of the replications that all have
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfunnel.arguments import MOST, names_of, whole_number
from simfunnel.engine import AUTO, simulate
from simfunnel.errors import ArgumentError
from simfunnel.metrics import EVERYTHING, Key, Wanted, keys_of
from simfunnel.plan import Plan
from simfunnel.scenario import Scenario, phases_with
from simfunnel.study.items import Numbers, numbers_of
from simfunnel.study.parcel import packed, unpacked
from simfunnel.study.prepare import Prepared, Start, prepare_specs
from simfunnel.study.replicate import SIMULATING, Work
from simfunnel.study.samples import Samples, stacked
from simfunnel.study.tasks import run_tasks
from simfunnel.study.validated import METRICS_WANTED, validated

CASES_PER_ITEM = 16  # 0.1 to 0.3 s of work


@partial(validated, own=METRICS_WANTED)
def levels(
    scenario: Scenario,
    changes: Sequence[Mapping[str, Any]],
    *,
    wanted: Wanted = EVERYTHING,
    seed: int = 1,
    start: Start = "period",
    work: Work = Work(),  # noqa: B008 (immutable)
) -> Levels:
    """A level for each of `changes`, which sets paths to values as a what-if does; nothing is simulated yet.

    An empty change is today. `wanted`: the metrics that the study needs; fewer are faster. `start` and `work` are as in
    `run`. Raises ScenarioError for changes that do not fit, ArgumentError for two levels that are the same and for a
    metric that there is not.
    """
    prepared = prepare_specs(scenario, [phases_with(scenario, change, start) for change in changes], work)
    if len(set(prepared.names)) < len(prepared.names):
        raise ArgumentError("changes", f"two levels are the same: {', '.join(prepared.names)}")
    for plan in prepared.plans[:1]:
        keys_of(plan, wanted)
    return Levels(prepared, seed, wanted, work)


@dataclass(frozen=True)
class LevelItem:
    """Some replications of some levels: `cases` are (place among the plans of the parcel, replication)."""

    parcel: bytes
    cases: tuple[tuple[int, int], ...]
    seed: int
    wanted: Wanted
    engine: str = AUTO

    def __str__(self) -> str:
        years = sorted({replication + 1 for _, replication in self.cases})
        return f"simulated years {years[0]} to {years[-1]} of seed {self.seed}"


def simulate_levels(item: LevelItem) -> tuple[Numbers, ...]:
    """What each case of an item measures."""
    plans = unpacked(item.parcel)
    return tuple(
        numbers_of(plans[place], simulate(plans[place], item.seed, replication, item.engine), item.wanted)
        for place, replication in item.cases
    )


def simulate_cases(
    parcel: bytes, cases: Sequence[tuple[int, int]], seed: int, wanted: Wanted, work: Work
) -> list[Numbers]:
    """What each case (place among the plans of the parcel, replication) measures; fewer when `work` is stopped."""
    items = [
        LevelItem(parcel, tuple(cases[at : at + CASES_PER_ITEM]), seed, wanted, work.engine)
        for at in range(0, len(cases), CASES_PER_ITEM)
    ]
    work.tell(SIMULATING, 0, len(cases))
    answers = run_tasks(
        simulate_levels,
        items,
        executor=work.executor,
        workers=work.workers,
        on_done=lambda done: work.tell(SIMULATING, min(done * CASES_PER_ITEM, len(cases)), len(cases)),
        stop=work.stop,
    )
    return [numbers for answer in answers for numbers in answer]


class Levels:
    """Levels with the replications that each has so far, always 0 ... n - 1 of one seed.

    The numbers of a replication of a level do not depend on the order of work, on the other levels or on `work`.
    """

    def __init__(self, prepared: Prepared, seed: int, wanted: Wanted, work: Work) -> None:
        self.prepared, self.seed, self.wanted, self.work = prepared, seed, wanted, work
        self._found: tuple[list[Numbers], ...] = tuple([] for _ in prepared.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The levels, in the order in which they were given."""
        return self.prepared.names

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plan of each level."""
        return self.prepared.plans

    def with_seed(self, seed: int) -> Levels:
        """The same levels under other luck, with no replication yet: to judge what was chosen by this luck."""
        return Levels(self.prepared, seed, self.wanted, self.work)

    def replications(self, name: str) -> int:
        """How many replications a level has."""
        return len(self._found[self._places([name])[0]])

    @property
    def common(self) -> int:
        """How many replications every level has."""
        return min((len(found) for found in self._found), default=0)

    def extend(self, upto: int, names: Sequence[str] | None = None) -> bool:
        """Simulate what the named levels (by default all) lack of replications 0 ... upto - 1.

        False when `work` was stopped before; what is finished by then is kept.
        """
        upto = whole_number("upto", upto, 0, MOST["replications"])
        places = self._places(names)
        have = [len(found) for found in self._found]
        lacking = [(place, number) for number in range(upto) for place in places if number >= have[place]]
        answers = simulate_cases(self._parcel, lacking, self.seed, self.wanted, self.work)
        for (place, _), found in zip(lacking, answers, strict=False):
            self._found[place].append(found)
        return len(answers) == len(lacking)

    def samples(self, names: Sequence[str] | None = None) -> dict[str, Samples]:
        """Samples of the named levels (by default all), paired: of the replications that every one of them has."""
        places = self._places(names)
        asked = [self.names[place] for place in places]
        common = min((self.replications(name) for name in asked), default=0)
        return {
            name: stacked(keys_of(self.plans[place], self.wanted), self._found[place][:common])
            for name, place in zip(asked, places, strict=True)
        }

    def values(self, key: Key, names: Sequence[str] | None = None) -> NDArray[np.float64]:
        """[replications, levels] values of one key, paired as `samples` are; nan where nothing divides."""
        return np.column_stack([found.values(key) for found in self.samples(names).values()])

    def _places(self, names: Sequence[str] | None) -> list[int]:
        """The places of named levels, each once, of all by default; raises ArgumentError for a name of none."""
        asked = self.names if names is None else names_of("names", names)
        for name in asked:
            if name not in self.names:
                raise ArgumentError("names", f"no level is called {name!r}; there are: {', '.join(self.names)}")
        return [self.names.index(name) for name in dict.fromkeys(asked)]

    @cached_property
    def _parcel(self) -> bytes:
        return packed(self.plans)
