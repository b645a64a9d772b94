"""Random parts of a funnel: calendars and arrivals, stages and hand-offs, pools.

Of pools are drawn: who serves whom, heads and hires, teams, queues and what reps do better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from simfunnel.calendars.dates import add_months
from simfunnel.scenario.fields.qualification import CORRELATIONS
from simfunnel.units import amount_text
from simfunnel.verify.random.sketch import (
    ALL,
    GRID_H,
    Chooser,
    Home,
    Sketch,
    Typed,
    count,
    duration_or_none,
    elapsed,
    money,
    number,
    patience,
    share,
    shuffled,
    some_of,
    work,
)

# a plain Monday, a leap day, a change to and from daylight saving, the turn of a year, a month's end
STARTS = (
    date(2027, 1, 4), date(2028, 2, 24), date(2027, 3, 10), date(2027, 10, 29), date(2027, 12, 20), date(2027, 4, 30),
)  # fmt: skip
DAYS = ("Mon-Fri", "Mon-Sun", "Mon-Thu, Sat", "Tue-Fri")
HOURS = ("09:00-17:00", "08:00-12:00, 13:00-18:00", "00:00-24:00", "07:30-10:15, 10:30-15:45")
WINDOWS: tuple[Typed, ...] = (
    {"Mon-Thu": "09:00-17:30", "Fri": "09:00-13:00"},
    {"Mon": "00:00-24:00", "Tue": "00:00-06:00", "Thu-Sun": "10:00-20:00"},
)
COUNTRIES = ("US", "DE-BY", "GB")
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin")


def days_of_a_month(start: date) -> int:
    """Return days from a date to the same of the next month."""
    return (add_months(start, 1) - start).days


def period(luck: Chooser, start: date, days: int, run_in: int | None) -> Typed:
    """Draw a period of `days`; with `run_in` days before it unless None."""
    length: Typed = luck.one_of(({"days": days}, {"end": date.fromordinal(start.toordinal() + days - 1).isoformat()}))
    if days == days_of_a_month(start):
        length = {"months": 1}
    elif days % 7 == 0 and luck.flag(0.5):
        length = {"weeks": days // 7}
    typed: Typed = {"start": start.isoformat(), **length}
    if run_in is not None:
        typed["run_in"] = f"{run_in} days" if luck.flag(0.7) else f"{24 * run_in} hours"
    return typed


def calendar(s: Sketch) -> Any:
    """Opening hours; of a pool, it inherits what is not typed."""
    luck = s.luck
    kind = luck.one_of(("hours", "always", "windows", "days", "always but"))
    if kind == "always":
        return "always"
    typed: Typed = {}
    if kind == "always but":
        typed["always"] = True
    if kind == "windows":
        typed["windows"] = luck.one_of(WINDOWS)
    if kind in ("hours", "days"):
        typed["days"] = luck.one_of(DAYS)
    if kind == "hours":
        typed["hours"] = luck.one_of(HOURS)
    if luck.flag(0.3):
        typed["time_zone"] = luck.one_of(ZONES)
    if luck.flag(0.2):
        typed["holidays"] = luck.one_of(COUNTRIES)
    if luck.flag(0.3):
        typed["own_holidays"] = sorted({s.day(-s.run_in, s.days) for _ in range(luck.whole(1, 3))})
    return typed or "always"


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PER = {"hour": 1.0, "day": 24.0, "business day": 33.6, "week": 168.0, "month": 730.0, "year": 8760.0}


def channel(s: Sketch, leads: float, wins: float, *, knows_mql_rate: bool) -> Typed:
    """Draw a channel of about `leads` leads over all days, of whom a share `wins` would win if all were worked.

    It types an MQL rate of its own only when that cannot contradict others.
    """
    luck = s.luck
    typed: Typed = _volume(s, leads)
    typed |= {"deal_value": money(luck, luck.real(2000.0, 20000.0))}
    _rhythm(s, typed)
    if luck.flag(0.6):
        typed["quality"] = round(luck.real(-0.8, 1.2), 2)
    elif wins > 0.0 and luck.flag(0.3):
        typed["win_rate"] = share(wins * luck.real(0.01, 0.05))
    if luck.flag(0.3):
        typed["score_bias"] = round(luck.real(-0.5, 0.6) * s.score[1], 1)
    elif knows_mql_rate and luck.flag(0.3):
        typed["mql_rate"] = share(luck.real(0.3, 0.8))
    if luck.flag(0.75):
        typed["patience"] = patience(s)
    if luck.flag(0.3):
        typed["value_quality"] = round(luck.real(0.05, 1.0), 2)
    if luck.flag(0.2):
        typed["cost_per_lead"] = luck.whole(1, 90)
    if luck.flag(0.25):
        typed["campaigns"] = {
            name: _campaign(s, leads, "hours_of_week" in typed) for name in ("fair", "spring mail")[: luck.whole(1, 2)]
        }
    return typed


def _volume(s: Sketch, leads: float) -> Typed:
    """Leads or visits a time, lists, or both."""
    luck = s.luck
    kind = luck.one_of(("leads", "lists", "leads and lists", "visits") if not s.tied else ("lists", "leads and lists"))
    if kind == "leads and lists":
        leads /= 2.0
    typed: Typed = {}
    if "lists" in kind:
        typed["lists"] = lists(s, leads)
    if "leads" in kind or "visits" in kind:
        unit = luck.one_of(tuple(PER))
        amount = leads / (24.0 * (s.days + s.run_in)) * PER[unit]
        if kind == "visits":
            rate = luck.real(0.01, 0.5)
            typed |= {"visits": f"{amount_text(_rounded(amount / rate))} / {unit}", "visit_to_lead": share(rate)}
        else:
            typed["leads"] = f"{amount_text(_rounded(amount))} / {unit}"
    return typed


def _rounded(amount: float) -> float:
    """An amount with four digits, as a planner would type it."""
    return float(f"{amount:.4g}")


def lists(s: Sketch, leads: float) -> Typed:
    """Draw batches, at even gaps or not."""
    luck = s.luck
    hours = 24.0 * (s.days + s.run_in)
    batches = max(1, luck.whole(2, 20))
    every = max(1.5, hours / batches)
    gap: Any = f"{round(every / GRID_H) * GRID_H:g} hours" if s.tied or luck.flag(0.4) else elapsed(s, every, every)
    size = max(1, round(leads / batches))
    return {"every": gap, "size": size if s.tied else count(luck, size)}


def _rhythm(s: Sketch, typed: Typed) -> None:
    luck = s.luck
    if luck.flag(0.4):
        every = luck.whole(2, 7)  # hours; from Monday 00:00, nothing between them
        week = [0.0 if (day + hour) % every else 1.0 + hour / 10.0 for day in range(7) for hour in range(24)]
        typed["hours_of_week"] = luck.one_of(("business", "flat", week))
    if luck.flag(0.2):
        month = MONTHS[s.start.month - 1]
        typed["season"] = {month: share(luck.real(0.4, 1.5)), MONTHS[s.start.month % 12]: luck.one_of(("0%", "120%"))}
    if luck.flag(0.2):
        typed["growth"] = luck.one_of((0.4, "-30%", "80%"))
    if luck.flag(0.4):
        typed["day_to_day_swing"] = luck.one_of((0, 0.8, 1.5))


def _campaign(s: Sketch, leads: float, closed_at_times: bool) -> Typed:
    """Some days; all of them where leads come at opening hours only, which one day may not have."""
    luck = s.luck
    first = -s.run_in if closed_at_times else luck.whole(-s.run_in, s.days - 1)
    typed: Typed = {
        "from": s.day(first, first),
        "to": s.day(s.days - 1, s.days - 1) if closed_at_times else s.day(first, min(first + 12, s.days - 1)),
        "leads": luck.one_of((0, round(luck.real(0.2, 1.0) * leads / 2.0, 1))),
    }
    return typed | {"cost": "5k"} if luck.flag(0.5) else typed


def opening(s: Sketch) -> list[Typed]:
    """Draw leads open at the start, at some or all stages."""
    luck = s.luck
    rows = [(name, stage) for name in s.channels for stage in s.stages if luck.flag(0.6)] or [
        (s.channels[0], s.stages[0])
    ]
    return [
        {
            "channel": name,
            "stage": stage,
            "count": luck.whole(1, 6),
            "age": elapsed(s, *luck.one_of(((1.0, 24.0), (24.0, 200.0), (500.0, 2000.0)))),
        }
        for name, stage in rows
    ]


def accuracy(s: Sketch, *, by_auc: bool) -> Any:
    """Return how well a judgement sees quality; as an AUC only when it is known that some accuracy gives it."""
    luck = s.luck
    ways: list[Any] = ["fair", "weak", "good", "perfect", {"correlation": round(luck.real(0.0, 1.0), 2)}]
    if by_auc:
        ways += 2 * [{"auc": round(luck.real(0.51, 0.53), 3)}, {"auc_among_mqls": 0.505}]
    return luck.one_of(ways)


def score(s: Sketch, *, by_auc: bool) -> Typed:
    """Draw marketing's score."""
    typed: Typed = {"accuracy": accuracy(s, by_auc=by_auc)} if s.luck.flag(0.7) else {}
    mean, sd = s.score
    return typed if s.score == (50.0, 20.0) and s.luck.flag(0.5) else {"mean": mean, "sd": sd, **typed}


