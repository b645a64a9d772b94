"""Known answers: bits of elementary functions and bytes of ledgers, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions import (
    Dist,
    elementary,
    exponential,
    gamma,
    lognormal,
    normal,
    quantile_of,
    quantiles_of,
    triangular,
    uniform,
    weibull,
)
from simfunnel.engine import SIMPY, simulate
from simfunnel.ledger.columns import TABLES
from simfunnel.streams import name_hash, philox, source_hash
from simfunnel.streams import uniform as luck
from simfunnel.verify.judging import Figure, within
from simfunnel.verify.small_funnels import Typed, plan_of

STEPS = (np.arange(1, 2000) / 2000.0).tolist()  # quotients of whole numbers: alike on every machine

# name -> the function at every step, and the first 52 bits of the SHA-256 of all values
FUNCTIONS: dict[str, tuple[Callable[[float], float], int]] = {
    "log": (elementary.log, 0x67AA83468F25C),
    "log1p": (lambda x: elementary.log1p(2.0 * x - 1.0), 0xEA671659C9334),
    "exp": (lambda x: elementary.exp(80.0 * x - 40.0), 0x7A11E14C79049),
    "expm1": (lambda x: elementary.expm1(8.0 * x - 4.0), 0x04E6C6F9437F2),
    "power": (lambda x: elementary.power(8.0 * x, 1.7), 0x93B7F1A6CE993),
    "logit": (elementary.logit, 0x94E1D07EBC25B),
    "normal share": (lambda x: elementary.ndtr(16.0 * x - 8.0), 0x46D71C6EB4246),
    "normal quantile": (elementary.ndtri, 0xA4976EE328C8F),
    "log gamma": (lambda x: elementary.log_gamma(30.0 * x), 0xF7F247BEE5B33),
    "lognormal": (lambda u: quantile_of(lognormal(median=3.0, p90=20.0), u), 0x394F73E302ED8),
    "gamma": (lambda u: quantile_of(gamma(2.0, 0.7), u), 0xD962882E8B81C),
    "weibull": (lambda u: quantile_of(weibull(2.0, 0.7), u), 0xBBBCFDD2AED01),
}

# three weeks of everything that goes through a logarithm or an exponential, constants that are solved included
FUNNEL: Typed = {
    "period": {"start": "2027-01-04", "weeks": 3, "run_in": "1 week"},
    "calendar": {"days": "Mon-Fri", "hours": "09:00-17:00"},
    "channels": {
        "web": {
            "leads": "60 / week",
            "growth": "40%",
            "win_rate": "6%",
            "deal_value": {"median": "9k", "p90": "30k"},
            "value_quality": 0.5,
            "patience": {"family": "weibull", "mean": "2 days", "cv": 1.3},
        },
        "chat": {
            "leads": "30 / week",
            "win_rate": "9%",
            "hours_of_week": "business",
            "deal_value": {"family": "gamma", "mean": "8k", "cv": 1.2},
            "patience": {"median": "4 hours"},
        },
    },
    "score": {"mean": 50, "sd": 20, "accuracy": {"auc": 0.62}},
    "qualification": {"mql_rate": "50%", "near_miss": 10},
    "acceptance": {"rate": "70%", "rejected_to": "nurture"},
    "handoff": {"default": {"delay": {"median": "2 hours", "p90": "9 hours"}, "leak": "3%"}},
    "speed_to_lead": {"default": {"strength": 0.8, "odds": {"0 hours": 1, "1 hour": 0.7, "24 hours": 0.3}}},
    "pools": {
        "SDR": {"stages": ["call"], "reps": 2, "selling_time": "60%"},
        "AE": {
            "stages": ["close"],
            "reps": 2,
            "selling_time": "60%",
            "load": {"strength": 0.6, "odds": {2: 1, 9: 0.7}, "effort": {2: 1, 9: 1.2}},
        },
    },
    "stages": [
        {"name": "call", "effort": {"mean": "1 hour", "cv": 0.8}, "conversion": "50%"},
        {"name": "close", "effort": {"mean": "2 hours", "cv": 0.6}, "wait": {"median": "2 days"}, "conversion": "40%"},
    ],
    "nurture": {"delay": {"median": "3 days"}, "score_lift": {"mean": 6, "sd": 8}, "opt_out": "10%", "cycles": 2},
}
LEDGERS = (0x821630CC29EA4, 0x30FB5E2189BB7)  # two replications
LEDGER_SEED = 7
WHY = "the bits are not those of other machines: the same seed gives other ledgers here"


def elementary_bits() -> list[Figure]:
    """Return the functions that all luck and every constant of a plan go through, at pinned places, to the last bit."""
    found = []
    for name, (function, known) in FUNCTIONS.items():
        values: Floats = np.array([function(x) for x in STEPS])
        found.append(_same(name, _number(values.tobytes()), known))
    return found


def ledger_bits() -> list[Figure]:
    """Simulate a small funnel on the SimPy engine, its constants solved on this machine: every byte of its ledgers."""
    plan = plan_of(FUNNEL)
    found = []
    for replication, known in enumerate(LEDGERS):
        ledger = simulate(plan, LEDGER_SEED, replication, SIMPY)
        content = b"".join(
            ledger.table(table)[column.name].astype(column.dtype, copy=False).tobytes()
            for table, columns in TABLES.items()
            for column in columns
        )
        found.append(_same(f"ledger of replication {replication}", _number(content), known))
    return found


def _number(content: bytes) -> int:
    """The first 52 bits of a SHA-256, which a float holds exactly."""
    return int(hashlib.sha256(content).hexdigest()[:13], 16)


def _same(name: str, seen: int, known: int) -> Figure:
    return Figure(name, float(seen), float(known), 0.0, "" if seen == known else f"{name}: {WHY}")


# counter, key, block: Random123 (Salmon, Moraes, Dror and Shaw 2011), file kat_vectors, lines "philox4x32 10"
PUBLISHED = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)

# (seed, replication, lead, purpose, stage, count) and the 52 bits of its number: the first two words of the block,
# worked out apart from this package in whole numbers; the number itself is (bits + 1/2) / 2^52
PINNED = (
    ((0, 0, 0, 0, 0, 0), 0x6627E8D5E169C),
    ((1, 0, 0, 0, 0, 0), 0xE3E80670E50A0),
    ((1, 7, 18250786612883849217, 17, 1541533561, 3), 0x0728A23865E00),
    ((2**32 - 1, 2**32 - 1, 2**64 - 1, 29, 2**32 - 1, 2**24 - 1), 0x1ED6390E21910),
    ((20270104, 199, 2**40, 15, 77, 1), 0x640E45EFFF6C9),
    ((3141592653, 2, 5909759893803369121, 4, 0, 0), 0x91046A797EECD),
)

# names enter luck by these whole numbers in every release
NAMES = (("demo", 1541533561),)
SOURCES = ((("website",), 16599872), (("webinar", "spring summit"), 2193306))

# families as the model uses them, and how far from scipy's quantiles ours may be, as a share of the value
QUANTILES: tuple[tuple[str, Dist, float], ...] = (
    ("normal", normal(0.0, 1.0), 4e-15),
    ("exponential", exponential(7.0), 1e-12),
    ("lognormal", lognormal(mean=10.0, cv=1.5), 1e-12),
    ("weibull", weibull(3.0, 0.5), 1e-12),
    ("wide weibull", weibull(3.0, 2.0), 1e-12),
    ("uniform", uniform(2.0, 5.0), 1e-12),
    ("triangular", triangular(1.0, 2.0, 6.0), 1e-12),
    ("gamma", gamma(2.0, 1.0), 1e-10),
    ("wide gamma", gamma(2.0, 3.0), 1e-10),
    ("narrow gamma", gamma(2.0, 0.1), 1e-10),
)
LEVELS = np.concatenate(
    [np.geomspace(1e-16, 1e-3, 60), np.linspace(1e-3, 1.0 - 1e-3, 501), 1.0 - np.geomspace(1e-3, 2e-16, 60)]
)


def published_blocks() -> list[Figure]:
    """Return the generator's three published blocks, word by word."""
    found = []
    for counter, key, block in PUBLISHED:
        words = philox(*(int(word, 16) for word in f"{counter} {key}".split()))
        right = sum(word == int(known, 16) for word, known in zip(words, block.split(), strict=True))
        found.append(within(f"words of counter {counter} key {key}", right, 4))
    return found


