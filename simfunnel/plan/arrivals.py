"""Sources of leads: sheets of channels, campaigns, lists and the opening pipeline, as rates and weekly profiles."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.calendars.build import MINUTES_PER_WEEK
from simfunnel.distributions import DISCRETE, GAMMA, LOGNORMAL, WEIBULL, Dist, constant, mean, never
from simfunnel.distributions.elementary import log, power
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan.calendars import business_day, open_days_per_week
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import CAMPAIGN, LIST, OPENING, SHEET, CampaignFacts, OpeningLead, Source, source_hash
from simfunnel.scenario.fields.arrivals import MONTHS, Channel
from simfunnel.scenario.fields.calendars import CalendarSpec
from simfunnel.scenario.model import Scenario

DAY_H = 24.0
WEEK_H = 168.0
YEAR_DAYS = 365.0
_MONDAY = 3  # weekday of day number 0, 1 January 1970, is a Thursday

LEAST_SWING = 1e-8  # below it a day's factor is 1 to the last digits, and its shape beyond all floats


def volume_per_hour(channel: Channel, calendar: CalendarSpec) -> float:
    """Return leads an hour as typed, lists and campaigns not counted; a business day is one of the calendar's."""
    open_days = open_days_per_week(calendar)
    if channel.leads is not None:
        return channel.leads.per_hour(open_days)
    if channel.visits is not None and channel.visit_to_lead is not None:
        return channel.visits.per_hour(open_days) * channel.visit_to_lead
    return 0.0


def weekly_volume(channel: Channel, calendar: CalendarSpec) -> float:
    """Return leads a week as typed, lists by their means, without season, growth and campaigns."""
    lists = 0.0
    if channel.lists is not None:
        every = elapsed(channel.lists.every.compile(business_day(calendar)), calendar)
        lists = mean(channel.lists.size.compile()) / mean(every) * WEEK_H
    return volume_per_hour(channel, calendar) * WEEK_H + lists


def elapsed(dist: Dist, calendar: CalendarSpec) -> Dist:
    """Return a distribution of working hours stretched to elapsed hours; one of elapsed hours unchanged."""
    if not dist.working:
        return dist
    stretch = WEEK_H / calendar.weekly.open_hours_per_week
    return scaled(dist, stretch)._replace(working=False)


def scaled(dist: Dist, factor: float) -> Dist:
    """Return the distribution of `factor` times the value."""
    if dist.family == LOGNORMAL:
        return dist._replace(a=dist.a + log(factor))
    if dist.family in (GAMMA, WEIBULL):
        return dist._replace(b=dist.b * factor)
    if dist.family == DISCRETE:
        return dist._replace(values=tuple(value * factor for value in dist.values))
    return dist._replace(a=dist.a * factor, b=dist.b * factor, c=dist.c * factor)


