"""Studies: replications, pairs and what they say; executors, progress and stops come in as arguments."""

from simfunnel.study.bridge.result import REMAINDER, BridgePart, BridgeResult, BridgeTotal, ToTarget
from simfunnel.study.bridge.study import bridge
from simfunnel.study.check import CheckResult
from simfunnel.study.compare import CompareResult, LeadsView, MonthDifference, Transition, Trough, compare
from simfunnel.study.estimates import NOT_MEASURED, WHOLE, Amount, Difference, Estimate, Part
from simfunnel.study.header import Header
from simfunnel.study.overview import Leak, LeakValue, Marginal
from simfunnel.study.run.result import Allotment, RunResult
from simfunnel.study.run.study import run
from simfunnel.study.run.typed_rates import TypedRate
from simfunnel.study.sensitivity.draws import NotKnowing, Spread
from simfunnel.study.sensitivity.input_effects import End, InputEffect, LeastKnown
from simfunnel.study.sensitivity.result import Screened, SensitivityResult, Together
from simfunnel.study.sensitivity.study import sensitivity
from simfunnel.study.sla import BreachCause, Chance, ClauseKept, SlaResult, sla
from simfunnel.study.sweep.result import AtAccuracy, Figure, Fresh, Most, RidgeStep, SweepResult, SweptLevel
from simfunnel.study.sweep.study import OBJECTIVES, sweep
from simfunnel.study.target import TargetResult, target
from simfunnel.study.years.calls import compile_the_rest, warm_up
from simfunnel.study.years.ledgers import ledgers
from simfunnel.study.years.table import Years, levels
from simfunnel.study.years.work import Work

__all__ = [
    "NOT_MEASURED", "OBJECTIVES", "REMAINDER", "WHOLE", "Allotment", "Amount", "AtAccuracy", "BreachCause",
    "BridgePart", "BridgeResult", "BridgeTotal", "Chance", "CheckResult", "ClauseKept", "CompareResult", "Difference",
    "End", "Estimate", "Figure", "Fresh", "Header", "InputEffect", "LeadsView", "Leak", "LeakValue", "LeastKnown",
    "Marginal", "MonthDifference", "Most", "NotKnowing", "Part", "RidgeStep", "RunResult", "Screened",
    "SensitivityResult", "SlaResult", "Spread", "SweepResult", "SweptLevel", "TargetResult", "ToTarget", "Together",
    "Transition", "Trough", "TypedRate", "Work", "Years", "bridge", "compare", "compile_the_rest", "ledgers", "levels",
    "run", "sensitivity", "sla", "sweep", "target", "warm_up",
]  # fmt: skip
