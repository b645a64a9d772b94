"""Simulated years: plans x replications as calls, packed, measured, and kept as samples."""
