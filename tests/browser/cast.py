"""The cast of the page tests: invented buyers in many scripts, and what they and we write. Data only."""

# ruff: noqa: E501  a table with one row a buyer and a text

from __future__ import annotations

from typing import NamedTuple


class Buyer(NamedTuple):
    """One customer and its main contact. `grade` and `status` are values of the tables."""

    name: str
    local_name: str
    country: str
    domain: str
    grade: str
    status: str
    contact: str
    title: str
    language: str


BUYERS = (
    Buyer("Nordlicht Beleuchtung GmbH", "", "DE", "nordlicht-beleuchtung.example", "A", "won", "Katrin Schäfer", "Head of Purchasing", "de"),
    Buyer("Al Noor Trading LLC", "شركة النور للتجارة ذ.م.م", "AE", "alnoor-trading.example", "A", "won", "محمد الهاشمي", "مدير المشتريات", "ar"),
    Buyer("Comercial Andina S.A. de C.V.", "", "MX", "comercialandina.example", "B", "following", "José Ángel Muñoz Peña", "Jefe de compras", "es"),
    Buyer("Svetlyi Dom", "ООО «Светлый Дом»", "RU", "svetlyidom.example", "B", "following", "Ольга Воронцова", "Менеджер по закупкам", "ru"),
    Buyer("Lumière & Fils SARL", "", "FR", "lumiere-fils.example", "A", "won", "Élodie Lefèvre", "Responsable achats", "fr"),
    Buyer("Yamato Denki", "大和電機株式会社", "JP", "yamato-denki.example", "B", "following", "佐藤 健一", "購買部長", "ja"),
    Buyer("Hanbit Lighting", "한빛조명", "KR", "hanbit-lighting.example", "C", "prospect", "김민서", "구매 담당", "ko"),
    Buyer("Brasil Luz Comércio de Iluminação e Materiais Elétricos Ltda.", "", "BR", "brasilluz.example", "C", "prospect", "Conceição Araújo", "Compradora", "pt"),
    Buyer("Illuminazione Rossi S.r.l.", "", "IT", "illuminazionerossi.example", "B", "following", "Giulia Rossi", "Buyer", "it"),
    Buyer("Işık Ticaret A.Ş.", "", "TR", "isikticaret.example", "C", "prospect", "Çağla Öztürk", "Satın Alma Uzmanı", "tr"),
    Buyer("Anh Sang Company", "Công ty TNHH Ánh Sáng", "VN", "anhsang.example", "watch", "prospect", "Nguyễn Thị Hương", "Purchasing", "vi"),
    Buyer("Polskie Światło Sp. z o.o.", "", "PL", "polskieswiatlo.example", "B", "following", "Wojciech Żółkowski", "Kierownik zakupów", "pl"),
    Buyer("Harbour & Finch Ltd", "", "GB", "harbourfinch.example", "A", "won", "Eleanor Whitcombe", "Category Manager", "en"),
    Buyer("Sunbelt Fixtures Inc.", "", "US", "sunbeltfixtures.example", "B", "following", "Marcus Delgado", "VP Sourcing", "en"),
    Buyer("Kwame & Sons Electricals", "", "GH", "kwamesons.example", "C", "prospect", "Kwame Boateng", "Director", "en"),
    Buyer("Lichtwerk Zürich AG", "", "CH", "lichtwerk.example", "B", "dormant", "Beat Ammann", "Einkauf", "de"),
    Buyer("Dar Al Enara", "دار الإنارة", "SA", "daralenara.example", "C", "prospect", "فاطمة القحطاني", "مسؤولة مشتريات", "ar"),
    Buyer("Ohr HaGalil", "אור הגליל בע״מ", "IL", "ohrhagalil.example", "C", "following", "יעל כהן", "רכש", "he"),
    Buyer("Fos Hellas", "Φως Ελλάς Α.Ε.", "GR", "foshellas.example", "watch", "prospect", "Νίκος Παπαδόπουλος", "Προμήθειες", "el"),
    Buyer("Bharat Prakash Pvt. Ltd.", "भारत प्रकाश प्रा. लि.", "IN", "bharatprakash.example", "B", "following", "Priya Raghunathan", "Sourcing Lead", "en"),
    Buyer("Siam Lighting Co.", "บริษัท สยามไลท์ติ้ง จำกัด", "TH", "siamlighting.example", "C", "prospect", "สมชาย ใจดี", "ฝ่ายจัดซื้อ", "en"),
    Buyer("Nordic Glow AB", "", "SE", "nordicglow.example", "A", "won", "Åsa Lindqvist", "Inköpschef", "en"),
    Buyer("Valo Oy", "", "FI", "valo.example", "C", "dormant", "Jukka Mäkelä", "Ostopäällikkö", "en"),
    Buyer("Hollands Licht B.V.", "", "NL", "hollandslicht.example", "B", "following", "Femke de Vries", "Inkoper", "nl"),
    Buyer("Iluminar Perú S.A.C.", "", "PE", "iluminarperu.example", "watch", "prospect", "Rosa Quispe", "Compras", "es"),
    Buyer("Distribuidora Solano", "", "CL", "solano.example", "C", "prospect", "Matías Solano", "Gerente", "es"),
    Buyer("Luz del Sur S.L.", "", "ES", "luzdelsur.example", "B", "won", "Inmaculada Ríos", "Compras", "es"),
    Buyer("Éclairage Laurentides", "", "CA", "laurentides.example", "C", "prospect", "Jean-François Bélanger", "Acheteur", "fr"),
    Buyer("Lampa Ukraina", "ТОВ «Лампа Україна»", "UA", "lampa.example", "C", "following", "Тарас Шевчук", "Закупівлі", "ru"),
    Buyer("Kazakh Svet", "ТОО «Казахсвет»", "KZ", "kazsvet.example", "watch", "prospect", "Айгерим Нурланова", "Снабжение", "ru"),
    Buyer("Taipei Bright", "台北光明企業有限公司", "TW", "taipeibright.example", "B", "following", "林雅婷", "採購經理", "zh"),
    Buyer("Wing Fat Hong", "榮發行", "HK", "wingfathong.example", "B", "won", "陳志豪", "Merchandiser", "zh"),
    Buyer("Merlion Electrical", "", "SG", "merlion.example", "C", "prospect", "Tan Wei Ling", "Procurement", "en"),
    Buyer("Cahaya Abadi", "PT Cahaya Abadi", "ID", "cahayaabadi.example", "C", "prospect", "Dewi Lestari", "Pembelian", "en"),
    Buyer("Manila Glow Corp.", "", "PH", "manilaglow.example", "watch", "prospect", "Maricel Santos", "Buyer", "en"),
    Buyer("Outback Lighting Pty Ltd", "", "AU", "outbacklighting.example", "B", "following", "Bruce Hargreaves", "Owner", "en"),
    Buyer("Kea Design Ltd", "", "NZ", "keadesign.example", "C", "dormant", "Aroha Ngata", "Designer", "en"),
    Buyer("Nile Electric", "النيل للكهرباء", "EG", "nile-electric.example", "C", "prospect", "أحمد سمير", "مدير", "ar"),
    Buyer("Atlas Lumière", "أطلس لوميير", "MA", "atlaslumiere.example", "watch", "prospect", "Youssef Benali", "Achats", "fr"),
    Buyer("Cape Lamp Traders", "", "ZA", "capelamp.example", "C", "prospect", "Thandi Nkosi", "Buyer", "en"),
    Buyer("Savanna Power", "", "KE", "savannapower.example", "watch", "prospect", "Wanjiru Kamau", "Purchasing", "en"),
    Buyer("Světlo Praha s.r.o.", "", "CZ", "svetlopraha.example", "B", "following", "Jiří Dvořák", "Nákup", "en"),
    Buyer("Fény Kft.", "", "HU", "feny.example", "C", "prospect", "Szűcs Ágnes", "Beszerzés", "en"),
    Buyer("Lumina Impex SRL", "", "RO", "luminaimpex.example", "C", "prospect", "Ștefan Țurcanu", "Achiziții", "en"),
    Buyer("Dansk Belysning A/S", "", "DK", "danskbelysning.example", "B", "won", "Søren Østergaard", "Indkøb", "en"),
    Buyer("Lisboa Luz Lda", "", "PT", "lisboaluz.example", "C", "following", "João Gonçalves", "Compras", "pt"),
    Buyer("Wiener Leuchten GmbH & Co KG", "", "AT", "wienerleuchten.example", "B", "following", "Maximilian Gruber", "Einkauf", "de"),
    Buyer("Brussels Light House", "", "BE", "brusselslight.example", "C", "dormant", "Pieter Janssens", "Aankoop", "nl"),
    Buyer("Ege Aydınlatma", "", "TR", "egeaydinlatma.example", "watch", "prospect", "Burak Yılmaz", "Müdür", "tr"),
    Buyer("Beirut Lamps", "مصابيح بيروت", "LB", "beirutlamps.example", "C", "prospect", "رنا خوري", "مشتريات", "ar"),
    Buyer("Tehran Noor", "تهران نور", "IR", "tehrannoor.example", "watch", "prospect", "رضا احمدی", "خرید", "ar"),
    Buyer("Dhaka Lights", "ঢাকা লাইটস", "BD", "dhakalights.example", "C", "prospect", "Farhana Akter", "Buyer", "en"),
    Buyer("Karachi Bright Traders", "", "PK", "karachibright.example", "C", "prospect", "Imran Qureshi", "Proprietor", "en"),
    Buyer("Colombo Electric", "", "LK", "colomboelectric.example", "watch", "prospect", "Nimal Perera", "Manager", "en"),
    Buyer("Luces de Bogotá", "", "CO", "lucesbogota.example", "C", "following", "Camila Restrepo", "Compras", "es"),
    Buyer("Pampa Iluminación", "", "AR", "pampa.example", "B", "following", "Lucía Fernández", "Importaciones", "es"),
    Buyer("Gulf Star Fixtures", "نجمة الخليج", "KW", "gulfstar.example", "B", "following", "خالد العنزي", "مدير مشتريات", "ar"),
    Buyer("Doha Design District", "", "QA", "dohadesign.example", "C", "prospect", "Noor Al-Kuwari", "Interior designer", "en"),
    Buyer("Saigon Deco", "Sài Gòn Decor", "VN", "saigondeco.example", "C", "prospect", "Trần Minh Quân", "Giám đốc", "vi"),
    Buyer("Very Long Name Hospitality Interiors and Decorative Lighting Procurement Services International Holdings", "", "US", "vlnh-interiors-procurement-international.example", "C", "prospect", "Maximiliana-Alexandrina von Hohenstein-Wittgenstein", "Senior Global Category Director for Decorative Lighting", "en"),
)  # fmt: skip

