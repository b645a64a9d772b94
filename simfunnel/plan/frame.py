"""What all phases of a plan have in common: names in order, days, and who is defined when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from simfunnel.calendars import day_number
from simfunnel.plan.calendars import Calendars
from simfunnel.scenario.fields.arrivals import Campaign, Channel
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.model import Scenario

if TYPE_CHECKING:
    from simfunnel.scenario import PlanSpec


@dataclass(frozen=True)
class Frame:
    """The scenarios of a plan's phases, in order, on one grid of days; day 0 is the first reported day.

    Channels, pools and campaigns are sorted by name, so that their order in a file cannot matter.
    """

    base: Scenario
    scenarios: tuple[Scenario, ...]
    starts: tuple[int, ...]  # first day of each phase; the first is the run-in's first day
    first_day: int
    last_day: int  # exclusive: the day on which the period ends

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Every channel of any phase."""
        return _names(scenario.channels for scenario in self.scenarios)

    @cached_property
    def pools(self) -> tuple[str, ...]:
        """Every pool of any phase."""
        return _names(scenario.pools for scenario in self.scenarios)

    @cached_property
    def campaigns(self) -> tuple[tuple[str, str], ...]:
        """(channel, campaign) of any phase."""
        return tuple(
            sorted(
                {
                    (name, campaign)
                    for scenario in self.scenarios
                    for name, channel in scenario.channels.items()
                    for campaign in channel.campaigns
                }
            )
        )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages, which no phase may change."""
        return self.base.stage_names

    @property
    def day_zero(self) -> int:
        """Calendar day number of day 0."""
        return day_number(self.base.start)

    @property
    def n_days(self) -> int:
        """Days simulated."""
        return self.last_day - self.first_day

    @cached_property
    def calendars(self) -> Calendars:
        """The working calendars of the plan."""
        zone = self.base.calendar.time_zone
        return Calendars(self.day_zero, self.first_day, self.last_day, zone)

    def day(self, when: date) -> int:
        """Return a date as a day relative to day 0."""
        return (when - self.base.start).days

    def end_of(self, phase: int) -> int:
        """Return the day on which a phase ends."""
        return self.starts[phase + 1] if phase + 1 < len(self.starts) else self.last_day

    def with_channel(self, phase: int, name: str) -> Scenario:
        """Return the scenario that defines a channel in a phase: its own, else the next later, else the last earlier
        one."""
        return _defining(self.scenarios, phase, lambda scenario: name in scenario.channels)

    def with_pool(self, phase: int, name: str) -> Scenario:
        """Return the scenario that defines a pool in a phase, likewise."""
        return _defining(self.scenarios, phase, lambda scenario: name in scenario.pools)

    def channel(self, phase: int, name: str) -> Channel:
        """Return a channel as defined in a phase."""
        return self.with_channel(phase, name).channels[name]

    def pool(self, phase: int, name: str) -> Pool:
        """Return a pool as defined in a phase."""
        return self.with_pool(phase, name).pools[name]

    def campaign(self, phase: int, channel: str, name: str) -> Campaign | None:
        """Return a campaign of a phase; None when the phase has none of that name."""
        found = self.scenarios[phase].channels.get(channel)
        return None if found is None else found.campaigns.get(name)

    def home_pool(self, phase: int, channel: str, stage: str) -> str | None:
        """Return the name of the pool that works a channel at a stage in a phase; None when the stage needs no rep."""
        return self.with_channel(phase, channel).pool_of(channel, stage)

    def stage_pool(self, phase: int, stage: str) -> str | None:
        """Return the name of the first pool that works a stage for any channel."""
        scenario = self.scenarios[phase]
        serving = (name for name in sorted(scenario.pools) if stage in scenario.pools[name].stages)
        return next(serving, None)


def frame_of(spec: PlanSpec | Scenario) -> Frame:
    """Return the frame of a plan; a bare scenario is its base in one phase.

    Phases that would begin at or after the period's end are left out; of those that begin at or before the run-in's
    first day the last one counts.
    """
    base: Scenario = spec if isinstance(spec, Scenario) else spec.base
    timed = ((None, base),) if isinstance(spec, Scenario) else spec.phases
    first_day, last_day = -base.run_in_days, base.period.n_days
    days = [first_day if when is None else max((when - base.start).days, first_day) for when, _ in timed]
    kept: dict[int, Scenario] = {}
    for day, (_, scenario) in sorted(zip(days, timed, strict=True), key=lambda pair: pair[0]):
        if day < last_day:
            kept[day] = scenario
    starts = (first_day, *[day for day in kept if day > first_day])
    return Frame(base, tuple(kept[day] for day in kept), starts, first_day, last_day)


def _names(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for group in groups for name in group}))


def _defining(scenarios: tuple[Scenario, ...], phase: int, has: Callable[[Scenario], bool]) -> Scenario:
    order = [*range(phase, len(scenarios)), *reversed(range(phase))]
    found: list[Scenario] = [scenarios[k] for k in order if has(scenarios[k])]
    return found[0]
