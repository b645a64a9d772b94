"""This project's engines beside plain SimPy, a C loop and other simulators: one workload, in turns, one table.

python benchmarks/peers.py                      speed at 10,000 leads and agreement of means
python benchmarks/peers.py --million --write    also 1,000,000 leads, and put the table into docs/background
python benchmarks/peers.py --ten-million        only 10,000,000 leads: seconds and peak memory (--write: into the page)
python benchmarks/peers.py --only compiled,C    only players whose names have one of these words (plain SimPy always)
python benchmarks/peers.py --reference FILE     also `run(n, seed)` of another module

Seconds are processor time (nobody here waits for anything). Every measurement has a process of its own, ratios are
taken round by round, so that the machine's mood hits all alike; quote ratios, not milliseconds. What is not installed
is left out and said: `pip install cimba salabim ciw` and a C compiler make the table whole.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import c_loop, machine, markdown
from benchmarks.players import C_LOOP, COMPILED, PLAIN, PLAYERS, REFERENCE, Player, absence
from benchmarks.turns import Turn, in_turns, say, turn

PLACE, LARGEST_PLACE = "peers", "ten-million"
PACKAGES = ("numpy", "numba", "simpy", "cimba", "salabim", "ciw")
COMPARED = ("leads", "mqls", "tasks", "went_cold", "wins", "revenue")
OURS_MUST_AGREE = ("leads", "mqls", "tasks")  # elsewhere the model is another one, see funnel_bench.yaml
WITHIN = 0.02
LEAST_TIMES, LEAST_SHARE, MOST_GROWTH, MOST_GIB = 20, 0.40, 1.2, 6  # what the compiled engine is held to
WIDEST_Z = 4.0  # some 30 comparisons in a table: a false alarm in 1 of 500 runs
MILLION, TEN_MILLION = 1_000_000, 10_000_000
Turns = Mapping[str, Sequence[Turn]]


@dataclass
class Large:
    """What was measured at 1,000,000 leads: turns there, and beside each of them one at the small size."""

    large: dict[str, list[Turn]] = field(default_factory=dict)
    small: dict[str, list[Turn]] = field(default_factory=dict)

    def growth(self, name: str) -> list[float]:
        """Cost of a lead at the large size in terms of the small size, by round."""
        pairs = zip(self.large.get(name, []), self.small.get(name, []), strict=True)
        return [large.seconds_a_lead / small.seconds_a_lead for large, small in pairs]


def ratios(turns: Turns, name: str, base: str) -> list[float]:
    """How many times faster than `base`, by round; empty when `base` does not play."""
    if base not in turns:
        return []
    return [theirs.seconds_a_lead / mine.seconds_a_lead for theirs, mine in zip(turns[base], turns[name], strict=True)]


def at_a_million(players: Sequence[Player], n: int, rounds: int) -> Large:
    """Both sizes in turns; whoever takes a minute at the large one plays one round."""
    found = Large()
    for k in range(rounds):
        for player in players:
            is_slow = player.name not in (COMPILED, C_LOOP)
            if player.most_leads < MILLION or (k and is_slow):
                continue
            for where, size, budget in ((found.small, n, 1.0), (found.large, MILLION, 0.0)):
                where.setdefault(player.name, []).append(turn(player, size, 1 + 1000 * k, budget))
            told = f"{found.growth(player.name)[-1]:.2f} times as much a lead as at {n:,}"
            say(f"n={MILLION:,} round {k + 1} of {rounds}, {player.name}: {told}")
    return found


def speed_table(turns: Turns, large: Large) -> str:
    """Everything as one Markdown table."""
    head = ["", "leads a second", f"x {PLAIN}", "share of the C loop"]
    if large.large:
        head += ["cost of a lead at 1,000,000, in terms of 10,000", "the same, C loop = 1", "peak bytes a lead"]
    rows = []
    for name, measured in turns.items():
        share = ratios(turns, name, C_LOOP)
        row = [
            name,
            f"{1 / statistics.median(each.seconds_a_lead for each in measured):,.0f}",
            "1" if name == PLAIN else shown(ratios(turns, name, PLAIN)),
            f"{statistics.median(share):.1%}" if share else "-",
        ]
        rows.append(row + large_cells(large, name) if large.large else row)
    return markdown.table(head, rows)


def large_cells(large: Large, name: str) -> list[str]:
    """Growth, growth relative to the C loop's, and memory of one player."""
    if name not in large.large:
        return ["-"] * 3
    growth, of_c = large.growth(name), large.growth(C_LOOP)
    relative = [mine / theirs for mine, theirs in zip(growth, of_c, strict=False)]
    bytes_a_lead = statistics.median(each.bytes_a_lead for each in large.large[name])
    return [markdown.spread(growth), markdown.spread(relative) if relative else "-", f"{bytes_a_lead:,.0f}"]


