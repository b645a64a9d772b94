"""How much there would be to simulate: leads, tasks and bytes of one replication, expected from what is typed.

An estimate from above, without any simulation or array: leads by volume, season and growth; tasks as if every team kept
up, with every no-show, return from sleep and return from nurture that rates and time allow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from simfunnel.calendars.dates import add_months
from simfunnel.distributions import CONSTANT, DISCRETE, EXPONENTIAL, LOGNORMAL, TRIANGULAR, UNIFORM, Dist, mean
from simfunnel.errors import MISSING, Path, Problem
from simfunnel.scenario.checks.wording import wrong
from simfunnel.scenario.fields.arrivals import MONTHS, Channel
from simfunnel.scenario.fields.stages import Stage
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import ELAPSED_BUSINESS_DAY, Scenario
from simfunnel.units import share_text

MOST_LEADS = 15_000_000
MOST_TASKS = 50_000_000
MOST_BYTES = 8 << 30
GIB = 1 << 30
LEAD_BYTES, PASS_BYTES, TASK_BYTES, ENTRY_BYTES = 120, 135, 135, 60  # a row as it is written, and as columns
OPEN_BYTES = 400  # state of a lead that waits or is worked on
OPEN_SHARE = 0.25  # of all passes, so many are taken to be open at once
MANY = 2.0  # times as many leads, or tasks a lead, from which on a field is what makes them many


class Sizes(NamedTuple):
    """Leads, tasks and bytes that a replication is expected to hold."""

    leads: float
    tasks: float
    bytes: float


class PerLead(NamedTuple):
    """Passes, stays in nurture and tasks of a lead of one channel, on average and at most."""

    passes: float
    entries: float
    tasks: float


def size_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield more leads, tasks or bytes than one replication may have, at the field that makes them many."""
    opened = sum(row.count for row in scenario.opening_pipeline or ())
    leads = leads_of(scenario)
    sizes = sizes_of(scenario, leads, opened)
    if sizes.leads > MOST_LEADS:
        yield _too_many_leads(scenario, leads, opened)
    elif sizes.tasks > MOST_TASKS:
        yield _too_many_tasks(scenario, sizes.tasks)
    elif sizes.bytes > MOST_BYTES:
        rule = (
            f"takes about {sizes.bytes / GIB:.1f} GiB of memory a replication ({sizes.leads:,.0f} leads, "
            f"{sizes.tasks:,.0f} tasks), more than the {MOST_BYTES / GIB:.0f} GiB that it may take"
        )
        yield wrong(("channels",), rule, "simulate a shorter period, or a part of the leads", at_key=True)


def sizes_of(scenario: Scenario, leads: dict[str, float], opened: int) -> Sizes:
    """Return leads, tasks and bytes of a replication, with so many leads of each channel and so many open ones."""
    hours = (scenario.period.n_days + scenario.run_in_days) * 24.0
    total, tasks, passes, entries = opened + math.fsum(leads.values()), 0.0, 0.0, 0.0
    once = per_lead(scenario, "", 1.0, hours)
    channels = [(per_lead(scenario, name, _mql_share(scenario, name), hours), count) for name, count in leads.items()]
    for each, count in [(once, float(opened)), *channels]:
        tasks += count * each.tasks
        passes += count * each.passes
        entries += count * each.entries
    state = OPEN_BYTES + 16 * len(scenario.stages) + 8 * len(scenario.pools)
    alive = max(opened, OPEN_SHARE * min(total, passes)) * state
    rows = LEAD_BYTES * total + PASS_BYTES * passes + TASK_BYTES * tasks + ENTRY_BYTES * entries
    return Sizes(total, tasks, rows + alive)


def leads_of(scenario: Scenario) -> dict[str, float]:
    """Return expected leads of every channel in the simulated time, run-in included."""
    return {name: math.fsum(_leads(scenario, channel)) for name, channel in scenario.channels.items()}


# --- leads -----------------------------------------------------------------------------------------------------------


def _leads(scenario: Scenario, channel: Channel) -> tuple[float, float, float]:
    """Return expected leads of a channel in the simulated time: by volume, by lists, by campaigns."""
    days = scenario.period.n_days + scenario.run_in_days
    lists = channel.lists.weekly_volume * days / 7.0 if channel.lists is not None else 0.0
    weekly = channel.weekly(float(scenario.calendar.weekly.open_days))
    if channel.lists is not None:
        weekly -= channel.lists.weekly_volume
    campaigns = math.fsum(campaign.leads for campaign in channel.campaigns.values())
    return weekly / 7.0 * _grown_days(scenario, channel), lists, campaigns


