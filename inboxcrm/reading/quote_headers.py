"""The words by which mail programs introduce history: header fields, "wrote", "original message", "forwarded message".

Tables only, one row a language. `inboxcrm.reading.quotes` decides by structure; no word of these tables cuts a mail alone.
"""

from __future__ import annotations

from typing import NamedTuple


class HeaderWords(NamedTuple):
    """How one language names the fields of a quoted header, in lower case; a field may have several names."""

    sender: str
    sent: str
    date: str
    to: str
    cc: str
    subject: str


# Names of one field are separated by "/". `sent` is a word that only mail programs use, `date` is any other.
HEADER_WORDS: dict[str, HeaderWords] = {
    "en": HeaderWords(
        "from/sender", "sent/sent at/sent on/date sent", "date", "to/recipient", "cc/bcc/copy", "subject/re"
    ),
    "zh": HeaderWords(
        "发件人/发自/寄件人/寄件者/發件人/寄信人/发信人",
        "发送时间/发送日期/发件时间/傳送時間/寄件日期/发信时间/已发送/已發送/寄送日期/傳送日期",
        "日期/时间/時間",
        "收件人/收件者/收信人/发给",
        "抄送/抄送人/副本/副本抄送/密送/密件抄送/密件副本",
        "主题/主旨/主題/标题/標題",
    ),
    "es": HeaderWords("de/remitente", "enviado/enviado el/enviada", "fecha", "para/destinatario", "cc/cco", "asunto"),
    "fr": HeaderWords(
        "de/expéditeur/exp.",
        "envoyé/envoyé le/envoyée",
        "date",
        "à/a/pour/destinataire",
        "cc/cci/copie/copie à",
        "objet/sujet",
    ),
    "de": HeaderWords(
        "von/absender", "gesendet/gesendet am/verschickt", "datum", "an/empfänger", "cc/bcc/kopie/kopie an", "betreff"
    ),
    "pt": HeaderWords(
        "de/remetente",
        "enviada em/enviado em/enviada/enviado/enviadas",
        "data",
        "para/destinatário",
        "cc/cco",
        "assunto",
    ),
    "ru": HeaderWords(
        "от/от кого/отправитель", "отправлено/послано", "дата/когда", "кому/получатель", "копия/скрытая копия", "тема"
    ),
    "uk": HeaderWords("від/від кого/відправник", "надіслано/відправлено", "дата", "кому", "копія", "тема"),
    "bg": HeaderWords("от", "изпратено", "дата", "до", "копие", "относно"),
    "ar": HeaderWords(
        "من/المرسل",
        "تم الإرسال/أرسل/تاريخ الإرسال/مرسل",
        "التاريخ/تاريخ",
        "إلى/الى",
        "نسخة/نسخة إلى/نسخة الى",
        "الموضوع/موضوع",
    ),
    "it": HeaderWords("da/mittente", "inviato/inviata/inviato il", "data", "a/per/destinatario", "cc/ccn", "oggetto"),
    "ja": HeaderWords(
        "差出人/送信者/発信者", "送信日時/送信日/送信", "日付/日時", "宛先/受信者", "cc/ccに/写し", "件名"
    ),
    "ko": HeaderWords(
        "보낸 사람/보낸이/발신/발신자/보낸사람",
        "보낸 날짜/보낸 시간/보냄/보낸날짜",
        "날짜/일시",
        "받는 사람/받는이/수신/수신자/받는사람",
        "참조/숨은 참조",
        "제목",
    ),
    "tr": HeaderWords(
        "kimden/gönderen",
        "gönderildi/gönderme tarihi/gönderilme tarihi/gönderilme",
        "tarih",
        "kime/alıcı",
        "bilgi/cc",
        "konu",
    ),
    "pl": HeaderWords(
        "od/nadawca",
        "wysłano/wysłane/data wysłania",
        "data",
        "do/adresat/odbiorca",
        "dw/udw/kopia/do wiadomości",
        "temat",
    ),
    "nl": HeaderWords(
        "van/afzender", "verzonden/verstuurd/verzonden op", "datum", "aan/naar", "cc/bcc/kopie", "onderwerp"
    ),
    "vi": HeaderWords(
        "từ/người gửi",
        "đã gửi/gửi lúc/ngày gửi/gửi",
        "ngày/date",
        "đến/tới/người nhận",
        "cc/đồng gửi",
        "chủ đề/tiêu đề",
    ),
    "sv": HeaderWords("från/avsändare", "skickat/skickades", "datum", "till/mottagare", "kopia/kopia till", "ämne"),
    "da": HeaderWords("fra/afsender", "sendt/sendt den", "dato", "til/modtager", "cc/kopi", "emne"),
    "no": HeaderWords("fra/avsender", "sendt", "dato", "til/mottaker", "kopi/kopi til", "emne"),
    "fi": HeaderWords("lähettäjä", "lähetetty/lähetysaika", "päivämäärä/päiväys", "vastaanottaja", "kopio", "aihe"),
    "cs": HeaderWords("od/odesílatel", "odesláno", "datum", "komu/příjemce", "kopie/kopie", "předmět"),
    "sk": HeaderWords("od/odosielateľ", "odoslané", "dátum", "komu/pre/príjemca", "kópia", "predmet"),
    "hu": HeaderWords(
        "feladó/küldő", "elküldve/küldve/küldés dátuma", "dátum", "címzett/címzettek", "másolat/másolatot kap", "tárgy"
    ),
    "ro": HeaderWords(
        "de la/expeditor", "trimis/trimis la/expediat", "data/dată", "către/la/destinatar", "cc", "subiect"
    ),
    "hr": HeaderWords(
        "od/šalje/pošiljatelj", "poslano/poslato", "datum", "za/prima/primatelj", "kopija/kk", "predmet/naslov"
    ),
    "sl": HeaderWords("od/pošiljatelj", "poslano", "datum", "za", "kp", "zadeva"),
    "el": HeaderWords(
        "από/αποστολέας", "στάλθηκε/εστάλη/αποστολή", "ημερομηνία", "προς/παραλήπτης", "κοιν./κοιν/κοινοποίηση", "θέμα"
    ),
    "he": HeaderWords("מאת", "נשלח/נשלח ב", "תאריך", "אל/נמען", "עותק/העתק", "נושא"),
    "th": HeaderWords("จาก", "ส่ง/ส่งเมื่อ", "วันที่", "ถึง", "สำเนา", "เรื่อง"),
    "id": HeaderWords("dari", "dikirim/terkirim", "tanggal", "kepada/ke", "cc/tembusan", "subjek/perihal"),
    "fa": HeaderWords("از/فرستنده", "ارسال شده/ارسال", "تاریخ", "به", "رونوشت", "موضوع"),
    "lt": HeaderWords("nuo", "išsiųsta", "data", "kam", "kopija", "tema"),
    "et": HeaderWords("saatja", "saadetud", "kuupäev", "adressaat/kellele", "koopia", "teema"),
}

