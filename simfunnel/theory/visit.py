"""What a stage does to a lead on one visit, as numbers that both engines draw by and all closed forms ask."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from simfunnel.arrays import Floats

Chance = TypeVar("Chance", float, Floats)


class Visit(NamedTuple):
    """One visit of a lead to a stage: tasks until the customer is there, then the decision, whose exit may lead back.

    Both engines draw by its fields; the closed forms ask its properties, so a new way out of a stage is written here.
    """

    no_show: float
    no_show_effort: float  # share of the drawn effort
    nurture_below: float  # exit draw u < this: nurture
    postponed_below: float  # else u < this: postponed; else lost

    @property
    def no_shows(self) -> float:
        """No-shows per meeting."""
        return self.no_show / (1.0 - self.no_show)

    @property
    def met(self) -> float:
        """Share of visits with a meeting in the end: all, since a no-show gets a new date."""
        return 1.0

    def again(self, chance: Chance) -> Chance:
        """Return the share of visits after which the lead comes again, at a chance to advance."""
        return self.met * (1.0 - chance) * (self.postponed_below - self.nurture_below)

    def onward(self, chance: Floats) -> Floats:
        """Return the share of leads that advance in the end, at a chance to advance on each visit."""
        return self.met * chance / (1.0 - self.again(chance))