def _grown_days(scenario: Scenario, channel: Channel, season: bool = True, growth: bool = True) -> float:
    """Return simulated days, each counted as often as season and growth multiply its volume."""
    first, last = -scenario.run_in_days, scenario.period.n_days
    yearly = math.log1p(channel.growth) if growth else 0.0
    factors = dict(channel.season) if season else {}
    if not factors:
        return _growth_sum(yearly, first, last)
    total, day = 0.0, scenario.start + timedelta(days=first)
    while first < last:
        following = add_months(date(day.year, day.month, 1), 1)
        end = min(last, first + (following - day).days)
        total += factors.get(MONTHS[day.month - 1], 1.0) * _growth_sum(yearly, first, end)  # type: ignore[call-overload]
        first, day = end, following
    return total


def _growth_sum(yearly: float, first: int, last: int) -> float:
    """Return the sum of exp(yearly x day / 365) over the days first ... last - 1; inf where it has no number."""
    step = yearly / 365.0
    if abs(step) < 1e-12:
        return float(last - first)
    if step * max(abs(first), abs(last)) > 600.0:
        return math.inf
    return math.exp(step * first) * math.expm1(step * (last - first)) / math.expm1(step)


def _too_many_leads(scenario: Scenario, leads: dict[str, float], opened: int) -> Problem:
    """Return the problem of leads beyond the limit, at the open ones or at a field of the largest channel."""
    total = math.fsum(leads.values()) + opened
    most = f"more than the {MOST_LEADS:,} that a replication may have"
    if opened > total / 2:
        rule = f"holds {opened:,} open leads, {most}"
        return wrong(("opening_pipeline",), rule, "type a part of the leads", at_key=True)
    name = max(leads, key=lambda each: leads[each])
    found = Cause.of(scenario, scenario.channels[name])
    alone = leads[name] > MOST_LEADS
    remedy = "simulate a shorter period, or a part of the leads"
    if not alone and found.times < MANY:
        return wrong(("channels",), f"bring {_count(total)} leads in the simulated time, {most}", remedy, at_key=True)
    together = f"bring {_count(leads[name])} leads in the simulated time, " + (
        most if alone else f"and all channels {_count(total)}, {most}"
    )
    path: Path = ("channels", name, *found.field)
    if found.times < MANY:
        return wrong(path, "brings" + together.removeprefix("bring"), remedy, found.value)
    return wrong(path, f"lets {name} {together}", f"type a share, e.g. {found.usual}, or a shorter period", found.value)


class Cause(NamedTuple):
    """The field of a channel that makes its leads many, and how many times as many as without it."""

    field: tuple[str, ...]
    value: object
    times: float
    usual: str = ""

    @classmethod
    def of(cls, scenario: Scenario, channel: Channel) -> Cause:
        """Find growth or season where they multiply the volume, else its largest part."""
        volume, lists, campaigns = _leads(scenario, channel)
        if max(lists, campaigns) > volume:
            return cls(("lists",) if lists >= campaigns else ("campaigns",), MISSING, 1.0)
        days = _grown_days(scenario, channel)
        by_growth = days / max(_grown_days(scenario, channel, growth=False), 1e-300)
        by_season = days / max(_grown_days(scenario, channel, season=False), 1e-300)
        if max(by_growth, by_season) < MANY:
            field = "leads" if channel.leads is not None else "visits"
            return cls((field,), str(getattr(channel, field)), 1.0)
        if by_growth >= by_season:
            return cls(("growth",), share_text(channel.growth), by_growth, "10%")
        month = max(channel.season, key=lambda month: channel.season[month])
        return cls(("season", month), share_text(channel.season[month]), by_season, "120%")


def _count(number: float) -> str:
    return f"{number:,.0f}" if number < 1e15 else "more than 1,000,000,000,000,000"


# --- what becomes of them --------------------------------------------------------------------------------------------


def _mql_share(scenario: Scenario, name: str) -> float:
    """Return the share of a channel's leads that qualify at creation, by what is typed."""
    channel, score, mql_rate = scenario.channels[name], scenario.score, scenario.qualification.mql_rate
    if channel.mql_rate is not None:
        return channel.mql_rate
    threshold = scenario.qualification.threshold_of(name)
    if mql_rate is not None or threshold is None:
        return 1.0 if mql_rate is None else mql_rate  # of all channels together, which is what is added up
    quality = abs(channel.quality or 0.0)  # how much of it a score sees is not asked: as much as there is
    above = (score.mean + (channel.score_bias or 0.0) - threshold) / score.sd + quality
    return 0.5 * math.erfc(-above / math.sqrt(2.0)) if math.isfinite(above) else 1.0


