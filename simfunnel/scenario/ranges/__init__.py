"""Typed ranges: find them, draw values from them, and list the inputs that studies vary."""
