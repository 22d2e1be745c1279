"""How much a character or a pair of characters tells, from the shop's own ready answers."""

from functools import cache


@cache
def weight(gram: str) -> float:
    """Weight of a character or a pair, from about 0.2 (in every reply) to 1 (rare)."""
    return _LIGHT.get(gram, 1.0)


_LIGHT: dict[str, float] = {}
