"""A short mail that names one of our products with a quantity, and nothing else ("500 pcs LED 30W to Hamburg?"): interest in it.

It speaks only where the rules are silent, and only of customers' mail; long mails name products for many reasons. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inboxcrm.engagement.details import products_in
from inboxcrm.engagement.finder import Letter
from inboxcrm.engagement.signals import THRESHOLD, Details, Kind, Side, Signal

RULE = "product.named"
# Longer mails say what they want in words.
_SHORT = 160
_SURE = 0.75


def interest(
    letter: Letter, found: Sequence[Signal], products: Sequence[str], details: Callable[[str, str], Details]
) -> Signal | None:
    """The inquiry in `letter`, which names one of `products` and how many of it; None when it doesn't, or `found` tells what it is."""
    whole = letter.text.strip() or letter.subject
    if letter.side is not Side.CUSTOMER or len(whole) > _SHORT or any(one.confidence >= THRESHOLD for one in found):
        return None
    if not products_in(whole, products):
        return None
    said = details(whole, whole)
    if said.quantity is None:
        return None
    place = "text" if letter.text.strip() else "subject"
    start = (letter.text if place == "text" else letter.subject).find(whole)
    return Signal(Kind.INQUIRY, whole, _SURE, RULE, place, start, said)
