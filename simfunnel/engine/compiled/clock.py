"""The event heap: what happens next, by (hour, kind, order within the kind).

Binary, the hole of a dropped event sinking to a leaf before the last event fills it: measured against four children a
node and against the usual sinking, a fifth faster. Two events at one hour with one key are the same event again (a
timer or a patience set twice, a calendar that came back): the first one acts, the others find nothing left to do. So
the shape of the heap decides nothing.
"""

from __future__ import annotations

from simfunnel.engine.compiled.state import Run, event_at
from simfunnel.engine.order import key_of
from simfunnel.jit import compiled

OWN = -1  # tag of the one event that a lead itself waits for


@compiled
def push(s: Run, t: float, kind: int, order: int, who: int, tag: int) -> None:
    """Put an event at hour `t`; what would happen at or after the end never happens."""
    if not t < s.end_h:
        return
    if s.n_events >= s.event_room:
        s.full = True
        return
    hole = s.n_events
    s.n_events += 1
    _rises(s, hole, t, key_of(kind, order), who, tag)


@compiled
def drop_first(s: Run) -> None:
    """Take the first event off the heap."""
    s.n_events -= 1
    n, hole, child = s.n_events, 0, 1
    last = event_at(s, n)
    while child < n:
        one, other = event_at(s, child), event_at(s, child + 1)  # beyond the last child: `last`, which rises again
        # no branch: which child is the earlier one is a coin's toss, and a wrong guess costs more than the comparison
        child += (other.t < one.t) | ((other.t == one.t) & (other.key < one.key))
        node, other = event_at(s, hole), event_at(s, child)
        node.t, node.key, node.who, node.tag = other.t, other.key, other.who, other.tag
        hole, child = child, 2 * child + 1
    _rises(s, hole, last.t, last.key, last.who, last.tag)


@compiled
def _rises(s: Run, hole: int, t: float, key: int, who: int, tag: int) -> None:
    """Put an event into the hole, or above it as far as it comes before those there."""
    while hole > 0:
        above = (hole - 1) >> 1
        other = event_at(s, above)
        if other.t < t or (other.t == t and other.key < key):
            break
        node = event_at(s, hole)
        node.t, node.key, node.who, node.tag = other.t, other.key, other.who, other.tag
        hole = above
    node = event_at(s, hole)
    node.t, node.key, node.who, node.tag = t, key, who, tag