def pinned_numbers() -> list[Figure]:
    """Return uniform numbers of keys from both ends and the middle of their range, to the last bit."""
    return [within(f"uniform{key}", luck(*key), (bits + 0.5) / 2**52) for key, bits in PINNED]


def pinned_names() -> list[Figure]:
    """Return the whole numbers by which stages, channels and campaigns enter luck."""
    stages = [within(f"stage {name}", name_hash(name), known) for name, known in NAMES]
    return stages + [within(f"channel {'/'.join(names)}", source_hash(*names), known) for names, known in SOURCES]


def quantiles_beside_scipy() -> list[Figure]:
    """Return the largest distance of each family's quantiles from scipy's, as a share of the value, far tails too."""
    found = []
    for name, dist, allowed in QUANTILES:
        ours, theirs = np.array([quantile_of(dist, u) for u in LEVELS.tolist()]), quantiles_of(dist, LEVELS)
        gap = np.abs(ours - theirs) / np.where(theirs == 0.0, 1.0, np.abs(theirs))
        found.append(within(name, float(gap.max()), 0.0, allowed))
    return found


@dataclass(frozen=True)
class KnownAnswer:
    """One set of known answers: its name, what it is, where the answers come from, and how to ask."""

    name: str
    title: str
    source: str
    figures: Callable[[], list[Figure]]


KNOWN_ANSWERS = (
    KnownAnswer("philox", "blocks of Philox4x32-10", "Random123, Salmon et al. 2011", published_blocks),
    KnownAnswer("uniform", "uniform numbers by key", "worked out in whole numbers", pinned_numbers),
    KnownAnswer("names", "names that enter luck", "every release", pinned_names),
    KnownAnswer("quantiles", "quantiles beside scipy's", "scipy.special", quantiles_beside_scipy),
    KnownAnswer("bits", "elementary functions, last bits", "every machine", elementary_bits),
    KnownAnswer("ledger", "bytes of a small ledger", "every machine", ledger_bits),
)
