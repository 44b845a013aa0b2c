"""The language of short trade texts, and silence where too little is said."""

from __future__ import annotations

import pytest

from inboxcrm.reading.language import detect

SENTENCES = (
    ("en", "Please send us your best price for 500 pcs of LED panel light."),
    ("en", "Thanks, noted."),
    ("", "OK"),
    ("en", "Pls quote FOB Ningbo price for item A-100 and A-200"),
    ("en", "We confirm the order, please send PI."),
    ("de", "Bitte senden Sie uns Ihr bestes Angebot für 500 Stück."),
    ("de", "Vielen Dank für Ihre Nachricht, wir melden uns nächste Woche."),
    ("de", "Danke!"),
    ("fr", "Merci de nous envoyer votre meilleur prix pour 500 pièces."),
    ("fr", "Bonjour, avez-vous reçu notre virement ?"),
    ("es", "Por favor envíenos su mejor precio para 500 piezas."),
    ("es", "Buenas tardes, adjunto el pedido firmado."),
    ("pt", "Por favor, envie-nos o seu melhor preço para 500 peças."),
    ("pt", "Bom dia, segue em anexo o pedido assinado."),
    ("it", "Vi preghiamo di inviarci il vostro miglior prezzo."),
    ("it", "Buongiorno, in allegato l'ordine firmato."),
    ("nl", "Graag uw beste prijs voor 500 stuks."),
    ("nl", "Kunt u ons de offerte sturen?"),
    ("pl", "Proszę o przesłanie najlepszej ceny na 500 sztuk."),
    ("pl", "Czy możecie wysłać próbki?"),
    ("tr", "Lütfen 500 adet için en iyi fiyatınızı gönderin."),
    ("tr", "Numuneleri aldık, teşekkür ederiz."),
    ("vi", "Vui lòng gửi báo giá tốt nhất cho 500 cái."),
    ("vi", "Cảm ơn bạn"),
    ("ru", "Пришлите, пожалуйста, вашу лучшую цену на 500 штук."),
    ("ru", "Спасибо, получили"),
    ("uk", "Надішліть, будь ласка, вашу найкращу ціну."),
    ("bg", "Моля, изпратете ни най-добрата си цена."),
    ("ar", "يرجى إرسال أفضل سعر لديكم لعدد 500 قطعة"),
    ("ja", "500個の最安値をお知らせください。"),
    ("ja", "お世話になっております。"),
    ("ko", "500개에 대한 최저가를 보내주세요."),
    ("zh", "请报500件的最优惠价格。"),
    ("zh", "收到，谢谢"),
    ("sv", "Vänligen skicka ert bästa pris för 500 stycken."),
    ("da", "Send venligst jeres bedste pris på 500 stk."),
    ("no", "Vennligst send oss deres beste pris på 500 stk."),
    ("cs", "Pošlete nám prosím nejlepší cenu na 500 kusů."),
    ("hu", "Kérjük, küldjék el legjobb árukat 500 darabra."),
    ("ro", "Vă rugăm să ne trimiteți cel mai bun preț."),
    ("el", "Παρακαλώ στείλτε μας την καλύτερη τιμή."),
    ("he", "אנא שלחו לנו את המחיר הטוב ביותר."),
    ("fi", "Lähettäkää meille paras hintanne 500 kappaleelle."),
    ("en", "Dear Mr. Wang 王先生, please see the attached PO for 500 pcs."),
    ("zh", "您好，请查收附件 PI for order PO-2026-001，FOB Ningbo, LED panel light 600x600。"),
    ("", "12345"),
    ("", "FOB USD 2.50"),
    ("", "PO-123.pdf"),
    ("en", "Any news about the sample?"),
    ("en", "How much?"),
    ("es", "¿Cuánto cuesta?"),
    ("id", "Mohon kirimkan penawaran harga terbaik Anda."),
    ("fa", "لطفا بهترین قیمت خود را برای ۵۰۰ عدد ارسال کنید"),
    ("th", "กรุณาส่งราคาที่ดีที่สุด"),
    ("en", "Dear Anna, goods received in good condition."),
    ("de", "Hallo Herr Wang, die Ware ist gut angekommen."),
    ("es", "Hola Wang, ya llegó la mercancía."),
    ("pt", "Olá Wang, a mercadoria chegou bem."),
    ("it", "Ciao Wang, la merce è arrivata."),
    ("fr", "Bonjour Wang, la marchandise est bien arrivée."),
    ("nl", "Hallo Wang, de goederen zijn goed aangekomen."),
    ("pl", "Witam, towar dotarł."),
    ("tr", "Merhaba, mallar geldi."),
    ("en", "2.50 is too high for us"),
    ("en", "Can you do 2.30?"),
    ("en", "When can you ship?"),
    ("de", "Wann können Sie liefern?"),
    ("fr", "Quand pouvez-vous livrer ?"),
    ("es", "¿Cuándo pueden entregar?"),
    ("pt", "Quando podem entregar?"),
    ("it", "Quando potete consegnare?"),
    ("nl", "Wanneer kunt u leveren?"),
    ("ru", "Когда сможете отгрузить?"),
    ("ru", "Цена?"),
)


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_detect(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", " ", "123", "ok", "\ud800", "\x00", "https://x.example/abc", "a@b.example", "😀"])
def test_too_little_is_no_language(text: str) -> None:
    assert detect(text) == ""
