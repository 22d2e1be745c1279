"""Does an agent's reply say what it should? Pure: no request, no database.

Facts are decided by clause, with polarity and values; similarity only serves replies without
facts, and never decides against a conflict. What the rules cannot tell is ``unclear``.
"""

from cstrain.activities.live_practice.matching.asking import asks_for, says_groups
from cstrain.activities.live_practice.matching.facts import find_fact, find_facts
from cstrain.activities.live_practice.matching.model import (
    Fact,
    FactState,
    Found,
    Reading,
    Verdict,
    fact_of,
)
from cstrain.activities.live_practice.matching.normal import has_groups, normalise
from cstrain.activities.live_practice.matching.reading import contradicts, is_like, read_reply
from cstrain.activities.live_practice.matching.similar import similarity

__all__ = [
    "Fact",
    "FactState",
    "Found",
    "Reading",
    "Verdict",
    "asks_for",
    "contradicts",
    "fact_of",
    "find_fact",
    "find_facts",
    "has_groups",
    "is_like",
    "normalise",
    "read_reply",
    "says_groups",
    "similarity",
]