INCOMING = {
    "en": (
        ("Re: Quotation QT-2291 pendant lamps", "Thank you for the quotation. The price for the brass version is fine for us. Could you confirm the lead time for 600 pcs and whether you can ship before the Chinese New Year? Please also send two samples in brushed brass; we pay the freight."),
        ("Samples received", "The samples arrived yesterday. Finish is very good, but the cable is 20 cm shorter than in the drawing. Can this be corrected for the bulk order?"),
    ),
    "de": (("AW: Angebot Pendelleuchten", "Vielen Dank für das Angebot. Die Mustermenge passt, bitte senden Sie uns die Proforma-Rechnung über 600 Stück. Liefertermin bitte nicht später als KW 8."),),
    "fr": (("Re: Échantillons abat-jour en lin", "Bonjour, nous avons bien reçu vos échantillons. La couleur nous convient. Pourriez-vous nous indiquer le délai pour 1 200 pièces ?"),),
    "es": (("Consulta lámparas colgantes", "Buenas tardes: estamos interesados en el modelo PL-40 en acabado negro mate. ¿Podrían enviarnos precio FOB Ningbo para 500 y 1000 unidades?"),),
    "pt": (("Pedido de cotação", "Bom dia, poderia enviar o catálogo atualizado e o preço para um contêiner de 40 pés? Também gostaríamos de saber sobre a certificação INMETRO."),),
    "it": (("R: Listino 2027", "Gentile signora Li, abbiamo ricevuto il listino. Per la serie Aurora avremmo bisogno di un campione entro fine mese."),),
    "ru": (("Re: Образцы светильников", "Добрый день! Образцы получили, качество хорошее. Пришлите, пожалуйста, счёт на 300 штук и сообщите срок производства."),),
    "ar": (("استفسار عن الثريات الكريستالية", "السلام عليكم، نود الاستفسار عن سعر الثريا موديل CR-118 لعدد 200 قطعة مع التغليف الخاص بنا. هل يمكن إرسال عينة إلى دبي؟"),),
    "ja": (("Re: サンプルの件", "お世話になっております。サンプルを確認いたしました。仕上げは問題ございません。PSE認証の有無と、300台の納期をご教示ください。"),),
    "ko": (("견적 요청", "안녕하세요. 펜던트 조명 PL-40 모델 500개 견적을 부탁드립니다. KC 인증이 있는지도 알려 주세요."),),
    "tr": (("Numune talebi", "Merhaba, PL-40 modelinden iki adet numune rica ediyoruz. Kargo ücretini biz öderiz."),),
    "vi": (("Hỏi giá đèn chùm", "Xin chào, vui lòng báo giá mẫu CR-118 số lượng 100 bộ, giao tại cảng Cát Lái."),),
    "pl": (("Odp: Oferta na lampy wiszące", "Dzień dobry, proszę o próbki w kolorze czarnym oraz termin dostawy dla 400 sztuk."),),
    "nl": (("RE: Offerte hanglampen", "Bedankt voor de offerte. Kunnen jullie ook een prijs geven voor 250 stuks in mat zwart?"),),
    "he": (("בקשה להצעת מחיר", "שלום, נשמח לקבל הצעת מחיר לדגם PL-40 בכמות 200 יחידות."),),
    "el": (("Αίτημα προσφοράς", "Καλημέρα, θα θέλαμε προσφορά για 150 τεμάχια του μοντέλου PL-40."),),
    "zh": (("回复：PL-40 报价", "李小姐您好，样品已经收到，客户对做工很满意。请报 800 套 FOB 宁波的价格，并告知最快交期。"),),
}  # fmt: skip

