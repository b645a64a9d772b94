"""Change a scenario: paths and overrides, what-ifs, phases, and levers of studies."""
