"""The language of phrases: what each sign finds, and what is refused with a reason."""

from __future__ import annotations

import re

import pytest

from inboxcrm.engagement.doubts import doubts
from inboxcrm.engagement.patterns import compile_phrase
from inboxcrm.engagement.rules import RuleFileError
from inboxcrm.engagement.vocabulary import PatternError, Vocabulary, Writing
from tests.unit.engagement.rules_of import found, language, rule

WORDS = {"sample": ("sample", "samples", "test piece"), "empty": ()}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("send us samples", "please send us samples now"),
        ("price|cost", "what does it cost"),
        ("(a few|some more) {sample}", "send a few test pieces or a few samples"),
        ("{sample} needed", "test piece needed"),
        ("cotiz~", "una cotización"),
        ("send [us] samples", "send samples"),
        ("send * samples", "send me two or three samples"),
        ("order # pcs", "we order 1,500 pcs"),
        ("price $#", "our price: $2.60"),
        ("^ hello", "hello there"),
        ("thanks $", "ok, thanks!"),
        ("ready ?", "is it ready today?"),
        ("price ?$", "best price?"),
        ("best (price|?)", "best price"),
        ("we 'll send", "we'll send"),
        ("not b/l", "not B/L"),
        ("# % cheaper", "5% cheaper"),
        ("#% cheaper", "5 % cheaper"),
        ("für", "fuer"),
        ("für", "fur"),
        ("möcht~", "moechten"),
        ("hätte", "haette"),
    ],
)
def test_a_phrase_finds(phrase: str, text: str) -> None:
    assert compile_phrase(phrase, Vocabulary(WORDS, Writing.SPACED)).pattern.search(text.lower().replace("ó", "o"))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("send us samples", "send samples to us"),
        ("order", "in orderly form"),
        ("send * samples", "send one two three four five six samples"),
        ("price $#", "our price 2.60"),
        ("^ hello", "say hello"),
        ("ready ?", "it is ready"),
        ("price ?$", "is this price the last one?"),
        ("#% cheaper", "5 cheaper"),
        ("würde", "wurde"),
        ("ware", "wäre"),
        ("könnten", "konnten"),
    ],
)
def test_a_phrase_does_not_find(phrase: str, text: str) -> None:
    assert not compile_phrase(phrase, Vocabulary(WORDS, Writing.SPACED)).pattern.search(text)


def test_words_without_spaces_are_found_inside_of_others() -> None:
    assert compile_phrase("寄*样品", Vocabulary({}, Writing.UNSPACED)).pattern.search("请先寄两个样品给我们")
    assert compile_phrase("寄 * 样品", Vocabulary({}, Writing.UNSPACED)).pattern.search("请先寄两个样品给我们")


def test_arabic_words_are_found_with_their_article() -> None:
    assert compile_phrase("عينه", Vocabulary({}, Writing.PREFIXING)).pattern.search("نحتاج العينه")


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("* #", "no word"),
        ("{nothing} here", "no word list 'nothing'"),
        ("{empty} here", "says nothing"),
        ("(a [b])", "can't stand inside"),
        ("(a * b) c", "can't be part of words"),
        ("~", "needs the beginning"),
    ],
)
def test_what_can_not_be_read_is_refused_with_the_reason(phrase: str, reason: str) -> None:
    with pytest.raises(PatternError, match=re.escape(phrase)) as refused:
        compile_phrase(phrase, Vocabulary(WORDS, Writing.SPACED))
    assert reason in str(refused.value)


def test_an_error_in_a_rule_file_names_file_line_and_key() -> None:
    with pytest.raises(RuleFileError, match=r"en\.toml, line 19: rule\.1\.any: '\{nothing\}'"):
        language(rule("{nothing}"))


def test_an_unknown_key_is_refused_with_its_line() -> None:
    with pytest.raises(RuleFileError, match=r"en\.toml, line \d+: rule\.1\.wieght"):
        language(rule("sample", more="wieght = 0.9"))


def test_two_rules_can_not_have_one_id() -> None:
    with pytest.raises(RuleFileError, match="stands twice"):
        language(rule("sample") + rule("price"))


def test_the_ss_of_a_phrase_finds_the_sharp_s_and_the_other_way_round() -> None:
    phrase = rule("große")
    assert found(phrase, "Wir haben grosse Sorgen.")
    assert found(rule("grosse"), "Wir haben große Sorgen.")[0].evidence == "Wir haben große Sorgen."


@pytest.mark.parametrize("phrase", ["#天 交货", "wait^", "cheap~er", "{sample}s", "a|(b|c)"])
def test_a_sign_that_is_glued_to_a_word_is_refused(phrase: str) -> None:
    with pytest.raises(RuleFileError, match="is glued to"):
        language(rule(phrase))


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(RuleFileError, match=r"(?s)nothing.*cheap~er"):
        language(rule("{nothing}") + rule("cheap~er").replace('"one"', '"two"'))


def test_a_choice_that_may_be_misread_is_doubted() -> None:
    read = language(rule("send|ship us|me") + 'unless = ["(left side|right side)", "a|b c"]\n')
    assert [(one.rule, one.phrase) for one in doubts(read)] == [("en.one", "send|ship us|me")]
