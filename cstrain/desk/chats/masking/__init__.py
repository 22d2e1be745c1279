"""What tells who somebody is, hidden before a message is kept. Pure.

Order numbers, products' numbers, links, prices and sizes stay: an archive is searched by them.
What is hidden reads ``〔电话〕``; what a source has hidden already (``[电话x]``,
``138****2210``) stays as it is, and a masked text is not changed by masking it again.
(``kit.masking`` has another job: it hides any long number before a text leaves the installation.)

Each module looks for its own: ``numbers`` (with ``phones``, ``labels``, ``check_digits``),
``accounts``, ``names``, ``addresses``; ``views`` says how a text is read, ``text`` which find
stands, ``conversation`` what messages tell of each other.
"""

from __future__ import annotations

from cstrain.desk.chats.masking.conversation import (
    MaskedMessage,
    mask_conversation,
    shown_buyer,
    without_nick,
)
from cstrain.desk.chats.masking.text import SHOWN, Masked, mask, mask_beginning

__all__ = [
    "SHOWN",
    "Masked",
    "MaskedMessage",
    "mask",
    "mask_beginning",
    "mask_conversation",
    "shown_buyer",
    "without_nick",
]
