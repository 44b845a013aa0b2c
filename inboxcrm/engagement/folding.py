"""Text as rules see it: lower case, no accents, plain punctuation, one character for one wherever that is possible.

Rules and mails are folded alike, so that "cotizacion" finds "Cotización" and full-width digits are digits; the way back to the
exact span of the mail is kept. ä, ö and ü stay, for German tells words apart by them ("wurde", "würde"); how else a word with
them may be written, `inboxcrm.engagement.patterns` knows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'", "ʼ": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "「": '"', "」": '"',
    "–": "-", "—": "-", "‑": "-", "−": "-", "‐": "-",
}  # fmt: skip
# Letters that Unicode doesn't take apart, and Arabic letters that people write one for another.
_LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "a", "œ": "o", "ħ": "h",
            "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي",
            "ё": "е", "й": "и"}  # fmt: skip
# Traditional characters of the trade's words, and the simplified ones: one rule finds both writings.
_TRADITIONAL = (
    "們個這來時會說對問題價報請謝貨單發樣訂購採詢盤匯賬帳電話郵運費裝櫃廠產業質壞損壓開關閥門車圖紙規證書檢測試準備確認聯繫係"
    "絡訊號碼網頁頻視議見訪參觀預約機飛漲錯誤換賠償滿優點還過進遠邊遲選適達連週後從復複應總經給結紅綠線終緊續級細組統維緩數據"
    "處麼為於無與萬億幾較輕轉輸軟鋼鐵銅鋁錢銀銷鎖鏽銹長間陳際難離職雙雜類願顏顧風飾館馬驗體鬆黃齊專將導尋屬帶幣幫廣張強彈徑徵"
    "戶掃掛擇擔擴擬啟嗎員園團國圍場塊夠獎嚴嘗區協卻務動勞勝勢劃創則剛劑傳債傷條倉儘盡歡歲歷殘氣決沒溫濕潔減滾營爐獨獲現環畢異"
    "當皺監禮種稅積穩簽節範納純紡絕絲編練縮織績羅聲聽膠臨舊藝虧補製覺覽計設許訴詳誠語課調談論諮講護讓負財貴買貼賀賣贈贊軸載輛"
    "輪辦釋針釘鈕錄鍋鍵閉閱階隨雖靜響頂項順須頭額顯飯飲養鮮齡髮擾刪誰違賴滯濾燈爾獻癢瞭礙託誼貿軌趕遞鄰鉤鏈闆隻麵邏輯遺煩"
    "紹兩變該餘彙僅殼讀釐噸幹乾燒斷塗爛夥蓋儀層紗襯褲臺灣圓歐顆誌槳鬧偽敗戰擊滅樂遊櫥糧鄉廢揀攝攜潤濟漸狀癥稱竊筆縫罰習脫舖衝謊豐趨跡鎮闊餅鴻"
)
_SIMPLIFIED = (
    "们个这来时会说对问题价报请谢货单发样订购采询盘汇账账电话邮运费装柜厂产业质坏损压开关阀门车图纸规证书检测试准备确认联系系"
    "络讯号码网页频视议见访参观预约机飞涨错误换赔偿满优点还过进远边迟选适达连周后从复复应总经给结红绿线终紧续级细组统维缓数据"
    "处么为于无与万亿几较轻转输软钢铁铜铝钱银销锁锈锈长间陈际难离职双杂类愿颜顾风饰馆马验体松黄齐专将导寻属带币帮广张强弹径征"
    "户扫挂择担扩拟启吗员园团国围场块够奖严尝区协却务动劳胜势划创则刚剂传债伤条仓尽尽欢岁历残气决没温湿洁减滚营炉独获现环毕异"
    "当皱监礼种税积稳签节范纳纯纺绝丝编练缩织绩罗声听胶临旧艺亏补制觉览计设许诉详诚语课调谈论咨讲护让负财贵买贴贺卖赠赞轴载辆"
    "轮办释针钉钮录锅键闭阅阶随虽静响顶项顺须头额显饭饮养鲜龄发扰删谁违赖滞滤灯尔献痒了碍托谊贸轨赶递邻钩链板只面逻辑遗烦"
    "绍两变该余汇仅壳读厘吨干干烧断涂烂伙盖仪层纱衬裤台湾圆欧颗志桨闹伪败战击灭乐游橱粮乡废拣摄携润济渐状症称窃笔缝罚习脱铺冲谎丰趋迹镇阔饼鸿"
)
_LETTERS |= dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))
_KANA = range(0x3040, 0x3100)
_KEPT = "äöü"


# Most letters of most languages are ASCII, and those are folded fastest.
_PIECES = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_FEW_LETTERS = 100
"""A text shorter than this isn't worth taking apart."""


class _Table(dict[int, str]):
    """Code of a character → what it folds to. One that isn't there folds to itself and is taken up: to miss it each time costs more."""

    def __missing__(self, code: int) -> str:
        char = self[code] = chr(code)
        return char


@cache
def _table() -> _Table:
    """Every character of the basic plane that folds to another one, or to nothing (marks, joiners, tatweel)."""
    table = _Table()
    for code in range(0x80, 0xFFFF):
        char = chr(code)
        folded = _folded(char, code)
        if folded != char:
            table[code] = folded
    table.update((code, chr(code + 32)) for code in range(ord("A"), ord("Z") + 1))
    for char, plain in _PUNCTUATION.items():
        table[ord(char)] = plain
    return table


def _folded(char: str, code: int) -> str:
    category = unicodedata.category(char)
    if category == "Mn" or char in "ـ\u00ad\ufeff" or category == "Cf":
        return "" if code not in _KANA else char
    if category == "Zs":
        return " "
    low = char.lower()
    low = low if len(low) == 1 else char
    low = _LETTERS.get(low, low)
    if low in _KEPT:
        return low
    if code in _KANA or 0xAC00 <= code <= 0xD7A3:  # a syllable taken apart would be another one
        return low
    parts = unicodedata.normalize("NFKD", low)
    base = "".join(part for part in parts if not unicodedata.combining(part))
    base = base.lower()
    return _LETTERS.get(base, base) if len(base) == 1 else low


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where its characters came from. `offsets` is None where nothing was left out."""

    text: str
    source: str
    offsets: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `source` behind the span `start`–`end` of `text`."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(source: str) -> Folded:
    """`source` folded. Time linear to its length."""
    text = plain(source)
    if len(text) == len(source) and "ß" not in source:
        return Folded(text, source, None)
    table = _table()
    offsets = tuple(place for place, char in enumerate(source) for _ in table.get(ord(char), char))
    return Folded(text, source, offsets)


def plain(text: str) -> str:
    """`text` folded, without the way back: for the words of rules."""
    if text.isascii():
        return text.lower()
    table = _table()
    if len(text) < _FEW_LETTERS:
        return text.translate(table)
    return "".join([piece.lower() if piece.isascii() else piece.translate(table) for piece in _PIECES.findall(text)])