def per_lead(scenario: Scenario, name: str, mqls: float, hours: float) -> PerLead:
    """Return passes, stays and tasks of a lead of a channel, "" for one that is in the stages already."""
    to_nurture, tasks, reached = 0.0, 0.0, 1.0
    acceptance = scenario.acceptance
    for k, stage in enumerate(scenario.stages):
        tasks += reached * returns(stage, hours) * tries(stage, hours)
        accepted = acceptance.rate if acceptance is not None and k == 0 and name else 1.0
        if acceptance is not None and acceptance.rejected_to == "nurture":
            to_nurture += reached * (1.0 - accepted)
        to_nurture += reached * accepted * (1.0 - stage.conversion) * stage.otherwise.nurture
        reached *= accepted * stage.conversion if name else 1.0  # where the open ones are is not asked
    entries = _stays(scenario, mqls, min(to_nurture, 1.0), hours)
    passes = mqls + entries
    return PerLead(passes, entries, passes * tasks)


def tries(stage: Stage, hours: float) -> float:
    """Return tasks for each time that a lead is worked at a stage, no-shows included."""
    return _in_time(stage.visit.met * (1.0 + stage.visit.no_shows), stage.wait, hours)


def returns(stage: Stage, hours: float) -> float:
    """Return times that a lead is worked at a stage, which may postpone it again and again."""
    return _in_time(1.0 / max(1.0 - stage.visit.again(stage.conversion), 1e-300), stage.postponed_for, hours)


def _stays(scenario: Scenario, mqls: float, from_stages: float, hours: float) -> float:
    """Return stays in nurture of a lead of a channel, at most."""
    nurture, typed = scenario.nurture, scenario.qualification
    if nurture is None:
        return 0.0
    below = typed.below_to == "nurture" or (typed.near_miss > 0.0 and typed.near_miss_to == "nurture")
    begun = mqls * from_stages + ((1.0 - mqls) if below else 0.0)
    most = min(float(nurture.cycles), 1.0 / max(nurture.opt_out, 1e-300))
    return begun * _in_time(most, nurture.delay, hours)


def _in_time(times: float, between: DurationDist | None, hours: float) -> float:
    """Return how often something happens that would happen so many times, as far as the time between leaves room.

    The time taken is one usual in most cases: of a lopsided distribution far below its mean, 0 where nothing is known.
    """
    if times < MANY:
        return times
    usual = 0.0
    if between is not None:
        dist: Dist = between.compile(ELAPSED_BUSINESS_DAY)
        if dist.family == LOGNORMAL:
            usual = math.exp(min(dist.a, 700.0))
        elif dist.family == DISCRETE:
            usual = min(dist.values)
        elif dist.family in (CONSTANT, EXPONENTIAL, UNIFORM, TRIANGULAR):
            usual = mean(dist) / 2.0
    return min(times, 1.0 + hours / max(usual, 1e-300))


def _too_many_tasks(scenario: Scenario, tasks: float) -> Problem:
    """Return the problem of tasks beyond the limit, at no-shows, sleep or nurture, else at the leads themselves."""
    hours = (scenario.period.n_days + scenario.run_in_days) * 24.0
    most = f"{_count(tasks)} tasks in the simulated time, more than the {MOST_TASKS:,} that a replication may have"
    found: list[tuple[float, Path, object, str]] = []
    for k, stage in enumerate(scenario.stages):
        name = stage.name
        found.append((tries(stage, hours), ("stages", k, "no_show"), share_text(stage.no_show), name))
        share = share_text(stage.otherwise.postponed)
        found.append((returns(stage, hours), ("stages", k, "otherwise", "postponed"), share, name))
    if scenario.nurture is not None:
        stays = _stays(scenario, 1.0, 1.0, hours)
        found.append((stays, ("nurture", "cycles"), scenario.nurture.cycles, "nurture"))
    times, path, value, name = max(found, key=lambda each: each[0])
    if times < MANY:
        rule = f"make {most}"
        return wrong(("channels",), rule, "simulate a shorter period, or a part of the leads", MISSING, at_key=True)
    rule = f"lets a lead come back to {name} about {_count(times)} times, which makes {most}"
    return wrong(path, rule, "write a lower one, or make each return take longer", value)
