"""Rank assumed and ranged inputs by their effect on revenue, and show what not knowing them costs."""