def threshold(s: Sketch) -> float:
    """Draw a bar that some reach."""
    mean, sd = s.score
    return round(mean + s.luck.real(-1.5, 0.5) * sd, 1)


def bar(s: Sketch, *, by_rate: bool = True) -> Typed:
    """Return the threshold for all or per channel, or the MQL rate."""
    luck = s.luck
    kind = luck.one_of(("one", "each", *(("rate",) if by_rate else ())))
    if kind == "rate":
        return {"mql_rate": share(luck.real(0.3, 0.95))}
    if kind == "one":
        return {"threshold": threshold(s)}
    return {"threshold": {"default": threshold(s), s.channels[-1]: threshold(s)}}


def qualification(s: Sketch, *, nurtures: bool) -> Typed:
    """Draw who becomes an MQL, and where the others go."""
    luck = s.luck
    typed = bar(s)
    if luck.flag(0.6):
        typed["near_miss"] = round(luck.real(0.2, 1.2) * s.score[1], 1)
        typed["near_miss_to"] = "nurture" if nurtures and luck.flag(0.8) else "disqualified"
    if luck.flag(0.5):
        typed["below_to"] = "nurture" if nurtures and luck.flag(0.6) else "disqualified"
    return typed


def known_correlation(typed: Any) -> float | None:
    """Return the correlation that a typed accuracy stands for; None for an AUC."""
    if isinstance(typed, str):
        return CORRELATIONS[typed]
    found = typed.get("correlation")
    return None if found is None else float(found)


