"""What machines and lawyers add to mails, by kind: disclaimers, warnings at the top, "sent from my phone", list footers.

Tables only, in lower case, found all at once by Aho-Corasick. A phrase is long and odd enough that no buyer writes it.
"""

from __future__ import annotations

# Legal notices, virus scanners, "think before you print": the paragraph that holds one, and what follows it.
DISCLAIMERS = (
    # English
    "disclaimer:/intended recipient/intended solely for the/intended only for the/solely for the use of the/solely for the addressee/"
    "for the sole use of the/confidentiality notice/confidentiality note/legal notice:/legal disclaimer/email disclaimer/e-mail disclaimer/"
    "this e-mail and any attachment/this email and any attachment/this message and any attachment/this e-mail and any file/"
    "this email and any file/this message and its attachment/this e-mail message and any/this email message and any/"
    "this message, together with any attachment/this e-mail, including any/this email, including any/this email (including any/"
    "this e-mail (including any/this message (including any/this transmission may contain/"
    "this communication may contain/this e-mail may contain confidential/this email may contain confidential/"
    "this message may contain confidential/this message contains confidential/this email contains confidential/"
    "this e-mail contains confidential/information contained in this e-mail/information contained in this email/"
    "information contained in this message/information contained in this communication/information contained in this transmission/"
    "information in this e-mail is/information in this email is/contents of this e-mail/contents of this email/"
    ""
    "received this e-mail in error/"
    "received this email in error/received this message in error/received this communication in error/received this transmission in error/"
    "received this mail in error/received it in error/not the intended/not the addressee/not the named addressee/"
    "please consider the environment/consider the environment before/"
    "think before you print/please don't print this/save a tree/virus-free./virus free. www/free from viruses/"
    "scanned for viruses/checked for viruses/scanned by mailmarshal/mimecast/messagelabs/free of viruses/"
    "liability for any damage caused by any virus/any virus transmitted/views or opinions expressed/views expressed in this/"
    "does not necessarily reflect the/monitors email communications/monitor e-mail communications/"
    "monitor all e-mail/all e-mails sent to or from/privacy notice:/privacy policy:/"
    # Chinese
    "本邮件及其附件/本邮件及附件/本电子邮件及/此邮件及其/此邮件及附件/本邮件包含/本邮件所含/本邮件含有/本邮件仅供/本郵件及其附件/本郵件及附件/"
    "此電子郵件/本電子郵件/此郵件及/如果您不是预期的收件人/如您并非/如果您错误地收到/如果您误收/如您误收/如您錯誤地收到/免责声明/免責聲明/"
    "保密声明/保密聲明/如非指定收件人/非指定收件人/請立即通知寄件人/"
    # German
    "diese e-mail enthält/diese mail enthält/diese nachricht enthält vertraulich/diese e-mail und alle/diese e-mail und etwaige/"
    "diese e-mail ist vertraulich/diese e-mail kann vertraulich/"
    "nicht der richtige adressat/nicht der vorgesehene/irrtümlich erhalten/irrtümlich bekommen/"
    "unerlaubte kopieren/unbefugte weitergabe/denken sie an die umwelt/umwelt, bevor/"
    "informationen zum datenschutz/datenschutzinformation/virenfrei. www/auf viren geprüft/"
    "auf viren überprüft/pflichtangaben/"
    # French
    "ce message et toutes les pièces/ce message et ses pièces/ce courriel et toutes/ce courriel et ses/ce message est confidentiel/"
    "ce message électronique/ce mail et ses pièces/ce message, ainsi que/les informations contenues dans ce/"
    "à l'attention exclusive/à l'intention exclusive/si vous avez reçu ce/si vous recevez ce message/"
    "si vous n'êtes pas le destinataire/n'imprimez ce/n'imprimer ce/pensez à l'environnement/l'absence de virus/"
    "garantie sans virus/sans virus. www/avis de confidentialité/clause de confidentialité/préservons l'environnement/"
    # Spanish
    "este mensaje y sus archivos/este mensaje y cualquier/este mensaje y los/este correo electrónico y/este correo y sus/"
    "este e-mail y/este mensaje contiene información/este correo contiene/este mensaje puede contener/este correo electrónico contiene/"
    "este mensaje es confidencial/este mensaje se dirige/este mensaje va dirigido/exclusivamente a su destinatario/"
    "uso exclusivo del destinatario/si no es usted el destinatario/si usted no es el destinatario/si ha recibido este/"
    "si usted ha recibido este/ha recibido este mensaje por error/aviso legal/aviso de confidencialidad/"
    "piense en el medio ambiente/"
    # Portuguese
    "esta mensagem e seus/esta mensagem e quaisquer/esta mensagem e os/esta mensagem, incluindo/esta mensagem pode conter/esta mensagem contém/este e-mail e/este email e quaisquer/"
    "este e-mail pode conter/"
    "se você não é o destinatário/se não for o destinatário/se recebeu esta/caso tenha recebido/recebido esta mensagem por engano/"
    "recebeu este e-mail por engano/aviso de confidencialidade/pense no meio ambiente/"
    # Russian and Ukrainian
    "это сообщение и любые/это сообщение и все/данное сообщение и/настоящее сообщение/это электронное письмо и/данное электронное/"
    "это письмо и любые/информация, содержащаяся в/"
    "если вы не являетесь/если вы получили это/если вы получили данное/получили это сообщение по ошибке/"
    "предназначено исключительно/предназначена исключительно/подумайте об окружающей/прежде чем распечатать/без вирусов. www/"
    "проверено на вирусы/проверено на отсутствие вирусов/уведомление о конфиденциальности/цей лист та/це повідомлення та/"
    # Arabic
    "هذه الرسالة وأي/هذا البريد الإلكتروني/هذه الرسالة الإلكترونية/هذه الرسالة ومرفقاتها/هذا البريد وأي/إذا لم تكن المستلم/"
    "إذا استلمت هذه/إخلاء مسؤولية/إخلاء المسؤولية/"
    # Italian
    "questo messaggio e i suoi/questo messaggio e gli/questo messaggio ed i/questa e-mail e/questo messaggio contiene/questo messaggio di posta/"
    "esclusivamente al destinatario/esclusivamente ai destinatari/se avete ricevuto/"
    "se ha ricevuto questo/qualora non fosse/qualora riceveste/d.lgs. 196/reg. ue 2016/"
    "rispetta l'ambiente/informativa sulla privacy/nota di riservatezza/"
    # Japanese and Korean
    "このメールおよび添付/このメール及び/本メールおよび添付/本メール及び添付/本メールに記載/このメールには機密/本メールには/"
    "誤って受信された/誤って送信された/機密情報が含まれ/本電子メール/"
    "이 메일은/본 메일은/이 메시지는 지정된/본 메일 및/본 전자우편/이 전자메일/이 이메일은 기밀/수신자가 아닌/수신인이 아닌/"
    # Turkish
    "bu e-posta ve/bu e-posta mesajı/bu elektronik posta/bu mesaj ve ekleri/yalnızca gönderilen/yasal uyarı/"
    "gizlilik bildirimi/eğer mesajın alıcısı/yanlışlıkla ulaş/çevreyi korumak için/"
    # Polish
    "niniejsza wiadomość/ta wiadomość oraz/ta wiadomość e-mail/treść tej wiadomości/wiadomość ta/"
    "jeżeli nie jest pan/jeśli nie jest pan/jeśli nie są państwo/otrzymali państwo tę/administratorem danych/"
    "administratorem państwa danych/wolna od wirusów/klauzula poufności/"
    # Dutch
    "dit bericht en/dit e-mailbericht/deze e-mail en/deze e-mail is/dit bericht is uitsluitend/dit bericht kan vertrouwelijk/"
    "de informatie in dit/indien u niet de/uitsluitend bestemd voor/ten onrechte ontvangen/denk aan het milieu/"
    "op virussen gecontroleerd/virusvrij. www/"
    # Vietnamese
    "thư điện tử này/email này và/thư này và/thông tin trong email này/email này có chứa/nếu bạn không phải là người nhận/"
    "nếu quý vị không phải/tuyên bố miễn trừ/"
    # Nordic, Czech, Hungarian, Romanian, Greek, Hebrew
    "detta e-postmeddelande/detta meddelande och/detta mejl och/denne mail og eventuelle/denne e-mail og/denne meddelelse/denne e-posten og/"
    "tämä sähköposti/tämä viesti ja/tato zpráva a/tento e-mail a/tento email a/ez az e-mail és/ez az üzenet/acest mesaj și/acest e-mail/"
    'acest mesaj este/το παρόν μήνυμα/αυτό το μήνυμα και/הודעה זו ו/דוא"ל זה/behandlar personuppgifter/'
    "bez virů. www/vírusmentes. www"
)

