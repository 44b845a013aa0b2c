"""How fast signals are found, on one core, with the rules of all languages, in letters of about 1 kB that were read beforehand:
letters as mailboxes hold them, and letters of which every sentence talks business.

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


# What a mail looks like that says nothing but business.
_DENSE = {
    "en": (
        "Please send us your best price for 500 pcs of the ball valves DN25 in brass and 300 pcs of the DN32, CIF Hamburg.",
        "We also need the drawing with dimensions, the material certificate and two samples before we place the order.",
        "Your offer of USD 2.60 is 12% higher than that of our present supplier, so please check if you can do 2.35.",
        "The deposit for PO 4711 was transferred on Monday, the swift copy is attached; when will the goods be shipped?",
        "Three cartons of the last delivery arrived damaged and 40 lamps don't work, so we need a replacement or a credit note.",
        "Mr. Weber has left the company, from now on please send all quotations and invoices to our new purchasing manager.",
        "We would like to visit your factory in Ningbo next week and talk about payment terms, delivery time and quality.",
    ),
    "de": (
        "Bitte senden Sie uns Ihr bestes Angebot über 500 Stück Kugelhähne DN25 aus Messing, frei Hamburg, samt Lieferzeit.",
        "Außerdem benötigen wir die Zeichnung mit allen Maßen, das Werkstoffzeugnis und zwei Muster vor der Bestellung.",
        "Ihr Preis liegt 12 % über dem unseres bisherigen Lieferanten, können Sie uns noch entgegenkommen?",
        "Die Anzahlung zur Bestellung 4711 wurde am Montag überwiesen, wann wird die Ware verschifft?",
        "Drei Kartons der letzten Lieferung kamen beschädigt an, 40 Lampen sind defekt, wir bitten um Ersatz oder Gutschrift.",
        "Herr Weber hat das Unternehmen verlassen, bitte senden Sie Angebote und Rechnungen künftig an unsere neue Einkäuferin.",
    ),
    "es": (
        "Por favor envíenos su mejor precio para 500 piezas de válvulas de bola DN25, CIF Valencia, con plazo de entrega.",
        "También necesitamos el plano con medidas, el certificado de material y dos muestras antes de hacer el pedido.",
        "Su oferta es un 12 % más cara que la de nuestro proveedor actual, ¿puede mejorar el precio o dar un descuento?",
        "El anticipo del pedido 4711 se transfirió el lunes, adjunto el comprobante; ¿cuándo sale la mercancía?",
        "Tres cajas de la última entrega llegaron dañadas y 40 lámparas no funcionan, necesitamos una reposición.",
    ),
    "zh": (
        "请报一下DN25黄铜球阀5000个CIF汉堡的最优价格，另外请告知交货期和付款方式。",
        "我们还需要带尺寸的图纸、材质证书，下单之前请先寄两个样品测试质量。",
        "你们的价格比现在的供应商高百分之十二，能不能再便宜一点，做到2.35美元？",
        "订单4711的定金已经汇出，水单见附件，请问货什么时候可以发？",
        "上次的货有三箱破损，四十个灯不亮，请尽快补货或者退款。",
        "王经理已经离职，以后请把报价和发票发给我们新的采购。",
    ),
}


def lines(stage: Stage, rounds: int) -> list[Line]:
    """Time a mail against its limit."""
    rules = rulebook()
    words = re.compile("|".join(sorted({word for texts in _LETTERS.values() for word in texts[0].lower().split()})))
    results = []
    for title, letters in (
        ("signals in a mail of 1 kB", [_letter(number) for number in range(_MAILS)]),
        ("signals in 1 kB of nothing but business", [_dense(number) for number in range(_MAILS)]),
    ):
        tried: dict[str, Callable[[Letter], object]] = {
            "ours": lambda letter: rules.finder.find(letter, opinion=rules.opinion),
            "regular expression": lambda letter: words.findall(letter.text.lower()),
        }
        taken: dict[str, list[float]] = {name: [] for name in tried}
        for letter in letters[:50]:  # patterns are compiled when they are first needed
            rules.finder.find(letter, opinion=rules.opinion)
        for number in range(rounds):
            for name in list(tried)[:: 1 if number % 2 == 0 else -1]:
                begin = time.process_time()
                for letter in letters:
                    tried[name](letter)
                taken[name].append((time.process_time() - begin) / len(letters) * 1000)
        ours, peer = median(taken["ours"]), median(taken["regular expression"])
        results.append(Line(title, f"{1000 / ours:.0f}/s", f"{peer:.3f} ms (one regex)", ours, _LIMIT, "ms"))
    return results


def _dense(number: int) -> Letter:
    language = list(_DENSE)[number % len(_DENSE)]
    sentences = _DENSE[language]
    return _cut(" ".join(islice(cycle(sentences), number % len(sentences), number % len(sentences) + 12)), language)


def _letter(number: int) -> Letter:
    language = list(_LETTERS)[number % len(_LETTERS)]
    lines = _LETTERS[language]
    text = lines[number % 2] if number % 3 else lines[-1]
    for more in islice(cycle(lines[2:]), number % 5, None):
        if len(text.encode()) >= _LENGTH:
            break
        text += "\n" + more
    return _cut(text, language)


def _cut(text: str, language: str) -> Letter:
    return Letter("", text.encode()[:_LENGTH].decode(errors="ignore"), language, Side.CUSTOMER)