def goals(turns: Turns, large: Large) -> str:
    """What the compiled engine is held to in this table, and whether it is met; empty when it does not play."""
    held: list[tuple[str, str, bool]] = []
    if COMPILED in turns:
        times = statistics.median(ratios(turns, COMPILED, PLAIN))
        held.append((f"at least {LEAST_TIMES} times {PLAIN}", f"{times:.1f} times", times >= LEAST_TIMES))
    if share := ratios(turns, COMPILED, C_LOOP) if COMPILED in turns else []:
        reached = statistics.median(share)
        held.append((f"at least {LEAST_SHARE:.0%} of the C loop's speed", f"{reached:.1%}", reached >= LEAST_SHARE))
    pairs = zip(large.growth(COMPILED), large.growth(C_LOOP), strict=False)
    if relative := [mine / theirs for mine, theirs in pairs]:
        grown = statistics.median(relative)
        goal = f"the cost of a lead grows to 1,000,000 leads at most {MOST_GROWTH} times as much as the C loop's"
        held.append((goal, f"{grown:.2f} times", grown <= MOST_GROWTH))
    return markdown.goals(held)


def shown(values: Sequence[float]) -> str:
    """Median and range with as many digits as they deserve."""
    return markdown.spread(values, 1 if statistics.median(values) >= 10 else 2)


def disagreements(turns: Turns, players: Sequence[Player]) -> list[str]:
    """Print means beside each other; what is further from plain SimPy than it may be."""
    base = {name: [out[name] for one in turns[PLAIN] for out in one.outs] for name in COMPARED}
    print(f"\nMeans over replications; plain SimPy: {len(base['leads'])} replications")
    print(f"{'':22}{'n':>6}" + "".join(f"{name:>12}" for name in COMPARED))
    print(f"{PLAIN:22}{len(base['leads']):6}" + "".join(f"{statistics.mean(base[name]):12,.1f}" for name in COMPARED))
    wrong = []
    for player in players:
        if player.name in (PLAIN, REFERENCE) or player.name not in turns:
            continue
        outs = [out for one in turns[player.name] for out in one.outs]
        cells = []
        for name in COMPARED:
            apart, z = apart_from([out[name] for out in outs], base[name])
            cells.append(f"{apart:+.2%}")
            if (abs(apart) > WITHIN and name in OURS_MUST_AGREE) if player.is_ours else abs(z) > WIDEST_Z:
                wrong.append(f"{player.name}: {name} is {apart:+.2%} off, {z:+.1f} standard errors")
        print(f"{player.name:22}{len(outs):6}" + "".join(f"{cell:>12}" for cell in cells))
    return wrong


