"""The names of the months in the languages that mails come in: one line a language, for Date headers and return dates.

Nothing here parses; `MONTH` maps a folded name or abbreviation to 1-12.
"""

from __future__ import annotations

import unicodedata

NAMES = {
    # Each month: full names and usual short forms, in the cases that stand in a date; short forms without their dot.
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec",
    "de": "januar/jänner/jan februar/feber/feb märz/mär/mrz april/apr mai juni/jun juli/jul august/aug september/sept/sep oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv février/févr/fév mars avril/avr mai juin juillet/juil août septembre/sept octobre/oct novembre/nov décembre/déc",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sept octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov dezembro/dez",
    "ru": "января/январь/янв февраля/февраль/февр/фев марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл августа/август/авг сентября/сентябрь/сент/сен октября/октябрь/окт ноября/ноябрь/нояб/ноя декабря/декабрь/дек",
    "uk": "січня/січ лютого/лют березня/бер квітня/квіт травня/трав червня/черв липня/лип серпня/серп вересня/вер жовтня/жовт листопада/лист грудня/груд",
    "ar": "يناير فبراير مارس أبريل/ابريل مايو يونيو يوليو أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر",
    "ar-levant": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sept oktober/okt november/nov december/dec",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis grudnia/grudzień/gru",
    "cs": "ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec srpna/srpen září října/říjen listopadu/listopad prosince/prosinec",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas aralık/ara",
    "sv": "januari/jan februari/feb mars april/apr maj juni/jun juli/jul augusti/aug september/sep oktober/okt november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep oktober/okt november/nov december/dec",
    "nb": "januar/jan februar/feb mars april/apr mai juni/jun juli/jul august/aug september/sep oktober/okt november/nov desember/des",
    "fi": "tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis huhtikuuta/huhtikuu/huhti toukokuuta/toukokuu/touko kesäkuuta/kesäkuu/kesä heinäkuuta/heinäkuu/heinä elokuuta/elokuu/elo syyskuuta/syyskuu/syys lokakuuta/lokakuu/loka marraskuuta/marraskuu/marras joulukuuta/joulukuu/joulu",
    "hu": "január/jan február/feb március/márc április/ápr május/máj június/jún július/júl augusztus/aug szeptember/szept október/okt november/nov december/dec",
    "ro": "ianuarie/ian februarie/feb martie aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept octombrie/oct noiembrie/nov decembrie/dec",
    "el": "ιανουαρίου/ιαν φεβρουαρίου/φεβ μαρτίου/μαρ απριλίου/απρ μαΐου/μαΐ ιουνίου/ιουν ιουλίου/ιουλ αυγούστου/αυγ σεπτεμβρίου/σεπ οκτωβρίου/οκτ νοεμβρίου/νοε δεκεμβρίου/δεκ",
    "he": "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "vi": "tháng_1/tháng_một tháng_2/tháng_hai tháng_3/tháng_ba tháng_4/tháng_tư tháng_5/tháng_năm tháng_6/tháng_sáu tháng_7/tháng_bảy tháng_8/tháng_tám tháng_9/tháng_chín tháng_10/tháng_mười tháng_11 tháng_12",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu september/sep oktober/okt november/nov desember/des",
}
"""Language → its twelve months in order; "_" stands for a blank. Chinese, Japanese and Korean count their months (5月, 5월)."""


def folded(word: str) -> str:
    """Lower case without accents: people leave them out, and so do old mail programs."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.casefold().replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


ACCENTED = frozenset(
    name.replace("_", " ") for line in NAMES.values() for names in line.split() for name in names.split("/")
)
"""Every name and short form as written above, in lower case."""

MONTH = {
    folded(name.replace("_", " ")): number
    for line in NAMES.values()
    for number, names in enumerate(line.split(), start=1)
    for name in names.split("/")
}
"""Folded name → number. Where two languages disagree about a short form, the later line of `NAMES` has no such form."""