def acceptance(s: Sketch, seen: Any, *, nurtures: bool, by_auc: bool) -> Any:
    """Draw sales' judgement; `seen` is the typed accuracy of the score, with which an agreement must be possible."""
    luck = s.luck
    rate = share(luck.real(0.3, 0.95)) if luck.flag(0.9) else "100%"
    if luck.flag(0.1):
        return rate
    typed: Typed = {"rate": rate}
    if luck.flag(0.6):
        typed["accuracy"] = accuracy(s, by_auc=by_auc)
    if luck.flag(0.4):
        r_score, r_assessment = known_correlation(seen), known_correlation(typed.get("accuracy", "fair"))
        if r_score is not None and r_assessment is not None:
            reach = math.sqrt((1.0 - r_score**2) * (1.0 - r_assessment**2))
            typed["agreement"] = round(r_score * r_assessment + luck.real(-0.9, 0.9) * reach, 6)
    if luck.flag(0.7):
        typed["effort"] = luck.one_of(("25%", "0%", work(s, 0.1, 1.0)))
    if luck.flag(0.7):
        typed["rejected_to"] = "nurture" if nurtures and luck.flag(0.75) else "lost"
    return typed


def nurture(s: Sketch) -> Typed:
    """Return the programme for leads that are not ready."""
    luck = s.luck
    typed: Typed = {"delay": duration_or_none(s, 2.0, 120.0)}
    if luck.flag(0.85):
        typed["score_lift"] = number(luck, luck.real(0.2, 1.5) * s.score[1])
    if luck.flag(0.5):
        typed["quality_lift"] = number(luck, luck.real(0.05, 0.4)) if luck.flag(0.9) else "none"
    if luck.flag(0.5):
        typed["opt_out"] = share(luck.real(0.0, 0.4))
    if luck.flag(0.7):
        typed["cycles"] = luck.whole(1, 5)
    if luck.flag(0.2):
        typed["cost"] = 4
    if luck.flag(0.5):
        typed["patience"] = patience(s)
    return typed


