"""How fast it is: scripts to run from the checkout (each has --help), and groups for `pytest benchmarks -n 0`."""
