"""The screen of one lead's story."""

from __future__ import annotations

from simfunnel.report.story import Story
from simfunnel.report.terminal import Page

WHEN_WIDTH = 23


def story_screen(told: Story, width: int = 100, colour: bool = False) -> str:
    """The story as a page of text, at most `width` columns; times are the scenario's local times."""
    page = Page(width, colour)
    page.title(f"Lead {told.lead}", f"number {told.number}, seed {told.seed}, replication {told.replication}")
    day = ""
    for moment in told.moments:
        date = f"{moment.at:%a} {moment.at.day} {moment.at:%b %Y}"
        page.line(f"{'' if date == day else date:<16} {moment.at:%H:%M}", moment.text, WHEN_WIDTH + 1)
        day = date
    page.blank()
    page.line("", "A task advances when the draw lies below the chance.", 0)
    return page.text()
