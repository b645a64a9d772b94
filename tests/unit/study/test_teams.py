"""How heads are split is told for the pools and phases in which they are."""

from __future__ import annotations

from simfunnel.study.run.result import allotments
from tests.traces.harness import at, compiled, funnel, pool


def test_a_pool_that_serves_nobody_yet_is_told_from_the_phase_in_which_it_does() -> None:
    pools = {"desk": pool("call"), "spare": pool("call", channels=[], reps=2, structure="dedicated")}
    change = {"pools.desk.channels": [], "pools.spare.channels": ["a", "b"]}
    plan = compiled(funnel({"a": at(10), "b": at(10)}, pools=pools, what_ifs={"change": change}), ["change"])

    told = allotments("change", plan)
    assert [(one.pool, one.phase, dict(one.heads)) for one in told] == [("spare", 1, {"a": 1, "b": 1})]
