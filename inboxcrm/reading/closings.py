"""How a letter ends, by language: closing phrases, and the words that tell a line of a contact block from a sentence.

Tables only; `inboxcrm.reading.signature` says what they mean.
"""

from __future__ import annotations

# Each stands at the beginning of a line of its own, perhaps with a name behind it.
CLOSINGS: dict[str, str] = {
    "en": "best regards/kind regards/warm regards/warmest regards/kindest regards/best wishes/regards/with regards/with best regards/"
    "with kind regards/with warm regards/yours sincerely/yours faithfully/yours truly/sincerely/sincerely yours/truly yours/"
    "respectfully/cordially/cheers/thanks/thank you/many thanks/thanks and regards/thanks & regards/thanks and best regards/"
    "thanks & best regards/thanks in advance/thank you in advance/thx/tks/best/b.rgds/brgds/rgds/br/b.r/kr/all the best/"
    "good day/have a nice day/have a great day/take care/looking forward/warmly/best rgds/greetings/thank you and best regards",
    "zh": "此致/敬礼/敬禮/祝好/祝商祺/顺祝商祺/順祝商祺/顺颂商祺/順頌商祺/商祺/谢谢/謝謝/多谢/祝工作顺利/祝您工作愉快/祝生意兴隆/祝生意興隆/"
    "敬上/祝安/祝您生活愉快/祝顺利/即颂商祺/敬祝商安/颂祝商祺/祝一切顺利/祝您/顺祝/顺颂/敬颂/best regards/谨上/期待您的回复/感谢",
    "es": "saludos/saludos cordiales/un saludo/un cordial saludo/cordiales saludos/atentamente/muy atentamente/cordialmente/gracias/"
    "muchas gracias/gracias y saludos/le saluda atentamente/reciba un cordial saludo/atte/saludos atentos/un abrazo/quedo atento/quedo atenta/quedo a la espera/quedamos a la espera/quedo pendiente/quedamos atentas/"
    "quedamos atentos/sin otro particular/gracias de antemano/saludos y gracias/atentos saludos",
    "fr": "cordialement/bien cordialement/très cordialement/bien à vous/cdlt/cdt/salutations/meilleures salutations/"
    "sincères salutations/salutations distinguées/sincèrement/bonne journée/bonne réception/merci/merci d'avance/merci par avance/"
    "avec mes salutations/amicalement/respectueusement/bien sincèrement/veuillez agréer/je vous prie d'agréer/dans l'attente/bàv",
    "de": "mit freundlichen grüßen/mit freundlichem gruß/mit freundlichen grüssen/mit besten grüßen/mit besten grüssen/freundliche grüße/"
    "freundliche grüsse/freundlicher gruß/beste grüße/beste grüsse/viele grüße/viele grüsse/liebe grüße/schöne grüße/herzliche grüße/"
    "mit herzlichen grüßen/mit lieben grüßen/mit vielen grüßen/gruß/gruss/grüße/grüsse/mfg/lg/vg/bg/hochachtungsvoll/vielen dank/"
    "danke/besten dank/mit freundlichen gruessen/freundliche gruesse/viele gruesse/schöne grüsse/einen schönen tag",
    "pt": "atenciosamente/cordialmente/cumprimentos/melhores cumprimentos/com os melhores cumprimentos/os melhores cumprimentos/abraço/"
    "abraços/att/atte/obrigado/obrigada/muito obrigado/muito obrigada/grato/grata/saudações/respeitosamente/um abraço/"
    "desde já agradeço/desde já obrigado/com os meus cumprimentos/cordiais saudações",
    "ru": "с уважением/с наилучшими пожеланиями/с искренним уважением/с глубоким уважением/всего доброго/всего хорошего/спасибо/"
    "заранее спасибо/заранее благодарю/благодарю/с благодарностью/искренне ваш/хорошего дня/удачи/с ув/наилучшие пожелания/"
    "с наилучшими/с почтением",
    "uk": "з повагою/з найкращими побажаннями/дякую/щиро ваш/щиро дякую/гарного дня",
    "bg": "с уважение/поздрави/благодаря",
    "ar": "مع أطيب التحيات/مع خالص التحية/مع التحية/مع خالص التقدير/تحياتي/وتفضلوا بقبول فائق الاحترام/تفضلوا بقبول فائق الاحترام/"
    "مع تحياتي/شكرا/شكراً/شكرا لكم/أطيب التحيات/مع جزيل الشكر/مع الشكر/خالص التحيات/وتفضلوا بقبول/والسلام عليكم/مع الاحترام/تحيات طيبة",
    "it": "cordiali saluti/distinti saluti/un cordiale saluto/saluti/cordialmente/grazie/grazie mille/buona giornata/buon lavoro/"
    "i migliori saluti/migliori saluti/un saluto/porgiamo cordiali saluti/grazie e saluti/in attesa/ringraziando/ringraziandola",
    "ja": "よろしくお願いいたします/よろしくお願い致します/よろしくお願いします/宜しくお願いいたします/宜しくお願い致します/宜しくお願いします/"
    "以上、よろしくお願いいたします/以上、よろしくお願い致します/以上、宜しくお願い致します/何卒よろしくお願いいたします/敬具/草々/以上/"
    "何卒よろしくお願い申し上げます/よろしくお願い申し上げます/どうぞよろしくお願いいたします/何卒宜しくお願い致します",
    "ko": "감사합니다/고맙습니다/감사드립니다/드림/올림/안녕히 계세요/수고하세요/좋은 하루 되세요/배상",
    "tr": "saygılarımla/saygılarımızla/iyi çalışmalar/iyi günler/teşekkürler/teşekkür ederim/teşekkür ederiz/sevgiler/selamlar/"
    "en iyi dileklerimle/kolay gelsin/syg/saygılar/iyi akşamlar/sevgi ve saygılarımla",
    "pl": "pozdrawiam/pozdrawiamy/z poważaniem/z wyrazami szacunku/serdecznie pozdrawiam/z pozdrowieniami/dziękuję/dziękujemy/"
    "pozdrowienia/łączę wyrazy szacunku/miłego dnia/z powazaniem/dziękuję i pozdrawiam/pozdr",
    "nl": "met vriendelijke groet/met vriendelijke groeten/vriendelijke groet/vriendelijke groeten/hartelijke groet/hartelijke groeten/"
    "groet/groeten/groetjes/mvg/m.v.g/bedankt/alvast bedankt/hoogachtend/dank u wel/met hartelijke groet/fijne dag/met groet",
    "vi": "trân trọng/trân trọng cảm ơn/cảm ơn/xin cảm ơn/thân ái/kính thư/thân/trân trọng kính chào/chân thành cảm ơn/xin chân thành cảm ơn",
    "sv": "med vänlig hälsning/med vänliga hälsningar/vänliga hälsningar/vänlig hälsning/hälsningar/mvh/bästa hälsningar/tack/hälsning/vh",
    "da": "med venlig hilsen/venlig hilsen/hilsen/mvh/kh/de bedste hilsner/bedste hilsner/med venlige hilsner/venlige hilsner/tak/vh",
    "no": "med vennlig hilsen/vennlig hilsen/mvh/hilsen/beste hilsen/takk/med hilsen",
    "fi": "ystävällisin terveisin/terveisin/parhain terveisin/kiitos/t./yt.",
    "cs": "s pozdravem/s úctou/děkuji/děkujeme/hezký den/pěkný den/s přátelským pozdravem/s přáním",
    "sk": "s pozdravom/s úctou/ďakujem/prajem pekný deň",
    "hu": "üdvözlettel/tisztelettel/köszönettel/köszönöm/szép napot/üdv/baráti üdvözlettel",
    "ro": "cu stimă/cu respect/cu drag/mulțumesc/mulţumesc/o zi bună/numai bine/toate cele bune/cu stima/salutări",
    "hr": "lijep pozdrav/srdačan pozdrav/s poštovanjem/pozdrav/lp/lep pozdrav/srdačno/hvala/pozdravi",
    "sl": "lep pozdrav/lep dan/s spoštovanjem/hvala",
    "el": "με εκτίμηση/φιλικά/ευχαριστώ/ευχαριστούμε/φιλικούς χαιρετισμούς/με φιλικούς χαιρετισμούς/χαιρετισμούς",
    "he": "בברכה/תודה/בכבוד רב/תודה רבה/בתודה/בברכה רבה",
    "th": "ขอแสดงความนับถือ/ขอบคุณ/ด้วยความเคารพ",
    "id": "hormat kami/hormat saya/salam/terima kasih/salam hormat",
    "fa": "با احترام/با تشکر/با سپاس/ارادتمند",
    "lt": "pagarbiai/su pagarba",
    "et": "lugupidamisega/parimate soovidega",
}

