"""Sweep levers over a grid: curves, the best level, and search where the grid is too large."""