BATCHES = ("daily 09:00", "Mon,Thu 09:00", "Mon-Fri 08:00, 12:30, 17:00", "Sun 23:45")


def handoff(s: Sketch, *, leak_only: bool = False) -> Typed:
    """At once, after a delay or in batches; with a leak. `leak_only`: a channel may leave the way to the default."""
    luck = s.luck
    way = luck.one_of(("instant", "delay", "batch", *(("",) if leak_only else ())))
    typed: Typed = {}
    if way == "instant":
        typed["instant"] = True
    elif way == "delay":
        typed["delay"] = "0 hours" if luck.flag(0.2) else duration_or_none(s, 0.5, 24.0)
    elif way == "batch":
        typed["batch"] = luck.one_of(BATCHES)
    if luck.flag(0.35) or not typed:
        typed["leak"] = share(luck.real(0.02, 0.3))
    return typed


def handoffs(s: Sketch) -> Typed:
    """By channel or default."""
    typed = {name: handoff(s, leak_only=True) for name in s.channels if s.luck.flag(0.4)}
    return {"default": handoff(s), **typed} if s.luck.flag(0.85) else typed


def speed(s: Sketch) -> Typed:
    """Draw odds by time to the first contact, by default and for some channel."""
    luck = s.luck
    tables: tuple[Typed, ...] = (
        {"0 hours": 1.0, "1 hour": 0.6, "24 hours": 0.2},
        {"30 minutes": "120%", "2 days": "50%"},
        {"6 hours": 0.7},
    )
    typed: Typed = {"default": {"odds": luck.one_of(tables)}}
    if luck.flag(0.6):
        typed["default"]["strength"] = luck.one_of((0.5, 1.5, 0))
    if luck.flag(0.4):
        own: Typed = {"strength": 0.8} if luck.flag(0.5) else {"odds": luck.one_of(tables)}
        typed[luck.one_of(s.channels)] = own
    return typed


CYCLE = "25 days"  # longer than all typed waits together


def stage(s: Sketch, name: str, *, nurtures: bool) -> Typed:
    """Return one stage; work only where a pool serves it."""
    luck = s.luck
    index = s.stages.index(name)
    pools = [pool for pool, home in s.homes.items() if name in home.stages]
    last = index == len(s.stages) - 1
    if luck.flag(0.1):
        conversion = "0%" if last and luck.flag(0.3) else "100%"
    else:
        conversion = share(luck.real(0.2, 0.9))
    typed: Typed = {"name": name, "conversion": conversion}
    if pools and luck.flag(0.7):
        typed["effort"] = work(s)
    elif len(pools) == 1 and luck.flag(0.4):
        typed["capacity"] = luck.one_of(("8 / business day", "20 / week", "6 / day"))
    if luck.flag(0.7):
        typed["quality_odds"] = luck.one_of((1.8, 3.0, 1, 0.7, "250%"))
    if luck.flag(0.9):
        typed["wait"] = wait(s, last=last)
    if luck.flag(0.35):
        typed["no_show"] = share(luck.real(0.05, 0.6))
        typed |= {"no_show_effort": luck.one_of(("50%", "0%", "100%"))} if luck.flag(0.6) else {}
    typed |= exits(s, nurtures=nurtures) if luck.flag(0.75) else {}
    if index > 0 and luck.flag(0.4):
        typed["handoff"] = handoff(s, leak_only=True)
    return typed


def wins_among(steps: Sequence[Typed]) -> float:
    """About the share of worked leads that win; 0 where more quality does not always help."""
    if any(step.get("quality_odds", 1.8) in (1, 0.7) for step in steps):
        return 0.0
    return math.prod(float(step["conversion"].rstrip("%")) / 100.0 for step in steps)


