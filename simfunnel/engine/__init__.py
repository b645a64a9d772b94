"""Engines: a Plan and a key of luck in, a Ledger out."""

from simfunnel.engine.reference.model import simulate

__all__ = ["simulate"]