OUTGOING = (
    ("Quotation QT-{n} pendant lamps", "Dear {name},\n\nplease find our quotation below. Price for 600 pcs: USD 18.40 FOB Ningbo, lead time 35 days after deposit. Samples can leave this Friday.\n\nI am happy to answer any question."),
    ("Re: samples on the way", "Dear {name},\n\nyour two samples left today by DHL, tracking 48 2201 7765. You should have them on Thursday. I will ask for your opinion next week."),
)  # fmt: skip

STRANGERS = (
    ("Ahmed Farouk", "ahmed.farouk@cairolamps.example", "Inquiry: chandeliers for hotel project in Cairo", 3),
    ("Sofía Márquez", "sofia@decormarquez.example", "Catálogo y lista de precios", 2),
    ("Joe", "joe.miller8841@freemail.example", "do you sell single pieces?", 1),
    ("株式会社あかり 田中", "tanaka@akari.example", "お見積りのお願い（ペンダントライト）", 1),
    ("王建国", "wangjg@hengtong-parts.example", "供应五金配件，价格优惠", 5),
    ("Katrin Schäfer", "k.schaefer@nordlicht-beleuchtung-gmbh.example", "Changed bank details for deposit", 1),
    ("Priority Freight Forwarders Global Logistics Solutions", "quotes@priorityfreight-forwarders-logistics.example", "Special ocean freight rates from Ningbo and Shanghai to all main ports, valid until end of the month", 4),
)  # fmt: skip

