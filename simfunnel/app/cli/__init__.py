"""The command line: one file per command; each parses, calls one study function and prints."""

from simfunnel.app.cli.entry import app, main

__all__ = ["app", "main"]
