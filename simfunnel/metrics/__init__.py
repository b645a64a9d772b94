"""What a replication means in planners' numbers: array functions over Plan and Ledger, one table that names them."""

from simfunnel.metrics.keys import Key, Measures
from simfunnel.metrics.measure import keys_of, measure
from simfunnel.metrics.table import TABLE, Metric

__all__ = ["TABLE", "Key", "Measures", "Metric", "keys_of", "measure"]