# Words of such notices that a buyer may write too: two of them in one paragraph, or one beside a phrase from above.
LEGAL_WORDS = (
    "are confidential/is confidential/confidentiel/vertraulich/confidencial/riservat/конфиденциальн/poufn/vertrouwelijk/gizlidir/保密/机密/"
    "may be confidential/strictly prohibited/privileged and confidential/is confidential and may be/"
    "are confidential and may be/before printing this/legally privileged/confidential and intended/机密信息/保密信息/"
    "请立即删除/请立即删除本邮件/vertrauliche informationen/der inhalt dieser e-mail/avant d'imprimer/usage exclusif/"
    "antes de imprimir/recibido por error/protección de datos/libre de virus/as informações contidas/"
    "informações confidenciais/uso exclusivo do/livre de vírus/содержит конфиденциальную/"
    "может содержать конфиденциальную/является конфиденциальн/معلومات سرية/le informazioni contenute/"
    "informazioni riservate/ad uso esclusivo/ai sensi del regolamento/ai sensi del d.lgs/prima di stampare/"
    "privo di virus/心当たりのない場合/비밀정보/기밀정보/기밀 정보/gizli bilgi/yazdırmadan önce/virüs içermez/informacje poufne/"
    "zawiera informacje poufne/zanim wydrukujesz/sąd rejonowy/kapitał zakładowy/vertrouwelijke informatie/"
    "voordat u deze/thông tin mật/personuppgifter/persondata/unauthorized use/unauthorised use/"
    "unauthorized review/bevor sie diese e-mail/drucken sie diese/if you have received/confidential information/"
    "contents of this message are/datenschutzhinweise/datenschutzerklärung/algemene voorwaarden van toepassing/"
    "严禁未经授权/toute utilisation non"
)

