"""Chance that can be repeated by anybody, in any language, in ten years. Pure.

Every conversation gets a number from the seed, the draw and its id by SHA-256; no stream of random
numbers is used, because none is promised to stay the same between versions.

A plan's *secret* is made when it is activated, and its hash is shown then. The seed of a window
follows from it, so that nobody who makes the frame can choose the seed, and everybody can check
afterwards that it was that secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

_BITS = 53
_RANGE = 1 << _BITS


def commitment(secret: bytes) -> str:
    """The hash that is shown when a plan is activated: SHA-256 in hex."""
    return hashlib.sha256(secret).hexdigest()


def seed_of(secret: bytes, window: str) -> str:
    """The seed of a window: HMAC-SHA256 in hex.

    Source: RFC 2104.
    """
    return hmac.new(secret, window.encode(), hashlib.sha256).hexdigest()


def number(seed: str, draw: str, what: object) -> float:
    """A number from 0 to below 1: the first 53 bits of SHA-256 of ``seed|draw|what``."""
    return numbers(seed, draw, [what])[0]


def numbers(seed: str, draw: str, things: Iterable[object]) -> list[float]:
    """A number for each thing; see ``number``."""
    begun = hashlib.sha256(f"{seed}|{draw}|".encode())
    found = []
    for each in things:
        hashed = begun.copy()
        hashed.update(str(each).encode())
        found.append((int.from_bytes(hashed.digest()[:8]) >> (64 - _BITS)) / _RANGE)
    return found
