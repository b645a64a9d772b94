"""What it takes to reach a target: the calculator backwards, the truth by simulation, and what stands in the way."""

from simfunnel.study.target.calculator import Piece, Why
from simfunnel.study.target.limits import Chance, LastDates, Limit
from simfunnel.study.target.moves import TargetGoal
from simfunnel.study.target.result import Alone, LeverFound, TargetResult
from simfunnel.study.target.study import target

__all__ = [
    "Alone", "Chance", "LastDates", "LeverFound", "Limit", "Piece", "TargetGoal", "TargetResult", "Why", "target",
]  # fmt: skip
