"""What a replication means in planners' numbers: array functions over Plan and Ledger, one table that names them."""

from simfunnel.metrics.causes import CAUSES, causes_of
from simfunnel.metrics.keys import Key, Measures
from simfunnel.metrics.measure import EVERYTHING, Wanted, keys_of, measure
from simfunnel.metrics.pairs import CHANGES, PairChanges, add_changes, pair_changes
from simfunnel.metrics.sla import clause_problems, promised_metrics
from simfunnel.metrics.table import TABLE, Metric

__all__ = [
    "CAUSES", "CHANGES", "EVERYTHING", "TABLE", "Key", "Measures", "Metric", "PairChanges", "Wanted", "add_changes",
    "causes_of", "clause_problems", "keys_of", "measure", "pair_changes", "promised_metrics",
]  # fmt: skip