# Fields of a quoted header that prove nothing and end nothing.
OTHER_FIELDS = (
    "reply-to/reply to/importance/priority/attachments/attachment/attach/附件/重要性/优先级/antwort an/wichtigkeit/anlagen/anhänge/priorität/"
    "répondre à/importance/pièces jointes/pièce jointe/responder a/importancia/datos adjuntos/archivos adjuntos/adjuntos/anexos/anexo/"
    "prioridade/importância/важность/вложения/вложение/приоритет/priorità/allegati/allegato/rispondi a/添付ファイル/重要度/返信先/첨부/첨부파일/"
    "중요도/önem/ekler/ek/ważność/załączniki/załącznik/priorytet/bijlagen/bijlage/urgentie/prioriteit/tệp đính kèm/phần đính kèm/bilagor/"
    "prioritet/vedhæftede filer/vedlegg/liitteet/přílohy/mellékletek/atașamente/συνημμένα/قرار/مرفقات/المرفقات/sensitivity/on behalf of/回复/答复/"
    "message-id/organization/organisation/categories/x-mailer/reply-to/antwort-an/odpowiedz do/cc/list-id/received/resent-from/return-path"
)

# "wrote", as it stands at or near the end of a line that introduces a quotation. Matched as whole words where words are written apart.
WROTE: dict[str, str] = {
    "en": "wrote|writes|said|has written",
    "zh": "写道|寫道|撰写|撰寫|写到|的邮件|寫|写",
    "es": "escribió|escribio|ha escrito|escribe",
    "fr": "a écrit|a ecrit|écrit|ecrit|écrivait",
    "de": "schrieb|schreibt|geschrieben|schrieben",
    "pt": "escreveu|escreveram",
    "ru": "написал|написала|написал(а)|написали|пишет|писал|писала|писал(а)",
    "uk": "написав|написала|написав(ла)|написали|пише|пишет",
    "bg": "написа|писа",
    "ar": "كتب|كتبت|كتبه|كتبها|تمت كتابة ما يلي بواسطة",
    "it": "ha scritto|scrive|scriveva",
    "ja": "書きました|のメール|書いた",
    "ko": "작성|님이 작성|님이 쓴 글|썼습니다|쓰셨습니다|님의 말",
    "tr": "şunu yazdı|şunları yazdı|yazdı|yazmış",
    "pl": "napisał|napisała|napisał(a)|napisali|pisze",
    "nl": "schreef|schreef het volgende|het volgende geschreven|geschreven|schreef op",
    "vi": "đã viết|viết",
    "sv": "skrev|skriver",
    "da": "skrev|skriver",
    "no": "skrev|følgende",
    "fi": "kirjoitti",
    "cs": "napsal|napsala|napsal(a)|napsal/a|píše",
    "sk": "napísal|napísala|napísal(a)|napísal/a",
    "hu": "ezt írta|írta|következőt írta",
    "ro": "a scris",
    "hr": "je napisao|je napisala|napisao je|piše|je napisao/la",
    "sl": "je napisal|je napisala|je napisal/-a",
    "el": "έγραψε|έγραψε/αν",
    "he": "כתב|כתבה|מאת|נכתב על ידי",
    "th": "เขียน|เขียนว่า",
    "id": "menulis",
    "fa": "نوشت",
    "lt": "rašė|parašė",
    "et": "kirjutas",
}

