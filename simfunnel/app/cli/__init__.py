"""The command line: commands parse, call one function and print; those of studies stand together."""

from simfunnel.app.cli.entry import app, main

__all__ = ["app", "main"]