def tells_leads_apart(steps: Sequence[Typed]) -> bool:
    """Return whether quality decides enough about a win for an AUC to be reachable."""
    strong = [step for step in steps if step.get("quality_odds") in (3.0, "250%")]
    return wins_among(steps) > 0.0 and any(float(step["conversion"].rstrip("%")) < 80.0 for step in strong)


def wait(s: Sketch, *, last: bool = False) -> Any:
    """Draw customer's time before the task; at times none, before the last one at times for ever."""
    if last and s.luck.flag(0.06):
        return "never"
    return "0 hours" if s.luck.flag(0.25) else duration_or_none(s, *s.luck.one_of(((0.5, 6.0), (6.0, 60.0))))


def exits(s: Sketch, *, nurtures: bool) -> Typed:
    """Return where leads go that do not advance."""
    luck = s.luck
    nurture = luck.one_of((0, 30, 60, 100)) if nurtures else 0
    postponed = luck.one_of((0, 20, 40)) if nurture < 100 else 0
    parts = {"nurture": nurture, "postponed": postponed, "lost": 100 - nurture - postponed}
    typed: Typed = {"otherwise": {name: f"{part}%" for name, part in parts.items() if part}}
    if postponed or luck.flag(0.1):
        typed["postponed_for"] = duration_or_none(s, 1.0, 72.0)
    return typed


NAMES = ("SDR", "AE", "field sales", "desk", "Zebra", "b-team", "closers", "Überholer")
STRUCTURES = ("pooled", "dedicated", "hybrid")
ROUTINGS = ("shared queue", "round robin", "random")
DISCIPLINES = ("fifo", "newest first", "highest score first")
OPEN_DEALS = ("first", "last", "in turn")


def homes(luck: Chooser, channels: Sequence[str], stages: Sequence[str]) -> dict[str, Home]:
    """Draw who serves whom: stages may share a pool, split their channels over two, or need no rep."""
    groups: list[list[str]] = []
    for stage in stages:
        if groups and luck.flag(0.4):
            luck.one_of(groups).append(stage)
        else:
            groups.append([stage])
    names, found = shuffled(luck, NAMES), {}
    for group in groups:
        if luck.flag(0.12):
            continue
        if len(channels) > 1 and luck.flag(0.25):
            first = luck.whole(1, len(channels) - 1)
            found[names.pop()] = Home(tuple(group), tuple(channels[:first]))
            found[names.pop()] = Home(tuple(group), tuple(channels[first:]))
        else:
            found[names.pop()] = Home(tuple(group), ALL)
    if luck.flag(0.3):  # serves nobody yet
        found[names.pop()] = Home((luck.one_of(stages),), ())
    return found


def pool(s: Sketch, name: str) -> Typed:
    """Draw a pool that serves what the sketch says."""
    luck, home = s.luck, s.homes[name]
    typed: Typed = {"stages": list(home.stages)}
    if home.channels is not ALL:
        typed["channels"] = list(home.channels or ())
    typed["selling_time"] = luck.one_of(("100%", "60%", "35%"))
    if luck.flag(0.3):
        del typed["selling_time"]
    if luck.flag(0.35):
        typed["calendar"] = calendar(s)
    typed |= queue(luck)
    if luck.flag(0.12):
        return typed | {"reps": "unlimited"}
    typed |= people(s, s.served(name))
    if luck.flag(0.35):
        typed["routing"] = luck.one_of(ROUTINGS)
    if luck.flag(0.5):
        typed["ownership"] = luck.one_of(("rep", "pool"))
    if luck.flag(0.3):
        typed["load"] = load(luck)
    typed |= {"cost_per_rep": "75k / year", "commission": "8%"} if luck.flag(0.2) else {}
    return typed


def queue(luck: Chooser) -> Typed:
    """Return the order and limit of a queue."""
    typed: Typed = {}
    if luck.flag(0.6):
        typed["discipline"] = luck.one_of(DISCIPLINES)
    if luck.flag(0.5):
        typed["open_deals"] = luck.one_of(OPEN_DEALS if typed.get("discipline", "fifo") == "fifo" else OPEN_DEALS[:2])
    if luck.flag(0.3):
        typed["queue_limit"] = luck.one_of((0, 1, 3, 8, "unlimited"))
    return typed


