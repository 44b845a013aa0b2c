"""What stands around every newsletter in the reader's language: why it comes, how to leave, what is counted. One row a language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """`why` with {sender}; `leave`: the words of the link; `or_answer`: the way without it; `counted`: honest about counted clicks;
    `more`: the link of a product.
    """

    why: str
    leave: str
    or_answer: str
    counted: str
    more: str


_PHRASES = {
    "en": Phrases(
        "You receive this mail because you have been in touch with {sender}.",
        "Unsubscribe",
        "Or simply answer that you want no more mails like this.",
        "When you follow a link in this mail, we count the click.",
        "Learn more",
    ),
    "zh": Phrases(
        "您收到此邮件，是因为您曾与{sender}有过业务联系。",
        "退订",
        "您也可以直接回复，告诉我们不再发送此类邮件。",
        "点击邮件中的链接时，我们会统计点击次数。",
        "了解更多",
    ),
    "es": Phrases(
        "Recibe este correo porque ha estado en contacto con {sender}.",
        "Darse de baja",
        "O responda simplemente que no desea recibir más correos como este.",
        "Cuando sigue un enlace de este correo, contamos el clic.",
        "Más información",
    ),
    "fr": Phrases(
        "Vous recevez ce message parce que vous avez été en contact avec {sender}.",
        "Se désabonner",
        "Ou répondez simplement que vous ne souhaitez plus recevoir ce type de message.",
        "Lorsque vous suivez un lien de ce message, nous comptons le clic.",
        "En savoir plus",
    ),
    "de": Phrases(
        "Sie erhalten diese E-Mail, weil Sie mit {sender} in Kontakt waren.",
        "Abmelden",
        "Oder antworten Sie einfach, dass Sie keine solchen E-Mails mehr wünschen.",
        "Wenn Sie einem Link in dieser E-Mail folgen, zählen wir den Klick.",
        "Mehr erfahren",
    ),
    "pt": Phrases(
        "Você recebe este e-mail porque já esteve em contato com {sender}.",
        "Cancelar inscrição",
        "Ou simplesmente responda que não deseja mais receber e-mails como este.",
        "Quando você abre um link deste e-mail, contamos o clique.",
        "Saiba mais",
    ),
    "ru": Phrases(
        "Вы получили это письмо, так как ранее общались с нами ({sender}).",
        "Отписаться",
        "Или просто ответьте, что больше не хотите получать такие письма.",
        "Когда вы переходите по ссылке из этого письма, мы учитываем переход.",
        "Подробнее",
    ),
    "ar": Phrases(
        "وصلتك هذه الرسالة لأنك كنت على تواصل مع {sender}.",
        "إلغاء الاشتراك",
        "أو أجب ببساطة بأنك لا ترغب في تلقي رسائل مماثلة.",
        "عند فتح رابط في هذه الرسالة نحتسب النقرة.",
        "اعرف المزيد",
    ),
    "it": Phrases(
        "Riceve questa e-mail perché è stato in contatto con {sender}.",
        "Annulla l'iscrizione",
        "Oppure risponda semplicemente che non desidera più ricevere e-mail come questa.",
        "Quando segue un link di questa e-mail, contiamo il clic.",
        "Scopri di più",
    ),
}


def phrases(language: str) -> Phrases:
    """In this language; in English where we have none."""
    return _PHRASES.get(language, _PHRASES["en"])


def in_language(texts: str | dict[str, str], language: str, fallback: str = "en") -> str:
    """One of the texts by language: its own, that of `fallback`, the one without a language (""), any."""
    if isinstance(texts, str):
        return texts
    for code in (language, fallback, ""):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")
