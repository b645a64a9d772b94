"""Does it still hold: random funnels for both engines, ledgers compared to the byte."""
