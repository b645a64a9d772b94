"""Studies: replications, pairs and what they say; executors, progress and stops come in as arguments."""

from simfunnel.study.bars import End, InputBar, Known
from simfunnel.study.bridge import bridge
from simfunnel.study.bridge_result import REMAINDER, BridgePart, BridgeResult, BridgeTotal, ToTarget
from simfunnel.study.compare import compare
from simfunnel.study.leaks import Leak
from simfunnel.study.ledgers import ledgers
from simfunnel.study.levels import Levels, levels
from simfunnel.study.replicate import Work
from simfunnel.study.result import (
    WHOLE,
    Amount,
    CompareResult,
    Difference,
    Estimate,
    LeadsView,
    LeakValue,
    OneMore,
    Part,
    RunResult,
    TypedRate,
)
from simfunnel.study.run import run
from simfunnel.study.sensitivity import sensitivity
from simfunnel.study.sensitivity_result import Screened, SensitivityResult, Together
from simfunnel.study.sla import sla
from simfunnel.study.sla_result import BreachCause, Chance, ClauseKept, SlaResult
from simfunnel.study.spread import NotKnowing, Spread
from simfunnel.study.sweep import OBJECTIVES, sweep
from simfunnel.study.sweep_result import AtAccuracy, Figure, Fresh, Most, RidgeStep, SweepResult, SweptLevel
from simfunnel.study.target import TargetResult, target
from simfunnel.study.teams import Allotment
from simfunnel.study.transition import MonthDifference, Transition, Trough
from simfunnel.study.warm import warm_up

__all__ = [
    "OBJECTIVES",
    "REMAINDER",
    "WHOLE",
    "Allotment",
    "Amount",
    "AtAccuracy",
    "BreachCause",
    "BridgePart",
    "BridgeResult",
    "BridgeTotal",
    "Chance",
    "ClauseKept",
    "CompareResult",
    "Difference",
    "End",
    "Estimate",
    "Figure",
    "Fresh",
    "InputBar",
    "Known",
    "LeadsView",
    "Leak",
    "LeakValue",
    "Levels",
    "MonthDifference",
    "Most",
    "NotKnowing",
    "OneMore",
    "Part",
    "RidgeStep",
    "RunResult",
    "Screened",
    "SensitivityResult",
    "SlaResult",
    "Spread",
    "SweepResult",
    "SweptLevel",
    "TargetResult",
    "ToTarget",
    "Together",
    "Transition",
    "Trough",
    "TypedRate",
    "Work",
    "bridge",
    "compare",
    "ledgers",
    "levels",
    "run",
    "sensitivity",
    "sla",
    "sweep",
    "target",
    "warm_up",
]
