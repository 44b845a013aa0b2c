"""What the public pages say to readers of newsletters, in their language. One row a language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """`ask` and `done` with {address}: before and after leaving; `button`: what leaves; `stays`: what doesn't change; `broken`: for a
    link that isn't ours; `wait`: after too many of those.
    """

    title: str
    ask: str
    button: str
    done: str
    stays: str
    broken: str
    wait: str


WORDS = {
    "en": Words(
        "Unsubscribe",
        "Shall no more newsletters go to {address}?",
        "Yes, unsubscribe",
        "Done: no more newsletters go to {address}.",
        "Personal mail about your inquiries and orders still reaches you.",
        "This link is incomplete or wrong. Please use the link in the mail, or simply answer it.",
        "Too many attempts. Please wait some minutes.",
    ),
    "zh": Words(
        "退订",
        "是否不再向 {address} 发送群发简讯？",
        "是的，退订",
        "已退订：不再向 {address} 发送群发简讯。",
        "有关您询盘和订单的个人邮件仍会发送给您。",
        "此链接不完整或有误。请使用邮件中的链接，或直接回复邮件。",
        "尝试次数过多，请稍等几分钟。",
    ),
    "es": Words(
        "Darse de baja",
        "¿No desea recibir más boletines en {address}?",
        "Sí, darme de baja",
        "Hecho: no se enviarán más boletines a {address}.",
        "Los correos personales sobre sus consultas y pedidos le seguirán llegando.",
        "Este enlace está incompleto o es incorrecto. Use el enlace del correo o simplemente respóndalo.",
        "Demasiados intentos. Espere unos minutos.",
    ),
    "fr": Words(
        "Se désabonner",
        "Ne plus envoyer de lettres d'information à {address} ?",
        "Oui, me désabonner",
        "C'est fait : {address} ne recevra plus de lettres d'information.",
        "Les messages personnels sur vos demandes et commandes continuent de vous parvenir.",
        "Ce lien est incomplet ou erroné. Utilisez le lien du message, ou répondez-y simplement.",
        "Trop d'essais. Veuillez patienter quelques minutes.",
    ),
    "de": Words(
        "Abmelden",
        "Sollen keine Rundschreiben mehr an {address} gehen?",
        "Ja, abmelden",
        "Erledigt: An {address} gehen keine Rundschreiben mehr.",
        "Persönliche E-Mails zu Ihren Anfragen und Bestellungen erreichen Sie weiterhin.",
        "Dieser Link ist unvollständig oder falsch. Nehmen Sie den Link aus der E-Mail, oder antworten Sie einfach darauf.",
        "Zu viele Versuche. Bitte warten Sie einige Minuten.",
    ),
    "pt": Words(
        "Cancelar inscrição",
        "Não enviar mais boletins para {address}?",
        "Sim, cancelar",
        "Pronto: {address} não receberá mais boletins.",
        "E-mails pessoais sobre suas consultas e pedidos continuam chegando.",
        "Este link está incompleto ou incorreto. Use o link do e-mail ou simplesmente responda a ele.",
        "Tentativas demais. Aguarde alguns minutos.",
    ),
    "ru": Words(
        "Отписаться",
        "Больше не отправлять рассылку на {address}?",
        "Да, отписаться",
        "Готово: рассылка на {address} больше не отправляется.",
        "Личные письма по вашим запросам и заказам будут приходить по-прежнему.",
        "Ссылка неполная или неверная. Воспользуйтесь ссылкой из письма или просто ответьте на него.",
        "Слишком много попыток. Подождите несколько минут.",
    ),
    "ar": Words(
        "إلغاء الاشتراك",
        "هل نتوقف عن إرسال النشرات إلى {address}؟",
        "نعم، إلغاء الاشتراك",
        "تم: لن تُرسل نشرات أخرى إلى {address}.",
        "ستظل تصلك الرسائل الشخصية المتعلقة باستفساراتك وطلباتك.",
        "هذا الرابط ناقص أو غير صحيح. استخدم الرابط الموجود في الرسالة أو أجب عليها ببساطة.",
        "محاولات كثيرة جدا. يرجى الانتظار بضع دقائق.",
    ),
    "it": Words(
        "Annulla l'iscrizione",
        "Non inviare più newsletter a {address}?",
        "Sì, annulla l'iscrizione",
        "Fatto: a {address} non arriveranno più newsletter.",
        "Le e-mail personali sulle sue richieste e i suoi ordini continueranno ad arrivare.",
        "Questo link è incompleto o errato. Usi il link nell'e-mail, oppure risponda semplicemente.",
        "Troppi tentativi. Attenda qualche minuto.",
    ),
}
RIGHT_TO_LEFT = frozenset({"ar"})


def words(language: str) -> Words:
    """In this language; in English where we have none."""
    return WORDS.get(language, WORDS["en"])
