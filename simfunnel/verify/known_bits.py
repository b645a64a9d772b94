"""Bits that every machine must have: elementary functions at pinned places, and a small ledger to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import elementary, gamma, lognormal, quantile_of, weibull
from simfunnel.engine import SIMPY, simulate
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import TABLES
from simfunnel.verify.figures import Figure
from simfunnel.verify.scenes import Typed, plan_of

Floats = NDArray[np.float64]

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
    """The functions that all luck and every constant of a plan go through, at pinned places, to the last bit."""
    found = []
    for name, (function, known) in FUNCTIONS.items():
        values: Floats = np.array([function(x) for x in STEPS])
        found.append(_same(name, _number(values.tobytes()), known))
    return found


def ledger_bits() -> list[Figure]:
    """A small funnel on the SimPy engine, its constants solved on this machine: every byte of its ledgers."""
    plan = plan_of(FUNNEL)
    ledgers = [simulate(plan, LEDGER_SEED, replication, SIMPY) for replication in range(len(LEDGERS))]
    return [
        _same(f"ledger of replication {replication}", _number(_bytes(ledger)), known)
        for replication, (ledger, known) in enumerate(zip(ledgers, LEDGERS, strict=True))
    ]


def _bytes(ledger: Ledger) -> bytes:
    return b"".join(
        ledger.table(table)[column.name].astype(column.dtype, copy=False).tobytes()
        for table, columns in TABLES.items()
        for column in columns
    )


def _number(content: bytes) -> int:
    """The first 52 bits of a SHA-256, which a float holds exactly."""
    return int(hashlib.sha256(content).hexdigest()[:13], 16)


def _same(name: str, seen: int, known: int) -> Figure:
    return Figure(name, float(seen), float(known), 0.0, "" if seen == known else f"{name}: {WHY}")
