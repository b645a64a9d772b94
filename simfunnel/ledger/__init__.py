"""The columns an engine writes, and how they are saved."""

from simfunnel.ledger.model import Ledger, Table, empty_table

__all__ = ["Ledger", "Table", "empty_table"]
