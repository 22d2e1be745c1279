"""Keys that tell a message or a buyer again without keeping who it was. Pure.

They are made of the original, before it is masked, with a secret of the installation.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final
from unicodedata import normalize

from cstrain.desk.chats.importers.names import is_masked
from cstrain.desk.chats.message import Precision, Role, SourceMessage

KEY_BYTES: Final = 16
#: The first ones are the second it was sent in, so that what is close in time lies close together
#: in the index of a million keys.
_TIME_BYTES: Final = 4
_SIDES: Final = {
    Role.BUYER: "buyer",
    Role.AGENT: "agent",
    Role.BOT: "agent",
    Role.AUTO: "agent",
    Role.SYSTEM: "system",
}
_EXACT: Final = frozenset({Precision.MILLISECOND, Precision.SECOND, Precision.MINUTE})


class Keys:
    """Makes the keys of one team."""

    def __init__(self, secret: str, team_id: int) -> None:
        self._message = _derived(secret, f"chat message {team_id}")
        self._buyer = _derived(secret, f"chat buyer {team_id}")
        self._speaker = _derived(secret, f"chat speaker {team_id}")

    def of_speaker(self, value: str) -> str:
        """The key of what a file writes for one who speaks, which may be a name."""
        return hmac.digest(self._speaker, value.encode("utf-8", "surrogatepass"), "sha256").hex()

    def of_messages(
        self, conversation: Sequence[SourceMessage], times_ms: Sequence[int | None]
    ) -> list[bytes]:
        """The key of each message of a conversation.

        HMAC of platform, shop, who wrote with whom, time as given, side, original text, and which
        one it is of several that are the same. Whether a line was recognised as automatic does not
        count, because the next export may show more of it or less; nor does the account beside a
        buyer's line, which not every source names. Where half of the nick is hidden, many buyers
        share it, and account and the source's own key of the conversation tell them apart.

        Where the source has only dates or nothing, the same words are not the same message; there
        the key is made of the whole conversation, which is known again as a whole or not at all.
        """
        said_by = [_said(*each) for each in zip(conversation, times_ms, strict=True)]
        if is_known_whole(conversation):
            return self._of_whole(conversation[0].conversation, said_by, times_ms[0])
        seen: dict[str, int] = {}
        made = []
        for said, at_ms in zip(said_by, times_ms, strict=True):
            nth = seen.get(said, 0)
            seen[said] = nth + 1
            digest = hmac.digest(
                self._message, f"{said}\x1f{nth}".encode("utf-8", "surrogatepass"), "sha256"
            )
            made.append(_in_time(at_ms) + digest[: KEY_BYTES - _TIME_BYTES])
        return made

    def _of_whole(self, name: str, said_by: Sequence[str], at_ms: int | None) -> list[bytes]:
        said = "\x1e".join((name, *said_by))
        whole = hmac.digest(self._message, said.encode("utf-8", "surrogatepass"), "sha256")
        time = _in_time(at_ms)
        return [
            time + hmac.digest(whole, str(place).encode(), "sha256")[: KEY_BYTES - _TIME_BYTES]
            for place in range(len(said_by))
        ]

    def of_buyer(self, platform: str, buyer: str) -> bytes | None:
        """Joins what the same buyer wrote; None where the name is missing or itself masked."""
        if not buyer or "*" in buyer:
            return None
        said = f"{platform}\x1f{normalize('NFC', buyer)}"
        return hmac.digest(self._buyer, said.encode(), "sha256")[:KEY_BYTES]


def is_known_whole(conversation: Sequence[SourceMessage]) -> bool:
    """Whether a conversation's messages can only be told again together, for want of times."""
    return any(each.at is None or each.precision not in _EXACT for each in conversation)


def milliseconds(message: SourceMessage) -> int | None:
    """When it was sent, since 1970 in UTC; None where the source has no time."""
    return None if message.at is None else round(message.at.timestamp() * 1000)


def _said(message: SourceMessage, at_ms: int | None) -> str:
    side = _SIDES[message.role]
    text = " ".join(normalize("NFC", message.text).split())
    is_known = bool(message.buyer) and not is_masked(message.buyer)
    account = message.account if side == "agent" or not is_known else ""
    with_ = message.buyer if is_known else f"{message.buyer}\x1e{message.conversation}"
    about = f"{message.platform}\x1f{message.shop}\x1f{account}"
    return f"{about}\x1f{with_}\x1f{at_ms}\x1f{side}\x1f{text}"


def _in_time(at_ms: int | None) -> bytes:
    return (max(at_ms or 0, 0) // 1000 & 0xFFFF_FFFF).to_bytes(_TIME_BYTES, "big")


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")
