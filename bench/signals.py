"""How fast signals are found, on one core, with the rules of all languages, in letters of about 1 kB that were read beforehand.

The limit is a time a mail. The peer, one regular expression for a few dozen words, only shows how fast the machine is just now.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import cycle, islice
from statistics import median

from bench.stage import Stage
from bench.table import Line
from inboxcrm.engagement.finder import Letter
from inboxcrm.engagement.rulebook import rulebook
from inboxcrm.engagement.signals import Side

_MAILS = 1000
_LENGTH = 1000
_LIMIT = 0.5
"""Milliseconds a mail on one core: 2,000 mails a second."""

# Half of the letters hold something, as mailboxes with much business do; the rest is what people write all day.
_TELLING = (
    "Dear Lina, we are interested in your ball valves DN25 and would like to have your best price for 500 pcs CIF Hamburg.",
    "The goods arrived yesterday, but 12 pieces are leaking at the stem and two cartons are missing. Please advise how to solve it.",
    "Guten Tag, bitte senden Sie uns ein Angebot über 2000 Stück Kugelhähne sowie zwei Muster zur Prüfung.",
    "Buenos días, adjunto nuestra orden de compra 4711. Por favor confirmar la fecha de entrega y enviar la proforma.",
    "您好，请报一下DN25球阀5000个FOB宁波的价格，另外能否先寄两个样品？",
)
_ORDINARY = (
    "Thank you for your message. I talked with my colleagues about it and we will come back to you after the holidays.",
    "The weather here is fine at last, and the children are back at school; next week the office moves to the third floor.",
    "As you may know, the new rules for labels come into force in spring, so the designers look at the artwork once more.",
    "Vielen Dank für Ihre Nachricht, ich bin bis Mittwoch unterwegs und lese meine Mails nur am Abend.",
    "Gracias por su correo, lo comentaré con mi jefe cuando vuelva de viaje.",
)


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time a mail against its limit."""
    letters = [_letter(number) for number in range(_MAILS)]
    rules = rulebook()
    words = re.compile("|".join(sorted({word for text in _TELLING for word in text.lower().split()})))
    tried: dict[str, Callable[[Letter], object]] = {
        "ours": rules.finder.find,
        "regular expression": lambda letter: words.findall(letter.text.lower()),
    }
    taken: dict[str, list[float]] = {name: [] for name in tried}
    for letter in letters[:50]:  # patterns are compiled when they are first needed
        rules.finder.find(letter)
    for number in range(rounds):
        for name in list(tried)[:: 1 if number % 2 == 0 else -1]:
            begin = time.process_time()
            for letter in letters:
                tried[name](letter)
            taken[name].append((time.process_time() - begin) / len(letters) * 1000)
    ours, peer = median(taken["ours"]), median(taken["regular expression"])
    return [Line("signals in a mail of 1 kB", f"{1000 / ours:.0f}/s", f"{peer:.3f} ms (one regex)", ours, _LIMIT, "ms")]


def _letter(number: int) -> Letter:
    first = _TELLING[number % len(_TELLING)] if number % 2 else _ORDINARY[number % len(_ORDINARY)]
    language = (
        "zh" if "您好" in first else "de" if "bitte" in first or "Vielen" in first else "es" if "ías" in first else "en"
    )
    text = first
    for more in islice(cycle(_ORDINARY), number % 5, None):
        if len(text) >= _LENGTH:
            break
        text += "\n" + more
    return Letter("", text[:_LENGTH], language, Side.CUSTOMER)
