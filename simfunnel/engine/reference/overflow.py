"""Overflow of a hybrid pool: who waits too long at home may be taken by another team whose own queue is empty."""

from __future__ import annotations

from collections.abc import Sequence

from simfunnel.engine.reference.state import Lead, Rep, Team, Ticket

Helpers = Sequence[Sequence[int]]  # by team: the teams that help it, in order


def overdue_task_for(helper: int, teams: list[Team], helpers: Helpers) -> tuple[Ticket, Rep] | None:
    """Return the first overdue task of other teams that `helper` may take, and the rep who takes it."""
    rep = _helping_rep(teams[helper])
    if rep is None:
        return None
    heads = [
        team.overdue[0]
        for home, team in enumerate(teams)
        if home != helper and team.overdue and _taker(team.overdue[0][-1], home, teams, helpers) == helper
    ]
    return (min(heads), rep) if heads else None


def _helping_rep(team: Team) -> Rep | None:
    """Return who of a team helps others: with no task in the team's line, the first free rep without tasks of their
    own.
    """
    return None if team.line else next((rep for rep in team.idle() if not rep.line), None)


def _taker(lead: Lead, home: int, teams: list[Team], helpers: Helpers) -> int:
    """Return the team that takes an overdue lead: home if somebody there may, else the first listed one that can."""
    at_home = teams[home].reps if lead.given_to is None else [lead.given_to]
    if not all(rep.busy for rep in at_home):
        return home
    return next((helper for helper in helpers[home] if _helping_rep(teams[helper])), -1)
