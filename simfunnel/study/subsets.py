"""Plans that make some of several changes: simulated side by side, each subset and replication as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from simfunnel.metrics import Key, Wanted, keys_of
from simfunnel.plan import Calibration, Plan
from simfunnel.scenario import PlanSpec, Scenario
from simfunnel.study.calibration_error import CalibrationError
from simfunnel.study.items import Numbers
from simfunnel.study.levels import simulate_cases
from simfunnel.study.parcel import packed
from simfunnel.study.prepare import Prepared, prepare_specs
from simfunnel.study.replicate import Work
from simfunnel.study.samples import Samples, stacked

Subset = frozenset[int]
"""Numbers of the changes that are made, from 0."""

TODAY: Subset = frozenset()


class Subsets:
    """Subsets of changes with the replications that each has, all of one seed: the same leads, the same luck.

    `spec_of` makes the plan of a subset. A subset is compiled when it is first asked for; with `check_load` a team that
    cannot keep up is told. The numbers do not depend on the order of work or on the other subsets.
    """

    def __init__(
        self,
        scenario: Scenario,
        spec_of: Callable[[Subset], PlanSpec],
        seed: int,
        wanted: Wanted,
        work: Work,
        check_load: bool = True,
    ) -> None:
        self.scenario, self.spec_of, self.seed, self.wanted, self.work = scenario, spec_of, seed, wanted, work
        self._check_load = check_load
        self._plans: dict[Subset, Plan] = {}
        self._known: dict[str, Calibration] = {}
        self._errors: dict[Subset, CalibrationError] = {}
        self._found: dict[tuple[Subset, int], Numbers] = {}

    def prepare(self, subsets: Iterable[Subset]) -> Prepared:
        """Compile those of the subsets, today first, that are not yet; raises ScenarioError."""
        new = [subset for subset in dict.fromkeys((TODAY, *subsets)) if subset not in self._plans]
        specs = [self.spec_of(subset) for subset in new]
        prepared = prepare_specs(self.scenario, specs, self.work, self._known, self._check_load)
        self._known |= prepared.calibrations
        self._plans |= dict(zip(new, prepared.plans, strict=True))
        self._errors |= dict(zip(new, prepared.errors, strict=True))
        return prepared

    def extend(self, cases: Sequence[tuple[Subset, int]]) -> bool:
        """Simulate the cases (subset, replication) that are not yet; False when stopped, what is finished is kept."""
        new = [case for case in dict.fromkeys(cases) if case not in self._found]
        order = list(dict.fromkeys(subset for subset, _ in new))
        self.prepare(order)
        parcel = packed([self._plans[subset] for subset in order])
        place = {subset: at for at, subset in enumerate(order)}
        placed = [(place[subset], replication) for subset, replication in new]
        answers = simulate_cases(parcel, placed, self.seed, self.wanted, self.work)
        self._found |= dict(zip(new, answers, strict=False))
        return len(answers) == len(new)

    def has(self, subset: Subset, replication: int) -> bool:
        """Whether a replication of a subset is simulated."""
        return (subset, replication) in self._found

    def samples(self, subset: Subset, replications: int) -> Samples:
        """Samples of replications 0 ... `replications` - 1 of a subset."""
        keys = keys_of(self._plans[subset], self.wanted)
        return stacked(keys, [self._found[subset, number] for number in range(replications)])

    def error(self, subset: Subset) -> CalibrationError:
        """What the calibration of a subset's base leaves in its figures."""
        return self._errors[subset]

    def value(self, subset: Subset, replication: int, key: Key) -> float:
        """A plain sum of one replication of a subset."""
        at = keys_of(self._plans[subset], self.wanted).index(key)
        return float(self._found[subset, replication][0, at])
