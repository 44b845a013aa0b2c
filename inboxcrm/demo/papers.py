"""The files that the demo's mails carry: small but real PDF documents and pictures."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from dataclasses import dataclass

from inboxcrm.demo.cast import dice
from inboxcrm.demo.slots import Deal


@dataclass(frozen=True, slots=True)
class Paper:
    """One attachment: its file name, MIME type and bytes."""

    name: str
    type: str
    data: bytes


_OWN_WORDS = {
    ("order", "zh"): "采购订单",
    ("order", "ru"): "Заказ",
    ("order", "ar"): "أمر شراء",
    ("order", "ja"): "発注書",
    ("order", "de"): "Bestellung",
    ("order", "fr"): "Bon de commande",
    ("order", "es"): "Orden de compra",
    ("order", "pt"): "Pedido",
    ("order", "it"): "Ordine",
    ("order", "tr"): "Sipariş",
    ("order", "pl"): "Zamówienie",
    ("swift", "zh"): "水单",
    ("swift", "ru"): "Платёжное поручение",
    ("photo", "zh"): "照片",
    ("photo", "ru"): "Фото",
}
"""How customers name their files in their own language."""

_ENGLISH_WORDS = {
    "quotation": "Quotation",
    "proforma": "Proforma invoice",
    "packing-list": "Packing list",
    "datasheet": "Datasheet",
    "certificate": "Certificate",
    "catalogue": "Catalogue",
    "report": "Test report",
    "order": "PO",
    "swift": "SWIFT",
    "photo": "IMG",
}
"""Every kind of paper by its name in the stories."""


def paper(kind: str, deal: Deal, *, ours: bool, language: str) -> Paper:
    """The attachment of this kind for a deal. Raises KeyError for a kind that there is not."""
    words = deal.words("en")
    english = _ENGLISH_WORDS[kind]
    title = english if ours else _OWN_WORDS.get((kind, language), english)
    if kind == "photo":
        return Paper(f"{title}_{deal.number % 10000:04d}.png", "image/png", _picture(deal.number))
    reference = words["po"] if kind in {"order", "swift"} else words["code"] if kind == "datasheet" else words["pi"]
    lines = [
        f"{english}  {reference}",
        "Lanting Valve Co., Ltd." if ours else deal.company.name,
        "",
        f"{words['code']}  {words['p']}",
        f"{words['qty']} pcs   {words['deal']}   {words['amount']}",
    ]
    name = "Lanting catalogue.pdf" if kind == "catalogue" else f"{title} {reference}.pdf"
    return Paper(name, "application/pdf", _pdf(lines))


def _pdf(lines: list[str]) -> bytes:
    """A page of Helvetica; what Latin-1 can't write is left out."""
    shown = [unicodedata.normalize("NFC", line).encode("latin-1", "ignore") for line in lines]
    escaped = [line.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") for line in shown]
    page = b"BT /F1 12 Tf 60 780 Td 18 TL " + b" ".join(b"(" + line + b") Tj T*" for line in escaped) + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _picture(seed: int, width: int = 96, height: int = 64) -> bytes:
    """A small PNG (RFC 2083): brass-coloured rings on grey."""
    chance = dice("picture", seed)
    middle, ring = (chance.randrange(30, 66), chance.randrange(20, 44)), chance.randrange(90, 160)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            distance = (x - middle[0]) ** 2 + (y - middle[1]) ** 2
            rows += bytes((198, 160, 72)) if distance % (ring * 4) < ring else bytes((120 + y, 124 + y, 130 + y))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(rows))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