# A label before a number, an address or a link. Followed by one of these shapes, it makes a line of a contact block.
CONTACT_LABELS = (
    "tel/tel./telephone/phone/ph/ph./mobile/mob/mob./cell/cellphone/fax/direct/dir/office/main/desk/landline/hotline/switchboard/dd/"
    "whatsapp/whats app/wa/wechat/we chat/weixin/skype/qq/viber/telegram/line/line id/kakao/kakaotalk/zalo/teams/signal/linkedin/"
    "facebook/instagram/alibaba/e-mail/email/mail/e mail/web/website/web site/site/url/www/http/add/addr/address/address line/m/t/f/p/e/w/d/o/c/"
    "m.p/m/w/whatsapp/wechat/mob/whatsapp/mobile/whatsapp/wechat/tel/fax/tel/whatsapp/tel & fax/phone/whatsapp/phone/fax/"
    "电话/電話/手机/手機/传真/傳真/座机/固话/移动电话/邮箱/電郵/邮件/电邮/网址/網址/网站/地址/公司地址/微信/微信号/联系电话/联系方式/"
    "联系人/邮编/热线/直线/总机/企业微信/工厂地址/办公地址/办公电话/"
    "telefon/telefonnummer/fon/mobil/handy/telefax/durchwahl/dw/adresse/anschrift/internet/homepage/zentrale/funk/"
    "teléfono/telefono/tfno/tfno./tlf/tlf./tel/móvil/movil/celular/cel/cel./dirección/direccion/correo/correo electrónico/página web/oficina/"
    "tél/tél./téléphone/portable/mobile/port/port./gsm/adresse/courriel/site/site web/siège/standard/ligne directe/"
    "telefone/celular/telemóvel/tlm/tlm./endereço/morada/site/fone/ramal/escritório/correio/"
    "тел/тел./телефон/моб/моб./мобильный/мобильный тел/факс/адрес/сайт/почта/эл. почта/эл.почта/электронная почта/е-mail/вотсап/скайп/тел/факс/"
    "веб-сайт/раб/раб./раб. тел/доб/сот/сот./телеграм/адреса/"
    "هاتف/الهاتف/جوال/الجوال/موبايل/محمول/فاكس/بريد/البريد الإلكتروني/البريد الالكتروني/العنوان/الموقع/الموقع الإلكتروني/واتساب/واتس اب/تلفون/ت/ص.ب/"
    "cellulare/cell/cell./indirizzo/sito/sito web/ufficio/fisso/"
    "携帯/携帯電話/ファックス/住所/メール/所在地/直通/代表/代表電話/電子メール/本社/"
    "전화/휴대폰/휴대전화/핸드폰/팩스/이메일/메일/홈페이지/주소/웹사이트/직통/내선/본사/"
    "telefon/cep/cep tel/cep telefonu/gsm/faks/adres/e-posta/eposta/web adresi/dahili/ofis/"
    "telefon/kom/kom./tel. kom/tel.kom/komórka/adres/strona/faks/"
    "telefoon/telnr/mobiel/mob/adres/kantoor/bezoekadres/postadres/fax/"
    "điện thoại/đt/đtdđ/di động/số điện thoại/địa chỉ/website/hotline/"
    "telefon/mobiltelefon/adress/besöksadress/växel/direkt/tlf/mobil/puhelin/puh/puh./gsm/osoite/mobilní/adresa/telefón/mobiltel/cím/"
    "telefon/mobil/adresă/τηλ/τηλ./τηλέφωνο/κιν/κιν./κινητό/φαξ/διεύθυνση/טל/טל'/טלפון/נייד/פקס/כתובת/דוא\"ל/אתר/โทร/โทร./มือถือ/"
    "แฟกซ์/telp/telp./hp/alamat/تلفن/موبایل/فکس/آدرس/ایمیل/"
)

