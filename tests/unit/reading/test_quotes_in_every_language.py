"""Attributions as Gmail words them, and header blocks as Outlook words them, in every language of the tables."""

from __future__ import annotations

import pytest

from inboxcrm.reading.newtext import split
from inboxcrm.reading.quote_headers import FORWARDED_MESSAGE, HEADER_WORDS, ORIGINAL_MESSAGE

ATTRIBUTIONS = (
    "On Mon, May 4, 2026 at 11:20 AM Lily Wang <lily@x.example> wrote:",
    "On Mon, 4 May 2026 at 11:20, Lily Wang <lily@x.example> wrote:",
    "Lily Wang <lily@x.example> 於 2026年5月4日 週一 上午11:20寫道：",
    "Lily Wang <lily@x.example> 于2026年5月4日周一 11:20写道：",
    "El lun, 4 may 2026 a las 11:20, Lily Wang (<lily@x.example>) escribió:",
    "Le lun. 4 mai 2026 à 11:20, Lily Wang <lily@x.example> a écrit :",
    "Am Mo., 4. Mai 2026 um 11:20 Uhr schrieb Lily Wang <lily@x.example>:",
    "Em seg., 4 de mai. de 2026 às 11:20, Lily Wang <lily@x.example> escreveu:",
    "Lily Wang <lily@x.example> escreveu (segunda, 4/05/2026 à(s) 11:20):",
    "пн, 4 мая 2026 г. в 11:20, Lily Wang <lily@x.example>:",
    "пн, 4 трав. 2026 р. о 11:20 Lily Wang <lily@x.example> пише:",
    "في الاثنين، 4 مايو 2026 في 11:20 ص تمت كتابة ما يلي بواسطة Lily Wang <lily@x.example>:",
    "Il giorno lun 4 mag 2026 alle ore 11:20 Lily Wang <lily@x.example> ha scritto:",
    "2026年5月4日(月) 11:20 Lily Wang <lily@x.example>:",
    "2026년 5월 4일 (월) 오전 11:20, Lily Wang <lily@x.example>님이 작성:",
    "Lily Wang <lily@x.example>, 4 May 2026 Pzt, 11:20 tarihinde şunu yazdı:",
    "pon., 4 maj 2026 o 11:20 Lily Wang <lily@x.example> napisał(a):",
    "Op ma 4 mei 2026 om 11:20 schreef Lily Wang <lily@x.example>:",
    "Vào Th 2, 4 thg 5, 2026 vào lúc 11:20 Lily Wang <lily@x.example> đã viết:",
    "Den mån 4 maj 2026 kl 11:20 skrev Lily Wang <lily@x.example>:",
    "Den man. 4. maj 2026 kl. 11.20 skrev Lily Wang <lily@x.example>:",
    "man. 4. mai 2026 kl. 11:20 skrev Lily Wang <lily@x.example>:",
    "ma 4. toukok. 2026 klo 11.20 Lily Wang (lily@x.example) kirjoitti:",
    "po 4. 5. 2026 v 11:20 odesílatel Lily Wang <lily@x.example> napsal:",
    "po 4. 5. 2026 o 11:20 Lily Wang <lily@x.example> napísal(a):",
    "Lily Wang <lily@x.example> ezt írta (időpont: 2026. máj. 4., H, 11:20):",
    "În lun., 4 mai 2026 la 11:20, Lily Wang <lily@x.example> a scris:",
    "Στις Δευ 4 Μαΐ 2026 στις 11:20 π.μ., ο χρήστης Lily Wang <lily@x.example> έγραψε:",
    "בתאריך יום ב׳, 4 במאי 2026 ב-11:20 מאת Lily Wang <lily@x.example>:",
    "На пн, 4.05.2026 г. в 11:20 Lily Wang <lily@x.example> написа:",
    "pon, 4. svi 2026. u 11:20 Lily Wang <lily@x.example> napisao je:",
    "V V pon., 4. maj 2026 ob 11:20 je oseba Lily Wang <lily@x.example> napisala:",
    "Pada Sen, 4 Mei 2026 pukul 11.20 Lily Wang <lily@x.example> menulis:",
    "Lietotājs Lily Wang (<lily@x.example>) rakstīja (pirmd., 2026. g. 4. maijs, plkst. 11:20):",
    "El dl., 4 de maig 2026, 11:20, Lily Wang <lily@x.example> va escriure:",
    "2026-05-04 11:20 GMT+08:00 Lily Wang <lily@x.example>:",
    "On 2026-05-04 11:20, Lily Wang wrote:",
    "Am 04.05.26 um 11:20 schrieb Lily Wang:",
    "Le 04/05/2026 à 11:20, Lily Wang a écrit :",
    "El 04/05/2026 a las 11:20, Lily Wang escribió:",
    "Il 04/05/2026 11:20, Lily Wang ha scritto:",
    "Op 04-05-2026 om 11:20 schreef Lily Wang:",
    "04.05.2026 11:20, Lily Wang пишет:",
    "W dniu 04.05.2026 o 11:20, Lily Wang pisze:",
    "Dne 04.05.2026 v 11:20 Lily Wang napsal(a):",
    "在 2026/5/4 11:20, Lily Wang 写道:",
    "在 2026年5月4日，上午11:20，Lily Wang <lily@x.example> 写道：",
    "在 2026-05-04 11:20:33，Lily Wang <lily@x.example> 写道：",
    "On 2026/05/04 11:20, 王 wrote:",
    "Mensaje citado por Lily Wang <lily@x.example> del 4 may 2026 11:20 escribió:",
    "Quoting Lily Wang <lily@x.example> on 4 May 2026 11:20 wrote:",
    'At 2026-05-04 11:20:33, "Lily Wang" <lily@x.example> wrote:',
    "---- On Mon, 04 May 2026 11:20:33 +0800 Lily Wang <lily@x.example> wrote ---",
    "---- El lun, 04 may 2026 11:20:33 +0800, Lily Wang <lily@x.example> escribió ----",
    "Понедельник, 4 мая 2026, 11:20 +03:00 от Lily Wang <lily@x.example>:",
    '04.05.2026, 11:20, "Lily Wang" <lily@x.example>:',
)


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_attribution(attribution: str, mark: str) -> None:
    assert split(f"Price is fine.\n\n{attribution}\n\n{mark}Is the price fine?\n").new_text == "Price is fine."


