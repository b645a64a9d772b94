"""Closed forms on plain numbers: queues, the funnel's arithmetic, and the integrals behind selection by a score."""