# Warnings that the receiving company's server puts on top: the first paragraph that holds one.
BANNERS = (
    "originated from outside/originates from outside/came from outside/sent from outside/email is from outside/from an external sender/"
    "from an external source/external email:/external e-mail:/external sender/external message warning/external mail/[external]/"
    "[external email]/caution: external/caution: this/caution - external/warning: this email/warning: external/do not click links or/"
    "do not click on links/do not click any links/don't often get email from/learn why this is important/unless you recognize the sender/"
    "unless you recognise the sender/this message is from an unknown sender/be careful with links/powered by mimecast/"
    "this sender is not verified/sender identity could not/this email was sent from outside/you have not previously corresponded/"
    "外部邮件/外部郵件/此邮件来自外部/该邮件来自外部/邮件来自公司外部/邮件来自外部/请勿点击/請勿點擊/谨慎点击/注意：外部/来自外网/"
    "externe e-mail/externe mail/diese e-mail stammt von außerhalb/diese e-mail kommt von außerhalb/diese mail kommt von extern/"
    "von einem externen absender/achtung: diese e-mail/vorsicht: diese/achtung: externe/nachricht von extern/"
    "e-mail externe/message externe/provient de l'extérieur/provient d'un expéditeur externe/expéditeur externe/"
    "correo externo/mensaje externo/proviene de fuera/proviene del exterior/remitente externo/e-mail externo/mensagem externa/"
    "remetente externo/внешнее письмо/внешний отправитель/письмо от внешнего/внешняя почта/mail esterna/messaggio esterno/mittente esterno/"
    "proveniente dall'esterno/外部からのメール/社外からの/社外メール/외부에서 발송/외부 메일/외부메일/dış kaynaklı/kurum dışından/harici e-posta/"
    "wiadomość zewnętrzna/spoza organizacji/nadawca zewnętrzny/externe afzender/afkomstig van buiten/van buiten de organisatie/"
    "email từ bên ngoài/thư từ bên ngoài/externt mail/externt e-postmeddelande/ekstern e-mail/ekstern mail/رسالة خارجية/بريد خارجي/من خارج"
)

