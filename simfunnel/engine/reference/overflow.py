"""Overflow of a hybrid pool: who waits too long at home may be taken by another team whose own queue is empty."""

from __future__ import annotations

from collections.abc import Sequence

from simfunnel.engine.reference.state import Rep, Team, Ticket

Helpers = Sequence[Sequence[int]]  # by team: the teams that help it, in order


def overdue_task_for(helper: int, teams: list[Team], helpers: Helpers) -> tuple[Ticket, Rep] | None:
    """Return the first overdue task of other teams that `helper` may take, and the rep who takes it.

    Somebody at home who is free takes it before any helper, then the first listed team that can.
    """
    rep = _helping_rep(teams[helper])
    if rep is None:
        return None
    heads = []
    for home, team in enumerate(teams):
        if home == helper or not team.overdue:
            continue
        ticket = team.overdue[0]
        given_to = ticket[-1].given_to
        at_home = team.reps if given_to is None else [given_to]
        able = (each for each in helpers[home] if _helping_rep(teams[each]))
        if all(each.busy for each in at_home) and next(able, None) == helper:
            heads.append(ticket)
    return (min(heads), rep) if heads else None


def _helping_rep(team: Team) -> Rep | None:
    """Return who of a team helps others: with no task in the team's line, the first free rep without tasks of their
    own.
    """
    return None if team.line else next((rep for rep in team.idle() if not rep.line), None)