NEWSLETTERS = (
    ("Lighting Weekly", "news@lightingweekly.example", "This week: EU ecodesign rules explained", 12),
    ("Canton Fair", "noreply@fair.example", "Your exhibitor badge", 2),
)

DRAFTS = (
    ("quoted", "open", "Re: Angebot QT-2200 Pendelleuchten", "Guten Tag,\n\nhatten Sie Gelegenheit, unser Angebot anzusehen? Für 600 Stück könnten wir noch vor dem chinesischen Neujahr liefern, wenn wir die Bestellung bis Ende des Monats haben."),
    ("sample_sent", "open", "Re: عينات المصابيح المعلقة", "السيد {name}،\n\nأردت أن أسأل إن كانت العينات قد وصلت، وما رأيكم في لون النحاس؟"),
    ("quoted", "open", "Re: Cotización QT-2202", "Estimado {name}:\n\n¿Pudo revisar la cotización? Con gusto le preparo otra opción con caja individual."),
    ("quoted", "open", "Re: Предложение QT-2203", "Здравствуйте!\n\nУдалось ли посмотреть наше предложение? Готовы обсудить сроки и упаковку."),
    ("new_inquiry", "failed", "Re: Demande de prix", "Bonjour,\n\nJe reviens vers vous au sujet de votre demande. Pourriez-vous m’indiquer la quantité par modèle ?"),
    ("after_delivery", "open", "How is the first lot selling?", "Dear {name},\n\nThe first lot should be on your shelves by now. How is it going, and is there anything we should do better next time?"),
    ("dormant", "approved", "New brass pendants for the spring", "Dear {name},\n\nWe have three new pendants that match what you bought from us."),
)  # fmt: skip
