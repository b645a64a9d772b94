"""simfunnel: test a change to a lead funnel before making it.

    import simfunnel as sf

    scenario = sf.load("scenarios/b2b.yaml")
    result = sf.compare(scenario, ["stricter"], replications=50)

Names are looked up on first use, so that importing the package loads nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simfunnel.errors import ArgumentError, Problem, ScenarioError, SimfunnelError, UnknownNameError
    from simfunnel.possible import check, load
    from simfunnel.scenario import Scenario, schema
    from simfunnel.study.bridge.result import BridgeResult
    from simfunnel.study.bridge.study import bridge
    from simfunnel.study.compare import CompareResult, compare
    from simfunnel.study.run.result import RunResult
    from simfunnel.study.run.study import run
    from simfunnel.study.sensitivity.result import SensitivityResult
    from simfunnel.study.sensitivity.study import sensitivity
    from simfunnel.study.sla import SlaResult, sla
    from simfunnel.study.sweep.result import SweepResult
    from simfunnel.study.sweep.study import sweep
    from simfunnel.study.target import TargetResult, target
    from simfunnel.verify.result import VerifyResult
    from simfunnel.verify.run import verify

_HOMES = {
    "__version__": "simfunnel.version",
    "ArgumentError": "simfunnel.errors",
    "BridgeResult": "simfunnel.study",
    "CompareResult": "simfunnel.study",
    "Problem": "simfunnel.errors",
    "RunResult": "simfunnel.study",
    "Scenario": "simfunnel.scenario",
    "ScenarioError": "simfunnel.errors",
    "SensitivityResult": "simfunnel.study",
    "SimfunnelError": "simfunnel.errors",
    "SlaResult": "simfunnel.study",
    "SweepResult": "simfunnel.study",
    "TargetResult": "simfunnel.study",
    "UnknownNameError": "simfunnel.errors",
    "VerifyResult": "simfunnel.verify",
    "bridge": "simfunnel.study",
    "check": "simfunnel.possible",
    "compare": "simfunnel.study",
    "load": "simfunnel.possible",
    "run": "simfunnel.study",
    "schema": "simfunnel.scenario",
    "sensitivity": "simfunnel.study",
    "sla": "simfunnel.study",
    "sweep": "simfunnel.study",
    "target": "simfunnel.study",
    "verify": "simfunnel.verify",
}

__all__ = [
    "ArgumentError",
    "BridgeResult",
    "CompareResult",
    "Problem",
    "RunResult",
    "Scenario",
    "ScenarioError",
    "SensitivityResult",
    "SimfunnelError",
    "SlaResult",
    "SweepResult",
    "TargetResult",
    "UnknownNameError",
    "VerifyResult",
    "bridge",
    "check",
    "compare",
    "load",
    "run",
    "schema",
    "sensitivity",
    "sla",
    "sweep",
    "target",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Look up a public name in the room where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'simfunnel' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
