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
"""Bytes in UTF-8."""
_LIMIT = 0.5
"""Milliseconds a mail on one core: 2,000 mails a second."""

# Half of the letters hold something, as mailboxes with much business do; the rest is what people write all day.
_LETTERS = {
    "en": (
        "Dear Lina, we are interested in your ball valves DN25 and would like to have your best price for 500 pcs CIF Hamburg.",
        "The goods arrived yesterday, but 12 pieces are leaking at the stem and two cartons are missing. How do we solve it?",
        "Thank you for your message. I talked with my colleagues about it and we will come back to you after the holidays.",
        "The weather here is fine at last, and the children are back at school; next week the office moves to the third floor.",
        "As you may know, the new rules for labels come into force in spring, so the designers look at the artwork once more.",
    ),
    "de": (
        "Guten Tag, bitte senden Sie uns ein Angebot über 2000 Stück Kugelhähne sowie zwei Muster zur Prüfung.",
        "Wo bleibt unsere Lieferung? Sie ist seit zwei Wochen überfällig, und am Telefon meldet sich niemand.",
        "Vielen Dank für Ihre Nachricht, ich bin bis Mittwoch unterwegs und lese meine Mails nur am Abend.",
        "Das Wetter ist endlich schön, die Kinder sind wieder in der Schule, und das Büro zieht in den dritten Stock.",
    ),
    "es": (
        "Buenos días, adjunto nuestra orden de compra 4711. Por favor confirmar la fecha de entrega y enviar la proforma.",
        "El precio es demasiado alto para nosotros, nuestro proveedor actual vende el mismo artículo más barato.",
        "Gracias por su correo, lo comentaré con mi jefe cuando vuelva de viaje la semana que viene.",
        "Como ya sabe, las nuevas normas para etiquetas entran en vigor en primavera y el diseño se revisa otra vez.",
    ),
    "zh": (
        "您好，请报一下DN25球阀5000个FOB宁波的价格，另外能否先寄两个样品？",
        "货已经收到了，但是有十二个漏水，还少了两箱，请尽快给我们一个解决办法。",
        "谢谢您的来信，我和同事们商量一下，假期以后再联系您。",
        "最近天气很好，孩子们都开学了，下个星期我们办公室要搬到三楼。",
    ),
}


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time a mail against its limit."""
    letters = [_letter(number) for number in range(_MAILS)]
    rules = rulebook()
    words = re.compile("|".join(sorted({word for texts in _LETTERS.values() for word in texts[0].lower().split()})))
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
    language = list(_LETTERS)[number % len(_LETTERS)]
    lines = _LETTERS[language]
    text = lines[number % 2] if number % 3 else lines[-1]
    for more in islice(cycle(lines[2:]), number % 5, None):
        if len(text.encode()) >= _LENGTH:
            break
        text += "\n" + more
    return Letter("", text.encode()[:_LENGTH].decode(errors="ignore"), language, Side.CUSTOMER)