# Labels of what the law wants at the foot of a letter, and of addresses: part of a contact block, but no proof of one.
OTHER_LABELS = (
    "vat/vat no/ust-idnr/ust-id/ust-idnr./steuernummer/handelsregister/amtsgericht/geschäftsführer/geschäftsführung/hrb/sitz der gesellschaft/"
    "registergericht/siret/siren/rcs/tva/nip/regon/krs/kvk/btw/iban/p.iva/p. iva/c.f/nif/cif/inn/инн/огрн/кпп/cnpj/ust-id-nr/ust.-id.-nr/"
    "aufsichtsrat/vorstand/registered office/company no/company number/registered in/zip/zip code/po box/p.o. box/"
    "add/addr/address/adresse/anschrift/dirección/direccion/endereço/morada/indirizzo/адрес/адреса/العنوان/地址/公司地址/工厂地址/办公地址/住所/"
    "所在地/本社/주소/본사/adres/địa chỉ/adress/besöksadress/osoite/adresa/cím/adresă/διεύθυνση/כתובת/alamat/آدرس/siège/bezoekadres/postadres/"
    "attn/contact person/联系人/ansprechpartner/contact"
)

# Words of job titles and departments; one in a short line below a closing makes it a line of the contact block.
TITLES = (
    "manager/director/sales/purchasing/purchaser/buyer/procurement/ceo/cfo/coo/cto/owner/founder/co-founder/president/vice president/"
    "vp/chairman/assistant/engineer/executive/coordinator/specialist/officer/head of/supervisor/representative/department/dept/merchandiser/"
    "merchandising/logistics/marketing/export/import/accountant/accounting/consultant/partner/managing/sourcing/general manager/team leader/"
    "经理/总监/总经理/董事长/业务员/业务部/销售部/外贸部/采购/采购部/主管/助理/工程师/销售/外贸/跟单/部长/专员/负责人/创始人/"
    "einkauf/einkäufer/einkäuferin/vertrieb/vertriebsleiter/geschäftsführer/geschäftsführerin/leiter/leiterin/leitung/abteilung/"
    "disposition/sachbearbeiter/sachbearbeiterin/inhaber/prokurist/i. a./i.a./i. v./i.v./ppa./dipl.-ing./"
    "gerente/director/directora/jefe/jefa/compras/ventas/comercial/departamento/encargado/responsable/administración/"
    "responsable/directeur/directrice/acheteur/acheteuse/achats/service/commercial/commerciale/gérant/chef de/chargé/chargée/"
    "assistante/importações/comprador/compradora/gerente/diretor/diretora/departamento/vendas/sócio/"
    "менеджер/директор/руководитель/отдел/специалист/инженер/начальник/закупки/закупкам/генеральный/ведущий/главный/бухгалтер/"
    "مدير/مديرة/المشتريات/مشتريات/المبيعات/مبيعات/قسم/المدير/رئيس/مهندس/"
    "responsabile/direttore/direttrice/ufficio/acquisti/vendite/amministratore/titolare/commerciale/"
    "部長/課長/係長/主任/営業部/営業/購買部/購買/担当/代表取締役/社長/部/課/"
    "부장/과장/차장/대리/사원/팀장/이사/대표/대표이사/구매팀/영업팀/팀/주임/"
    "müdür/müdürü/satın alma/satınalma/satış/yönetici/yöneticisi/uzmanı/uzman/sorumlusu/departmanı/koordinatör/genel müdür/ithalat/ihracat/"
    "kierownik/dyrektor/specjalista/zakupy/zakupów/dział/prezes/handlowiec/sprzedaży/właściciel/kupiec/"
    "inkoop/inkoper/verkoop/directeur/hoofd/afdeling/medewerker/eigenaar/adviseur/"
    "trưởng phòng/giám đốc/phòng/nhân viên/kinh doanh/mua hàng/phó/"
    "inköp/inköpare/försäljning/chef/vd/säljare/indkøb/indkøber/salg/direktør/innkjøp/leder/ostaja/myynti/toimitusjohtaja/"
    "nákup/nákupčí/ředitel/vedoucí/obchodní/manažer/jednatel/beszerző/beszerzés/ügyvezető/igazgató/achiziții/director/"
    'υπεύθυνος/διευθυντής/τμήμα/מנהל/מנהלת/רכש/מנכ"ל'
)