# Beginnings of the line that a phone or a program adds. `MY_DEVICE` lines need no further proof, the others a word of `DEVICE_WORDS`.
MY_DEVICE = (
    "get outlook for/sent from my iphone/sent from my ipad/sent from yahoo mail/sent from mail for windows/"
    "sent from outlook for/sent from proton mail/sent with proton mail/sent from protonmail/sent with protonmail/"
    "sent from samsung/sent from my galaxy/sent from my samsung/sent from my android/sent from my mobile/"
    "sent from my phone/sent from my blackberry/sent from my huawei/sent from gmail mobile/sent with sparrow/"
    "sent with spark/sent via the samsung/sent from zoho mail/sent using zoho/sent from aol/yahoo mail: search/"
    "发自网易/发自新浪/发自手机/来自网易/从 windows/从windows/发送自 windows/发自iphone/发自 iphone/來自 iphone/获取 outlook/获取outlook/"
    "下载 outlook/下載 outlook/取得 outlook/取得適用/获取适用于/网易邮箱大师/von meinem iphone/von meinem ipad/von meinem handy/"
    "von meinem mobiltelefon/von meinem smartphone/von meinem samsung/von meinem huawei/von meinem android/"
    "outlook für/holen sie sich outlook/laden sie outlook/diese nachricht wurde von meinem/gesendet von meinem/"
    "mit der gmx/gesendet mit der gmx/gesendet mit der web.de/gesendet mit der mobilen/von unterwegs gesendet/"
    "envoyé de mon/envoyé depuis mon/envoyé à partir de mon/envoyé à partir d'outlook/envoyé à partir de outlook/"
    "envoyé depuis l'application/obtenir outlook/obtenez outlook/télécharger outlook/téléchargez outlook/"
    "provenance : courrier/envoyé depuis yahoo/enviado desde mi/enviado desde correo/enviado desde outlook/"
    "obtener outlook/obtén outlook/enviado desde yahoo/enviado desde el móvil/enviado do meu/"
    "enviado a partir do meu/enviado pelo meu/enviado de meu/obter o outlook/obtenha o outlook/"
    "enviado do correio/enviado do email/enviado do yahoo/enviado via iphone/enviado desde un dispositivo/"
    "отправлено с iphone/отправлено с ipad/отправлено с моего/отправлено с мобильного/отправлено со смартфона/"
    "отправлено из мобильной/отправлено из почты/отправлено из outlook/отправлено из мобильного/"
    "отправлено с телефона/отправлено с устройства/отправлено с samsung/скачать outlook/получить outlook/"
    "загрузить outlook/отправлено с android/відправлено з iphone/الحصول على outlook/احصل على outlook/"
    "inviato da iphone/inviato da ipad/inviato dal mio/inviato dall'iphone/inviato da outlook/inviato da yahoo/"
    "inviato da posta per/ottieni outlook/scarica outlook/inviato da mail per/inviato da libero/iphoneから送信/"
    "ipadから送信/私のiphone/マイ iphone/androidから送信/スマートフォンから送信/outlook for ios を/outlook for android を/xperiaから送信/"
    "windows 版のメール/ios 版 outlook/ios 版の outlook/나의 iphone/내 iphone/iphone에서 보냄/내 ipad/ipad에서/galaxy에서 보냄/"
    "내 galaxy/삼성 galaxy/ios용 outlook/android용 outlook/windows용 메일/네이버 메일앱/iphone'umdan/iphone'dan/iphone’umdan/"
    "ipad'imden/android cihazımdan/samsung cihazımdan/outlook for ios edinin/ios için outlook/"
    "android için outlook/cep telefonumdan/samsung galaxy akıllı/huawei telefonumdan/wysłane z iphone/"
    "wysłane z mojego/wysłane z urządzenia/wysłano z iphone/wysłano z mojego/wysłane z telefonu/"
    "wysłane z aplikacji/pobierz program outlook/pobierz outlook/wysłano z urządzenia/wysłane z outlook/"
    "verstuurd vanaf mijn/verzonden vanaf mijn/verzonden met mijn/outlook voor/download outlook/"
    "verstuurd met mijn/verzonden vanuit mail/gửi từ iphone/gửi từ điện thoại/tải outlook/nhận outlook/"
    "skickat från min/skaffa outlook/sendt fra min/hent outlook/hämta outlook/lähetetty iphone/lähetetty minun/"
    "lähetetty laitteesta/hanki outlook/získat outlook/stáhnout outlook/iphone-omról küldve/iphone-ról küldve/"
    "az iphone-omról/az én iphone/obțineți outlook/קבל את outlook/diese e-mail wurde von meinem/"
    "with the gmx mail app"
)
DEVICE_STARTS = (
    "sent from/sent via/sent with/sent using/sent by/sent on/send from/send via/gesendet von/gesendet mit/"
    "gesendet über/gesendet aus/envoyé de/envoyé depuis/envoyé avec/envoyé via/envoyé à partir/enviado desde/"
    "enviado con/enviado de/enviado por/enviado via/enviado do/enviado com/enviado pelo/отправлено с/"
    "отправлено из/отправлено через/inviato da/inviato con/inviato dal/inviato tramite/发自/來自/来自/寄自/传送自/傳送自/"
    "verzonden vanaf/verzonden met/verstuurd vanaf/verstuurd met/verzonden via/wysłane z/wysłane za/wysłano z/"
    "wysłane przez/gönderen/şuradan gönderildi/skickat med/sendt med/lähetetty/gửi từ/gửi bằng/mailed with/"
    "written on/typed on/typed with/composed on/this email was sent from my/this message was sent from/"
    "-- sent from/从我的/從我的/来自我的/來自我的/由我的/发自我/发自我的/发送自我的/傳送自我的/sendt fra/skickat från/poslano s/poslano iz/"
    "poslano z/trimis de pe/dikirim dari/elküldve/נשלח מה/נשלח מ/надіслано з/odesláno z/odoslané z/"
    "στάλθηκε από το/αποστολή από/đã gửi từ/được gửi từ/مرسل من/أرسل من/أرسلت من/أُرسلت من/تم الإرسال من/"
    "مُرسل من/ส่งจาก/ارسال شده از"
)
DEVICE_WORDS = (
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|redmi|oppo|vivo|honor|oneplus|nokia|blackberry|pixel|motorola|xperia|windows|"
    r"outlook|gmail|yahoo|proton|hotmail|thunderbird|spark|sparrow|airmail|bluemail|mailbird|zoho|yandex|mail\.ru|mail app|apple|aol|gmx|web\.de|"
    r"smart ?phone|phone|mobile|mobil|handy|tablet|device|telefon|telefoon|teléfono|telefone|téléphone|celular|telemóvel|móvil|movil|portable|"
    r"mailbox|e-?mail|webmail|app|superhuman|钉邮|телефон|смартфон|устройств|почт|mail|手机|手機|邮箱|郵箱|邮件|foxmail|wechat|微信|钉钉|qq|飞书|lark|企业微信|网易|新浪|"
    r"スマートフォン|アプリ|휴대폰|앱|cihaz|جوال|هاتف|موبايل|điện thoại|טלפון|נייד|κινητό|โทรศัพท์"
)

# Mailing lists, newsletters and trackers.
LIST_FOOTERS = (
    "mailing list info/to unsubscribe from this/to unsubscribe, /to unsubscribe from these/to unsubscribe click/"
    "unsubscribe here/click here to unsubscribe/manage your subscription/manage subscriptions/"
    "update your preferences/update subscription preferences/email preferences/you received this message because/"
    "you are receiving this because/you are receiving this email because/you're receiving this/"
    "you received this email because/you are receiving this message because/view it on github/"
    "reply to this email directly/view this email in your browser/if you no longer wish to receive/"
    "if you do not wish to receive/to stop receiving/ref:!/to respond, reply to this email/visit topic or reply/"
    "如果您不想再收到/退订请点击/点击退订/如不希望继续收到/si vous ne souhaitez plus/para dejar de recibir/para deixar de receber/"
    "чтобы отписаться"
)
