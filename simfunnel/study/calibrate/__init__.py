"""Calibrate a base on pilot years: its constants, their noise, and constants of scenarios near it."""