# Endings and forms of company names, without their dots.
COMPANY_FORMS = (
    "gmbh/ag/kg/ohg/ug/ek/mbh/ltd/limited/inc/llc/corp/corporation/company/co/plc/pty/pvt/llp/sa/sas/sarl/eurl/srl/spa/sl/slu/sac/saic/cv/ltda/"
    "eireli/lda/bv/nv/oy/oyj/ab/asa/as/aps/zoo/spzoo/zo.o/oo/spk/spj/sro/kft/zrt/bt/doo/dd/sc/ооо/оао/зао/пао/ао/ип/тоо/тов/aş/şti/ltdşti/"
    "group/holding/trading/industries/international/import/imports/enterprise/enterprises/jsc/pte/bhd/fze/fzco/fzc/wll/est/ooo/eood/ood/ehf/"
    "有限公司/股份公司/集团/公司/株式会社/有限会社/合同会社/주식회사"
)

# Words of postal addresses.
STREETS = (
    "street/st/road/rd/avenue/ave/blvd/boulevard/building/bldg/floor/suite/box/zone/district/tower/park/plaza/lane/sq/square/industrial/plot/"
    "straße/strasse/str/weg/platz/allee/rue/calle/avda/av/rua/via/viale/piazza/ul/ulica/ул/улица/проспект/пр-т/г/д/офис/оф/"
    "straat/laan/mah/mahallesi/cad/caddesi/sok/sokak/no/đường/quận/phường/tp/شارع"
)

