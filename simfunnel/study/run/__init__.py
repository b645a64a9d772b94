"""Run one plan: estimates, typed rates beside simulated ones, and what looks odd."""
