"""The event heap: what happens next, by (hour, kind, order within the kind).

Four children a node: half as deep as a binary heap, and a node's children lie side by side. The order is total, so the
shape of the heap decides nothing.
"""

from __future__ import annotations

from simfunnel.engine.compiled.reach import event_at
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled

COMPLETION, WORLD, READY, PATIENCE = 0, 1, 2, 4  # the steps of one instant; 3 is assignment, which is no event
KIND_BITS = 40  # key = kind << 40 | order within the kind
BEFORE_ASSIGNMENT, ANY_KIND = 3 << KIND_BITS, 5 << KIND_BITS
ORDER = (1 << KIND_BITS) - 1
OWN = -1  # tag of the one event that a lead itself waits for


@compiled
def push(s: Run, t: float, kind: int, order: int, who: int, tag: int) -> None:
    """Put an event at hour `t`; what would happen at or after the end never happens."""
    if not t < s.end_h:
        return
    if s.n_events >= s.event_room:
        s.full = True
        return
    i = s.n_events
    key = (kind << KIND_BITS) | int(order)
    s.n_events += 1
    while i > 0:
        above = (i - 1) >> 2
        other = event_at(s, above)
        if other.t < t or (other.t == t and other.key < key):
            break
        node = event_at(s, i)
        node.t, node.key, node.who, node.tag = other.t, other.key, other.who, other.tag
        i = above
    node = event_at(s, i)
    node.t, node.key, node.who, node.tag = t, key, who, tag


@compiled
def drop_first(s: Run) -> None:
    """Take the first event off the heap."""
    s.n_events -= 1
    n = s.n_events
    last = event_at(s, n)
    t, key = last.t, last.key
    i = 0
    while True:
        below = 4 * i + 1
        if below >= n:
            break
        best = below
        first = event_at(s, below)
        best_t, best_key = first.t, first.key
        for child in range(below + 1, min(below + 4, n)):
            other = event_at(s, child)
            if other.t < best_t or (other.t == best_t and other.key < best_key):
                best, best_t, best_key = child, other.t, other.key
        if t < best_t or (t == best_t and key < best_key):
            break
        node, other = event_at(s, i), event_at(s, best)
        node.t, node.key, node.who, node.tag = best_t, best_key, other.who, other.tag
        i = best
    node = event_at(s, i)
    node.t, node.key, node.who, node.tag = t, key, last.who, last.tag
