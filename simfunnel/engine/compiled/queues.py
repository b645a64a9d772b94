"""Lines of waiting leads, by (class, key, lead order), within the arrays of the leads themselves.

A line is a list for whoever comes first or last in order, which is nearly everybody, and a pairing heap (Fredman,
Sedgewick, Sleator and Tarjan 1986) for whoever comes in between. The head is the better of the two; anybody can leave
from anywhere. The overdue tasks of a team are a second heap, over links of their own.
"""

from __future__ import annotations

from simfunnel.engine.compiled.reach import lead_at, line_at, links_of
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled

CHILD, SIBLING, PREVIOUS = 0, 1, 2  # links of a heap; in a list: SIBLING is the next, PREVIOUS the one before
IN_LINE, IN_OVERDUE = 0, 3  # where a lead's links of either kind begin


@compiled
def before(s: Run, a: int, b: int) -> bool:
    """Whether the task of lead `a` comes before that of lead `b` in queue order."""
    one, other = lead_at(s, a), lead_at(s, b)
    if one.rank_class != other.rank_class:
        return bool(one.rank_class < other.rank_class)
    if one.rank_key != other.rank_key:
        return bool(one.rank_key < other.rank_key)
    return bool(one.row < other.row)


@compiled
def better(s: Run, a: int, b: int) -> int:
    """The one of two leads that comes first; -1 is nobody."""
    if a < 0 or (b >= 0 and before(s, b, a)):
        return b
    return a


# ---------------------------------------------------------------------- pairing heap


@compiled
def meld(s: Run, kind: int, a: int, b: int) -> int:
    """One heap of two, each given by its root; the root of it."""
    if a < 0:
        return b
    if b < 0:
        return a
    if before(s, b, a):
        a, b = b, a
    linked, oldest = links_of(s), links_of(s)[a, kind + CHILD]
    linked[b, kind + SIBLING], linked[b, kind + PREVIOUS] = oldest, a
    if oldest >= 0:
        linked[oldest, kind + PREVIOUS] = b
    linked[a, kind + CHILD] = b
    return a


@compiled
def heap_of_children(s: Run, kind: int, parent: int) -> int:
    """One heap of the children of `parent`: paired from the left, then melded from the right; its root."""
    linked = links_of(s)
    child, pairs = linked[parent, kind + CHILD], -1
    while child >= 0:
        other = linked[child, kind + SIBLING]
        rest = linked[other, kind + SIBLING] if other >= 0 else -1
        pair = meld(s, kind, child, other)
        linked[pair, kind + SIBLING] = pairs
        pairs, child = pair, rest
    root = -1
    while pairs >= 0:
        rest = linked[pairs, kind + SIBLING]
        root = meld(s, kind, root, pairs)
        pairs = rest
    return root


@compiled
def heap_with(s: Run, kind: int, root: int, lead: int) -> int:
    """The heap of `root` with one lead more; its root."""
    links_of(s)[lead, kind + CHILD] = -1
    return set_root(s, kind, meld(s, kind, root, lead))


@compiled
def heap_without(s: Run, kind: int, root: int, lead: int) -> int:
    """The heap of `root` with one lead less; its root, -1 when empty."""
    rest = heap_of_children(s, kind, lead)
    if lead == root:
        return set_root(s, kind, rest)
    linked = links_of(s)
    after, before_it = linked[lead, kind + SIBLING], linked[lead, kind + PREVIOUS]
    if linked[before_it, kind + CHILD] == lead:
        linked[before_it, kind + CHILD] = after
    else:
        linked[before_it, kind + SIBLING] = after
    if after >= 0:
        linked[after, kind + PREVIOUS] = before_it
    return set_root(s, kind, meld(s, kind, root, rest))


@compiled
def set_root(s: Run, kind: int, root: int) -> int:
    """A root has no neighbours."""
    if root >= 0:
        links_of(s)[root, kind + SIBLING] = links_of(s)[root, kind + PREVIOUS] = -1
    return root


# ---------------------------------------------------------------------- lines


@compiled
def head_of(s: Run, line: int) -> int:
    """Who is first in the line, -1 for nobody."""
    here = line_at(s, line)
    if here.root < 0:
        return int(here.first)
    return better(s, here.first, here.root)


@compiled
def into_line(s: Run, line: int, lead: int) -> None:
    """Put the lead where its rank belongs."""
    here, me, linked = line_at(s, line), lead_at(s, lead), links_of(s)
    me.line, me.in_list = line, True
    if here.first < 0:
        linked[lead, SIBLING] = linked[lead, PREVIOUS] = -1
        here.first = here.last = lead
    elif before(s, here.last, lead):
        linked[lead, SIBLING], linked[lead, PREVIOUS] = -1, here.last
        linked[here.last, SIBLING] = lead
        here.last = lead
    elif before(s, lead, here.first):
        linked[lead, SIBLING], linked[lead, PREVIOUS] = here.first, -1
        linked[here.first, PREVIOUS] = lead
        here.first = lead
    else:
        me.in_list = False
        here.root = heap_with(s, IN_LINE, here.root, lead)
    if me.first_contact:
        here.waiting += 1


@compiled
def out_of_line(s: Run, lead: int) -> None:
    """Take the lead out of its line."""
    me, linked = lead_at(s, lead), links_of(s)
    here = line_at(s, me.line)
    if me.in_list:
        after, before_it = linked[lead, SIBLING], linked[lead, PREVIOUS]
        if before_it >= 0:
            linked[before_it, SIBLING] = after
        else:
            here.first = after
        if after >= 0:
            linked[after, PREVIOUS] = before_it
        else:
            here.last = before_it
    else:
        here.root = heap_without(s, IN_LINE, here.root, lead)
    if me.first_contact:
        here.waiting -= 1
    me.line = -1