class Arrivals:
    """The sources of a plan, with the profiles they need; built once per plan."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.days = np.arange(frame.first_day, frame.last_day)
        numbers = self.days + frame.day_zero
        self.months = numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        self.phase_of_day = np.searchsorted(np.array(frame.starts), self.days, side="right") - 1
        self.profiles: list[Floats] = []
        self._profile_rows: dict[object, int] = {}
        for name in frame.channels:  # here and in this order, so that rows do not depend on what is asked first
            self._profiles_of(name)

    def sources(self) -> tuple[Source, ...]:
        """Return every source: sheets, campaigns, lists, then the opening pipeline, each by name."""
        frame, scenarios = self.frame, self.frame.scenarios
        known = {name: [s.channels[name] for s in scenarios if name in s.channels] for name in frame.channels}
        found = []
        for name, channels in known.items():
            if any(channel.leads is not None or channel.visits is not None for channel in channels):
                typed = np.array([frame.channel(k, name).day_to_day_swing for k in range(len(scenarios))])
                swing = np.where(typed < LEAST_SWING, 0.0, typed)[self.phase_of_day]
                rates = [self.rates(name, scenario) for scenario in scenarios]
                found.append(replace(self._source(SHEET, name, rates=rates), swing_cv=swing))
        for index, (name, campaign) in enumerate(frame.campaigns):
            rates = [self.campaign_rates(name, campaign, scenario) for scenario in scenarios]
            found.append(replace(self._source(CAMPAIGN, name, campaign, rates=rates), campaign=index))
        for name, channels in known.items():
            if any(channel.lists is not None for channel in channels):
                found.append(self._lists(name))
        found += [self._source(OPENING, name, "opening", stage) for name, stage in self.opening_rows()]
        keys = Counter(source.key for source in found)
        for source in found:
            if keys[source.key] > 1:
                name = frame.channels[source.channel]
                rule = "and another channel, campaign or list get the same 24-bit identity by chance"
                raise ScenarioError([Problem(("channels", name), name, rule, "rename one of them", at="key")])
        return tuple(found)

    def opening_rows(self) -> list[tuple[str, str]]:
        """Return (channel, stage) of the opening pipeline, without repeats, in the order of sources."""
        rows = self.frame.base.opening_pipeline or ()
        found = {(row.channel, row.stage) for row in rows}
        return sorted(found, key=lambda row: (row[0], self.frame.stages.index(row[1])))

    def rates(self, name: str, scenario: Scenario) -> Floats:
        """Return [days] leads an hour at profile 1 if `scenario` held on all days: volume x season x growth."""
        channel = scenario.channels.get(name)
        if channel is None:
            return np.zeros(len(self.days))
        season = {str(month): factor for month, factor in channel.season.items()}
        by_month = np.array([season.get(month, 1.0) for month in MONTHS])
        grown = np.ones(len(self.days))  # by how much the volume of a year's growth is above that of day 0
        if channel.growth != 0.0:
            grown = np.array([power(1.0 + channel.growth, day / YEAR_DAYS) for day in self.days.tolist()])
        rate = volume_per_hour(channel, scenario.calendar) * by_month[self.months] * grown
        return np.asarray(rate * self._open(channel, scenario))

    def campaign_rates(self, name: str, campaign: str, scenario: Scenario) -> Floats:
        """Return [days] leads an hour at profile 1 of one campaign if `scenario` held on all days."""
        channel = scenario.channels.get(name)
        found = channel.campaigns.get(campaign) if channel is not None else None
        rates = np.zeros(len(self.days))
        if channel is None or found is None or found.leads == 0.0:
            return rates
        first, last = self.frame.day(found.from_), self.frame.day(found.to)
        days = np.arange(first, last + 1)
        weight = self._day_weights(days, channel, scenario)
        if weight.sum() <= 0.0:
            path = ("channels", name, "campaigns", campaign, "from")
            rule = "falls on days without any arrivals: the channel follows business hours and all its days are closed"
            raise ScenarioError([Problem(path, found.from_.isoformat(), rule, "move it, or lengthen it")])
        inside = (self.days >= first) & (self.days <= last)
        openness = weight[self.days[inside] - first] > 0.0
        rates[inside] = np.where(openness, found.leads / weight.sum() / DAY_H, 0.0)
        return rates

    def expected_leads(self, name: str, scenario: Scenario, first: int = 0, last: int | None = None) -> float:
        """Return leads that a channel brings on days first ... last - 1 (the period) if `scenario` held throughout."""
        reported = (self.days >= first) & (self.days < (self.frame.last_day if last is None else last))
        return float(self.daily_leads(name, scenario)[reported].sum())

    def daily_leads(self, name: str, scenario: Scenario) -> Floats:
        """Return [days] leads expected of a channel if `scenario` held throughout, lists spread evenly."""
        channel = scenario.channels.get(name)
        if channel is None:
            return np.zeros(len(self.days))
        rate = self.rates(name, scenario)
        for campaign in channel.campaigns:
            rate = rate + self.campaign_rates(name, campaign, scenario)
        leads = rate * self._day_weights(self.days, channel, scenario) * DAY_H
        if channel.lists is not None:
            every = elapsed(channel.lists.every.compile(business_day(scenario.calendar)), scenario.calendar)
            leads = leads + mean(channel.lists.size.compile()) / mean(every) * DAY_H
        return np.asarray(leads)

    def _lists(self, name: str) -> Source:
        every, size = [], []
        for scenario in self.frame.scenarios:
            channel = scenario.channels.get(name)
            lists = channel.lists if channel is not None else None
            day = business_day(scenario.calendar)
            every.append(never() if lists is None else elapsed(lists.every.compile(day), scenario.calendar))
            size.append(constant(0.0) if lists is None else lists.size.compile())
        return replace(self._source(LIST, name, "lists", ""), list_every=tuple(every), list_size=tuple(size))

    def _source(self, kind: int, name: str, *words: str, rates: list[Floats] | None = None) -> Source:
        """A source of a channel, by further words of its name; `rates`: [days] of each phase."""
        nothing = np.zeros(len(self.days))
        rate = nothing if rates is None else np.array(rates)[self.phase_of_day, np.arange(len(self.days))]
        channel, key = self.frame.channels.index(name), source_hash(name, *words)
        return Source(kind, channel, -1, key, np.asarray(rate), nothing, self._profiles_of(name))

    def _profiles_of(self, name: str) -> Ints:
        rows = [self.profile_row(phase, name) for phase in range(len(self.frame.scenarios))]
        return np.array(rows, dtype=np.int64)

    def profile_row(self, phase: int, name: str) -> int:
        """Return the row of the weekly profile that a channel has in a phase."""
        scenario = self.frame.with_channel(phase, name)
        return self._profile_row(scenario.channels[name].hours_of_week, scenario.calendar)

    def _profile_row(self, hours: str | tuple[float, ...], calendar: CalendarSpec) -> int:
        key = calendar.weekly if hours == "business" else hours
        if key not in self._profile_rows:
            self._profile_rows[key] = len(self.profiles)
            self.profiles.append(weekly_profile(hours, calendar))
        return self._profile_rows[key]

    def _open(self, channel: Channel, scenario: Scenario, days: Ints | None = None) -> Floats:
        """1 on days when leads can come, 0 on holidays of a channel that follows business hours."""
        days = self.days if days is None else days
        if channel.hours_of_week != "business":
            return np.ones(len(days))
        closed = self.frame.calendars.holidays(scenario.calendar, days)
        return np.where(closed, 0.0, 1.0)

    def _day_weights(self, days: Ints, channel: Channel, scenario: Scenario) -> Floats:
        """Mean profile of each day, 0 on holidays of a channel that follows business hours."""
        profile = self.profiles[self._profile_row(channel.hours_of_week, scenario.calendar)]
        by_weekday = profile.reshape(7, -1).mean(axis=1)
        weekdays = (days + self.frame.day_zero + _MONDAY) % 7
        return np.asarray(by_weekday[weekdays] * self._open(channel, scenario, days))


def weekly_profile(hours: str | tuple[float, ...], calendar: CalendarSpec) -> Floats:
    """Return [10080] arrivals by minute of the week against an even flow; the mean over the week is 1."""
    if hours == "flat":
        return np.ones(MINUTES_PER_WEEK)
    if hours == "business":
        weights = calendar.weekly.open_minutes().astype(np.float64)
    else:
        weights = np.repeat(np.asarray(hours, dtype=np.float64), 60)
    return np.asarray(weights / weights.mean())


def campaign_facts(frame: Frame) -> tuple[CampaignFacts, ...]:
    """Return the cost and booking day of each campaign, as the phase in force on its first day has it.

    A campaign that a phase adds when it has already begun is booked on the phase's first day.
    """
    facts = []
    for channel, name in frame.campaigns:
        booked = [(0.0, frame.last_day)]
        for phase, start in enumerate(frame.starts):
            found = frame.campaign(phase, channel, name)
            first = frame.last_day if found is None else frame.day(found.from_)
            if found is not None and first < frame.end_of(phase) and frame.day(found.to) >= start:
                booked.insert(-1, (found.cost, first if phase == 0 else max(first, start)))
        facts.append(CampaignFacts(frame.channels.index(channel), *booked[0]))
    return tuple(facts)


def opening_leads(frame: Frame, sources: tuple[Source, ...]) -> tuple[OpeningLead, ...]:
    """Return the open leads that the planner typed, each with the row of its source; their order in the file is no
    matter."""
    calendar = frame.base.calendar
    rows = {(source.channel, source.key): row for row, source in enumerate(sources) if source.kind == OPENING}
    typed = []
    for row in frame.base.opening_pipeline or ():
        channel, key = frame.channels.index(row.channel), source_hash(row.channel, "opening", row.stage)
        age = elapsed(row.age.compile(business_day(calendar)), calendar)
        typed.append((channel, frame.stages.index(row.stage), age, row.count, rows[channel, key]))
    found, numbered = [], dict.fromkeys(rows.values(), 0)
    for channel, stage, age, count, source in sorted(typed):
        found.append(OpeningLead(channel, stage, count, age, source, numbered[source]))
        numbered[source] += count
    return tuple(found)