# Programs for talking: behind their names stands anything.
MESSENGERS = (
    "whatsapp/whats app/wa/wechat/we chat/weixin/skype/skype id/qq/viber/telegram/line id/zalo/kakao/kakaotalk/teams/微信/微信号/企业微信/скайп/вотсап/телеграм/"
    "واتساب/واتس اب"
)

# Beginnings of an afterthought, which is new text wherever it stands.
AFTERTHOUGHTS = (
    r"p\.?\s?s\.?|p\.?p\.?s\.?|n\.?b\.?|p\.?\s?d\.?|post scriptum|又及|附言|另外|另：|另，|補充|补充|追伸|追記|추신|з\.?\s?ы\.?|п\.?\s?с\.?|ملاحظة|ملحوظة|"
    r"btw|note|one more thing|remark|hinweis|not|ps"
)
# Beginnings of a postal or shipping address that was asked for: content, never a signature.
ADDRESS_REQUESTS = (
    "consignee/notify/notify party/ship to/shipping address/delivery address/deliver to/bill to/billing address/invoice to/forwarder/"
    "收货人/收貨人/收件人/收货地址/通知人/发票/寄送/lieferadresse/rechnungsadresse/lieferanschrift/empfänger/destinataire/"
    "adresse de livraison/dirección de entrega/dirección de envío/consignatario/endereço de entrega/indirizzo di consegna/грузополучатель/"
    "адрес доставки/получатель/teslimat adresi/alıcı/adres dostawy/odbiorca/afleveradres/お届け先/送付先/届け先/배송지/받는 사람/수취인/beneficiary/bank"
)

# What announces an address or a number in the line above it: then the block below is what the mail says.
ANNOUNCEMENTS = (
    r"\b(?:address|forwarder|consignee|contacts?|details?|number|phone|whats ?app|we ?chat|deliver|ship(?:ping)?|account|adresse|anschrift|spediteur|"
    r"kontakt\w*|nummer|liefer\w*|dirección|direccion|domicilio|contacto|teléfono|número|envío|endereço|contato|telefone|indirizzo|contatto|spedizione|"
    r"destinataire|livraison|coordonnées|numéro|adres\w*|numara\w*|numer\w*|gegevens|địa chỉ|liên hệ)\b|\b(?:адрес|контакт|реквизит|номер|телефон|достав)|"
    r"عنوان|رقم|地址|联系|聯繫|电话|電話|微信|寄到|寄给|住所|連絡|送付|주소|연락|번호"
)
# Said in a full sentence, an announcement says where to look too.
BELOW = (
    r"\b(?:below|follow\w*|unten|folgend\w*|suivant\w*|dessous|siguientes?|abajo|seguintes?|abaixo|seguente|sotto|aşağıda\w*|poniżej|hieronder|dưới)\b|"
    r"ниже|следующ|التالي|أدناه|以下|如下|下面|下方|下記|아래|다음"
)

# Words of sentences: in a line of three words or more they tell what is said from who says it ("Sales are slow").
SAYS = (
    "please/kindly/need/needs/want/wants/send/is/are/was/were/have/has/can/cannot/can't/will/would/must/should/don't/do/not/we/you/they/it/if/when/"
    "why/how/what/already/still/also/bitte/brauchen/brauche/benötigen/ist/sind/haben/habe/wir/sie/ich/können/wird/nicht/noch/necesito/necesitamos/"
    "favor/es/son/tenemos/tengo/hay/puede/pueden/quiero/queremos/enviar/envíe/envie/merci/veuillez/est/sont/nous/vous/avons/besoin/pouvez/pas/je/"
    "preciso/precisamos/é/são/temos/pode/podem/não/abbiamo/bisogno/è/sono/potete/prego/inviare/non/нужно/нужен/нужны/нужна/пришлите/отправьте/"
    "пожалуйста/мы/вы/есть/не/можете/будет/lütfen/ihtiyacımız/istiyoruz/gönderin/var/yok/mi/mı/değil/proszę/potrzebujemy/jest/są/czy/nie/możemy/"
    "graag/hebben/nodig/zijn/wij/kunt/niet/cần/vui/tôi/không/نريد/نحتاج/الرجاء/يرجى/نرجو/هل/ارسال"
)