# How such a line begins, when it does not begin with the date or the name.
STARTS: dict[str, str] = {
    "en": "on|at|in message|in article|quoting",
    "zh": "在|于|於",
    "es": "el|en",
    "fr": "le|en date du",
    "de": "am|zitat von",
    "pt": "em|no dia|a|às",
    "ru": "в|от|дата",
    "uk": "в|у",
    "bg": "на|в",
    "ar": "في|بتاريخ|يوم",
    "it": "il|in data|il giorno",
    "ko": "에",
    "pl": "dnia|w dniu|on",
    "nl": "op",
    "vi": "vào|ngày|lúc|on",
    "sv": "den",
    "da": "den|d.",
    "no": "den|på",
    "cs": "dne|on",
    "sk": "dňa|on",
    "ro": "în|in|pe",
    "hr": "dana|na|u",
    "sl": "dne|v",
    "el": "στις|την|στισ|την",
    "he": "בתאריך|ב",
    "th": "เมื่อ|ใน",
    "id": "pada",
    "fa": "در",
}

# Between dashes or alone before a header: what follows is the mail that is answered.
ORIGINAL_MESSAGE = (
    "original message/original/original mail/original email/original e-mail/replied message/replied mail/reply message/previous message/"
    "reply to message/message history/原始邮件/原邮件/回复的原邮件/原始信件/原始郵件/邮件原件/回复邮件/原始消息/原始訊息/原信/原文/"
    "ursprüngliche nachricht/originalnachricht/original-nachricht/original nachricht/urspr. nachricht/ursprüngliche mail/"
    "mensaje original/mensaje de origen/mensaje anterior/correo original/message d'origine/message d’origine/message original/"
    "message précédent/message initial/courriel original/mail original/mensagem original/mensagem anterior/e-mail original/"
    "исходное сообщение/исходное письмо/оригинальное сообщение/первоначальное сообщение/original-mail/вихідне повідомлення/"
    "оригінальне повідомлення/оригинално съобщение/الرسالة الأصلية/رسالة أصلية/الرسالة الاصلية/messaggio originale/"
    "messaggio di origine/messaggio precedente/元のメッセージ/元のメール/オリジナルメッセージ/original message (元のメッセージ)/"
    "원본 메시지/원본 메일/원본메일/원래 메시지/원본 이메일/orijinal mesaj/özgün ileti/asıl mesaj/orijinal ileti/özgün mesaj/"
    "wiadomość oryginalna/oryginalna wiadomość/treść oryginalnej wiadomości/wiadomość źródłowa/wiadomość pierwotna/"
    "oorspronkelijk bericht/origineel bericht/oorspronkelijk mail/oorspronkelijke bericht/thư gốc/tin nhắn gốc/"
    "ursprungligt meddelande/originalmeddelande/oprindelig meddelelse/original meddelelse/den oprindelige meddelelse/opprinnelig melding/"
    "original melding/alkuperäinen viesti/původní zpráva/původní e-mail/pôvodná správa/eredeti üzenet/eredeti levél/"
    "mesaj original/mesajul original/mesaj initial/izvorna poruka/originalna poruka/izvirno sporočilo/αρχικό μήνυμα/"
    "πρωτότυπο μήνυμα/הודעה מקורית/ההודעה המקורית/ข้อความต้นฉบับ/pesan asli/pesan orisinal/پیام اصلی/algupärane kiri/sākotnējā ziņa"
)

