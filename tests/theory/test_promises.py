"""A call centre's goal against Erlang C: so many of 100 calls within so many seconds."""

from __future__ import annotations

import math

import numpy as np

from simfunnel import study
from simfunnel.metrics import Key
from simfunnel.scenario import parse
from simfunnel.theory.erlang import mmc_wait_tail

CALL = 330.0 / 3600.0
MOST_ERRORS = 4.0
CALLS = {
    "period": {"start": "2027-02-01", "months": 1, "run_in": "1 day"},
    "calendar": "always",
    "channels": {"calls": {"leads": "42000 / week", "deal_value": 1, "day_to_day_swing": 0}},
    "qualification": {"mql_rate": "100%"},
    "handoff": {"default": {"instant": True}},
    "pools": {"Agents": {"stages": ["call"], "reps": 28, "selling_time": "100%"}},
    "stages": [{"name": "call", "conversion": "100%", "effort": {"mean": "330 seconds"}}],
    "sla": {"sales": {"response": "80% within 30 seconds"}},
}


def test_the_share_answered_within_30_seconds_is_that_of_erlang_c() -> None:
    exact = 1.0 - mmc_wait_tail(250.0, 1.0 / CALL, 28, 30.0 / 3600.0)
    assert round(exact, 4) == 0.8569
    (sample,) = study.run(parse(CALLS), replications=4).samples.values()
    shares = sample.only([Key("sla_value", part="sales.response")]).ratios()[:, 0]
    error = float(np.std(shares, ddof=1)) / math.sqrt(len(shares))
    assert error <= 0.01 * exact
    assert abs(float(np.mean(shares)) - exact) <= MOST_ERRORS * error
