"""What it takes to reach a target: the calculator backwards, the truth by simulation, and what stands in the way."""

from simfunnel.study.target.goal import TargetGoal
from simfunnel.study.target.limits import Chance, Limit
from simfunnel.study.target.result import Alone, LeverFound, TargetResult
from simfunnel.study.target.study import target
from simfunnel.study.target.timing import LastDates
from simfunnel.study.target.why import Piece, Why

__all__ = [
    "Alone", "Chance", "LastDates", "LeverFound", "Limit", "Piece", "TargetGoal", "TargetResult", "Why", "target",
]  # fmt: skip