# Between dashes, or alone: what follows is a mail that is passed on, and so is content.
FORWARDED_MESSAGE = (
    "forwarded message/begin forwarded message/forwarded mail/forwarded email/forwarded by/start of forwarded message/fwd message/"
    "转发的邮件/转发邮件信息/转发邮件/转发消息/转发的消息/已转发的邮件/轉寄的郵件/轉寄郵件/已轉寄的郵件/转发信息/开始转发的邮件/下面是被转发的邮件/"
    "开始转发的信息/以下是转发的邮件/以下是轉寄的郵件/开始转发邮件/"
    "weitergeleitete nachricht/weitergeleitete mail/anfang der weitergeleiteten nachricht/weitergeleitete e-mail/weitergeleitet von/"
    "mensaje reenviado/inicio del mensaje reenviado/correo reenviado/mensaje adjunto reenviado/reenviado por/"
    "message transféré/message transmis/début du message transféré/début du message réexpédié/courriel transféré/message réexpédié/"
    "mensagem encaminhada/início da mensagem encaminhada/início da mensagem reenviada/mensagem reenviada/e-mail encaminhado/"
    "пересылаемое сообщение/пересланное сообщение/перенаправленное сообщение/начало переадресованного сообщения/пересылаемое письмо/"
    "начало переадресованного письма/пересылается сообщение/переадресованное сообщение/переслане повідомлення/"
    "пересилане повідомлення/початок листа, що пересилається/препратено съобщение/"
    "رسالة معاد توجيهها/الرسالة المعاد توجيهها/رسالة محولة/بداية الرسالة المعاد توجيهها/بدء الرسالة المعاد توجيهها/رسالة مُعاد توجيهها/"
    "messaggio inoltrato/inizio messaggio inoltrato/messaggio girato/e-mail inoltrata/"
    "転送メッセージ/転送されたメッセージ/転送メール/転送されたメール/以下は転送されたメールです/"
    "전달된 메시지/전달된 메일/전달 메일/전달된 이메일/전달된 편지/forwarded message (전달된 메시지)/"
    "iletilen mesaj/yönlendirilmiş mesaj/iletilmiş ileti/iletilen ileti/yönlendirilen ileti/iletilen iletinin başlangıcı/iletilmiş mesaj/"
    "wiadomość przekazana/przekazana wiadomość/przesłana wiadomość/treść przekazanej wiadomości/początek przekazywanej wiadomości/"
    "przekazywana wiadomość/doorgestuurd bericht/begin doorgestuurd bericht/doorgestuurde bericht/doorgezonden bericht/"
    "thư đã chuyển tiếp/thư chuyển tiếp/tin nhắn chuyển tiếp/tin nhắn được chuyển tiếp/bắt đầu thư được chuyển tiếp/"
    "vidarebefordrat meddelande/vidarebefordrat brev/vidarebefordrat mail/början på vidarebefordrat brev/"
    "videresendt meddelelse/videresendt besked/videresendt mail/start på videresendt besked/videresendt melding/"
    "videresendt e-post/begynnelse på videresendt melding/edelleenlähetetty viesti/välitetty viesti/välitetty viesti alkaa/"
    "přeposlaná zpráva/předaná zpráva/začátek přeposílané zprávy/preposlaná správa/továbbított üzenet/továbbított levél/"
    "mesaj redirecționat/mesaj redirectionat/mesaj transmis mai departe/începutul mesajului redirecționat/proslijeđena poruka/"
    "prosleđena poruka/posredovano sporočilo/προωθημένο μήνυμα/προωθούμενο μήνυμα/έναρξη προωθημένου μηνύματος/"
    "הודעה שהועברה/הודעה מועברת/ข้อความที่ส่งต่อ/pesan yang diteruskan/pesan terusan/پیام ارسال شده/edasi saadetud kiri/"
    "persiųstas laiškas"
)

# Beginnings of the subject of a mail that is passed on, and of one that answers.
FORWARD_SUBJECTS = (
    "fwd/fw/wg/tr/rv/enc/i/inoltra/转发/轉寄/轉發/転送/전달/doorst/vb/vs/vl/vid/ilt/ynt-ilt/pd/podaj/пересл/переслано/fwd.: /tov/továbbítás/redir/προωθ/πρθ/"
    "إعادة توجيه/הועבר/chuyển tiếp/trs/rif-fwd/wtr/nl/ihs/prij/weiter/weitergeleitet"
)
REPLY_SUBJECTS = (
    "re/aw/antw/antwort/sv/rép/rep/réf/rif/r/res/resp/回复/答复/回覆/答覆/返信/回信/회신/답장/ynt/yan/odp/ha/ответ/отв/відп/atb/atbilde/vá/"
    "رد/تשובה/תגובה/השב/trả lời/bls/σχετ/απ/vast/na/re-"
)