def apart_from(mine: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """(relative difference of means, the same in standard errors), with the spread of the base for both."""
    base = statistics.mean(theirs)
    apart = statistics.mean(mine) - base
    error = statistics.stdev(theirs) * math.sqrt(1 / len(mine) + 1 / len(theirs)) if len(theirs) > 1 else math.inf
    return apart / base if base else math.nan, apart / error if error else math.copysign(
        math.inf, apart
    ) if apart else 0.0


def present(options: argparse.Namespace) -> list[Player]:
    """Who plays; says who does not."""
    players = []
    for player in PLAYERS:
        words = [word.strip().lower() for word in options.only.split(",")] if options.only else [""]
        if player.name != PLAIN and not any(word in player.name.lower() for word in words):
            continue
        if why := absence(player):
            say(f"{player.name} is left out: {why}")
        else:
            players.append(player)
    if options.reference:
        players.append(Player(REFERENCE, module=str(Path(options.reference).resolve()), most_leads=100_000))
    return players


def ten_million(options: argparse.Namespace, players: Sequence[Player]) -> int:
    """Measure, print and maybe write seconds and peak memory of one replication of 10,000,000 leads."""
    load = machine.load()
    able = [player for player in players if player.most_leads >= TEN_MILLION]
    if COMPILED not in [player.name for player in able]:
        say(f"{COMPILED} is not here: nobody else of ours bears {TEN_MILLION:,} leads")
    rows, held = [], []
    for player in able:
        one = turn(player, TEN_MILLION, 1, 0.0)
        rows.append([
            player.name, f"{one.leads:,.0f}", f"{one.outs[0]['seconds']:.1f}", f"{one.peak / machine.GIB:.2f}",
            f"{one.bytes_a_lead:,.0f}",
        ])  # fmt: skip
        if player.name == COMPILED:
            gib = one.peak / machine.GIB
            goal = f"10,000,000 leads within {MOST_GIB} GiB, the columns of the ledger included"
            held.append((goal, f"{gib:.2f} GiB", gib <= MOST_GIB))
    text = (
        f"{markdown.table(['', 'leads', 'seconds', 'peak of the process, GiB', 'bytes a lead'], rows)}\n\n"
        f"{markdown.goals(held)}\n\n"
        f"One replication each (`{markdown.command()}`). {machine.described(PACKAGES, started_under=load)}"
    )
    print(text)
    if options.write:
        markdown.put(LARGEST_PLACE, text)
    return 0


def compare(options: argparse.Namespace, players: Sequence[Player]) -> int:
    """Measure, print and maybe write the table; 1 when means that must agree do not."""
    load = machine.load()
    turns = in_turns(players, options.n, options.rounds, options.budget)
    large = at_a_million(players, options.n, options.large_rounds) if options.million else Large()
    wrong = disagreements(turns, players)
    compiler = c_loop.compiler() if C_LOOP in turns else None
    text = (
        f"{speed_table(turns, large)}\n\n{goals(turns, large)}\n\n"
        f"Medians over {options.rounds} rounds at {options.n:,} leads, by round in brackets (`{markdown.command()}`). "
        f"{machine.described(PACKAGES, compiler, load)}"
    )
    print(f"\n{text}")
    if options.write:
        markdown.put(PLACE, text)
    for line in wrong:
        print(f"does not agree: {line}", file=sys.stderr)
    return 1 if wrong else 0


def main() -> int:
    """Parse the options and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000, help="leads (10,000)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of turns (7)")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of replications a turn (1)")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 leads")
    parser.add_argument("--large-rounds", type=int, default=5, help="rounds there of whoever is fast (5)")
    parser.add_argument("--ten-million", action="store_true", help="only one replication of 10,000,000 leads")
    parser.add_argument("--only", default="", metavar="WORDS", help="only players with one of these words, by comma")
    parser.add_argument("--reference", metavar="FILE", help="another module with run(n, seed), in the same turns")
    parser.add_argument("--write", action="store_true", help=f"put the table into {markdown.PAGE.name}")
    options = parser.parse_args()
    if options.n < 100 or options.rounds < 1 or options.large_rounds < 1 or options.budget < 0:
        parser.error("at least 100 leads, 1 round and a budget that is not negative are needed")
    if options.write and options.only:
        parser.error("--write wants all players: leave out --only")
    players = present(options)
    return ten_million(options, players) if options.ten_million else compare(options, players)


if __name__ == "__main__":
    sys.exit(main())
