"""What a planner writes, read and judged: YAML in human units to a frozen `Scenario`."""