def people(s: Sketch, served: Sequence[str]) -> Typed:
    """Draw structure with its teams, heads and hires; every team keeps a head."""
    luck = s.luck
    structure = luck.one_of(STRUCTURES) if luck.flag(0.6) else "pooled"
    teams = len(served) if structure != "pooled" else 0
    typed: Typed = {"reps": max(1, teams) + luck.one_of((0, 1, 2, 4)), "structure": structure}
    typed |= specialities(s) if teams and luck.flag(0.5) else {}
    if structure == "hybrid":
        typed["overflow"] = overflow(s, served)
    least = teams
    if teams and luck.flag(0.25):
        typed["teams"] = quotas(typed["reps"], served)
        least = typed["reps"]
    if luck.flag(0.4):
        typed["hires"] = hires(s, typed["reps"], least)
    return typed


def quotas(heads: int, served: Sequence[str]) -> Typed:
    """Draw heads by team: the first gets what the others leave."""
    return {name: 1 if k else heads - len(served) + 1 for k, name in enumerate(served)}


def overflow(s: Sketch, served: Sequence[str]) -> Any:
    """Return when teams help each other, and which."""
    luck = s.luck
    times = ("2 working hours", "0 hours", "45 minutes", "1 hour", "1 business day", "0 working hours", "never")
    after = luck.one_of(times)
    if luck.flag(0.2):
        return after
    typed: Typed = {"after": after}
    if luck.flag(0.5):
        typed["to"] = shuffled(luck, some_of(luck, served, 1))
    return typed


def hires(s: Sketch, heads: int, least: int) -> list[Typed]:
    """Draw who joins and leaves, never leaving fewer than `least`."""
    luck, found = s.luck, []
    for day in sorted(luck.whole(-s.run_in, s.days - 1) for _ in range(luck.whole(1, 3))):
        leave = heads > least and luck.flag(0.5)
        change = -luck.whole(1, heads - least) if leave else luck.whole(1, 2)
        heads += change
        hire: Typed = {"on": s.day(day, day), "reps": change}
        if change > 0 and luck.flag(0.5):
            hire["ramp"] = luck.one_of(("2 weeks", "10 days", "3 months"))
            hire |= {"start_at": share(luck.real(0.1, 0.9))} if luck.flag(0.6) else {}
        found.append(hire)
    return found


def least_heads(typed: Mapping[str, Any]) -> int:
    """Return the smallest headcount that a pool ever has."""
    heads = least = int(typed["reps"])
    for hire in sorted(typed.get("hires", ()), key=lambda hire: str(hire["on"])):
        heads += hire["reps"]
        least = min(least, heads)
    return least


def skill(luck: Chooser) -> Typed:
    """Draw odds, time or both."""
    both: Typed = {"odds": luck.one_of((1.3, 0.8, "150%")), "time": luck.one_of(("80%", 1.25))}
    kept = luck.one_of((("odds", "time"), ("odds",), ("time",)))
    return {name: both[name] for name in kept}


def specialities(s: Sketch) -> Typed:
    """Return what dedicated reps gain."""
    names = some_of(s.luck, ("default", *s.channels), 1)
    return {"specialised": {name: skill(s.luck) for name in names}}


def skills(s: Sketch) -> Typed:
    """Draw skills by pool and channel."""
    pools = some_of(s.luck, tuple(s.homes), 1)
    return {pool: {name: skill(s.luck) for name in some_of(s.luck, ("default", *s.channels), 1)} for pool in pools}


def load(luck: Chooser) -> Typed:
    """Return what many open leads do."""
    both: Typed = {"odds": {"1": 1.2, "4": 1.0, "10": 0.6}, "effort": {"0": 0.9, "3": 1.0, "8": "150%"}}
    kept = luck.one_of((("odds", "effort"), ("odds",), ("effort",)))
    strength = luck.one_of((1, 0.5, 0))
    return (
        {"strength": strength, **{name: both[name] for name in kept}} if luck.flag(0.6) else {n: both[n] for n in kept}
    )
