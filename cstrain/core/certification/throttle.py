"""A light brake on guessing certificate numbers: misses by address, in memory, a process each."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MISSES_ALLOWED = 20
WINDOW = timedelta(minutes=10)
_ADDRESSES_KEPT = 10_000


@dataclass(slots=True)
class Brake:
    """Counts misses. Numbers hold 50 random bits; this keeps logs and the database quiet."""

    _misses: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_on(self, address: str, now: datetime) -> bool:
        """Whether this address has missed too often lately."""
        with self._lock:
            return len(self._recent(address, now)) >= MISSES_ALLOWED

    def miss(self, address: str, now: datetime) -> None:
        """Count a miss."""
        with self._lock:
            if len(self._misses) >= _ADDRESSES_KEPT:
                self._misses.clear()
            self._misses.setdefault(address, deque(maxlen=MISSES_ALLOWED)).append(now)

    def _recent(self, address: str, now: datetime) -> deque[datetime]:
        times = self._misses.get(address, deque())
        while times and now - times[0] > WINDOW:
            times.popleft()
        return times
