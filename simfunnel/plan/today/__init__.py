"""Today's funnel in numbers: the static balance of the base, exact values, and the constants solved on it."""