@pytest.mark.parametrize(
    "attribution", [one for one in ATTRIBUTIONS if len(one) > 60 and " <" in one and "--" not in one]
)
def test_wrapped_attribution(attribution: str) -> None:
    head, _, tail = attribution.partition(" <")
    assert split(f"Price is fine.\n{head}\n<{tail}\n> Is it?\n").new_text == "Price is fine."
    assert split(f"Price is fine.\n{head} <\n{tail}\n\n> Is it?\n").new_text == "Price is fine."


@pytest.mark.parametrize("language", HEADER_WORDS)
def test_header_block(language: str) -> None:
    words = [names.split("/") for names in HEADER_WORDS[language]]
    for number in range(max(map(len, words))):
        sender, sent, _date, to, cc, subject = (names[min(number, len(names) - 1)].capitalize() for names in words)
        block = (
            f"{sender}: Lily Wang <lily@x.example>\n{sent}: 4. 5. 2026 11:20\n{to}: Tom <tom@y.example>\n{cc}: QC <qc@y.example>\n"
            f"{subject}: RE: price\n\nIs the price fine?"
        )
        assert split(f"Price is fine.\n\n{block}\n").new_text == "Price is fine."
        assert split(f"Price is fine.\n\n{block.replace(': ', ' : ')}\n").new_text == "Price is fine."
        bold = "\n".join(f"*{line.replace(':', ':*', 1)}" if ": " in line else line for line in block.split("\n"))
        assert split(f"Price is fine.\n\n{bold}\n").new_text == "Price is fine."


@pytest.mark.parametrize("language", HEADER_WORDS)
def test_a_route_is_no_header_block(language: str) -> None:
    words = [names.split("/")[0].capitalize() for names in HEADER_WORDS[language]]
    route = f"Freight please:\n{words[0]}: Ningbo\n{words[3]}: Hamburg\n{words[2]}: 12/05\nVolume: 28 cbm"
    assert split(route).new_text == route


@pytest.mark.parametrize("phrase", [one for one in ORIGINAL_MESSAGE.split("/") if one])
def test_original_message(phrase: str) -> None:
    for dashes in ("-----", "---------- ", "---- "):
        line = f"{dashes}{phrase}{dashes[::-1]}"
        assert split(f"Price is fine.\n\n{line}\nLily Wang\n\nIs the price fine?").new_text == "Price is fine."


@pytest.mark.parametrize("phrase", [one for one in FORWARDED_MESSAGE.split("/") if one])
def test_forwarded_message(phrase: str) -> None:
    parts = split(
        f"Please see below.\n\n---------- {phrase} ---------\nFrom: Lily <l@x.example>\nDate: 4 May 2026 11:20\nSubject: x\n\nA question."
    )
    assert parts.forwarded
    assert parts.new_text == "Please see below.\n\nA question."
