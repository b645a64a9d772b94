"""simfunnel: test a change to a lead funnel before making it."""
