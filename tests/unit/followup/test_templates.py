"""A template with a mistake is told with line and name, and leaves no gap in a mail: what isn't known is an error, or asked for."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.followup.rendering import FILTERS, TextError, UnfilledError
from inboxcrm.followup.samples import known, unknown
from inboxcrm.followup.templates import NoTemplateError, TemplateFileError, Templates, check, parse, save
from inboxcrm.followup.variables import LANGUAGES, Money, Quantity, Record, Variables, meanings, names

GOOD = "Subject: Your {{ product }}\n\n{{ salutation }}\n\nHow is it?\n\n{{ closing }}\n"
QUOTE = Record(
    product="valves", sent=date(2026, 5, 5), amount=Money(Decimal(12500), "USD"), quantity=Quantity(Decimal(1))
)
VARIABLES = Variables(date(2026, 6, 1), "Dear Anna,", "Best regards", quote=QUOTE, product="valves")


def body(text: str, variables: Variables = VARIABLES, language: str = "en") -> str:
    (one,) = parse(f"Subject: x\n\n{text}", "t.txt")
    return one.body_of(variables, language)


def test_a_good_file_has_no_problems_and_its_texts_in_order() -> None:
    text = f"# a note\n{GOOD}=====\nSubject: Two\nSteps: 2-3\n\nb\n=====\nSubject: Three\nSteps: 4-\n\nc\n"
    assert check(text) == []
    one, two, three = parse(text, "t.txt")
    assert [one.variant, two.variant, three.variant] == ["1", "2", "3"]
    assert [one.fits(9), two.fits(1), two.fits(3), three.fits(3), three.fits(9)] == [True, False, True, False, True]
    assert one.subject_of(VARIABLES, "en") == "Your valves"
    assert one.body_of(VARIABLES, "en") == "Dear Anna,\n\nHow is it?\n\nBest regards"


def test_a_text_says_for_whom_it_is() -> None:
    (one,) = parse("Subject: x\nNeeds: quote.sent, product\nUnless: order\n\na\n", "t.txt")
    assert one.applies(VARIABLES)
    assert not one.applies(known("en"))
    assert not one.applies(unknown("en"))


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("Subject: x\n\na\n{{ custommer.name }}\n", 4, "custommer.name"),
        ("Subject: {{ nothing }}\n\na\n", 1, "nothing"),
        ("Subject: x\n\n{{ quote.price }}\n", 3, "quote.price"),
        ("Subject: x\n\n{{ quote }}\n", 3, "quote"),
        ("Subject: x\n\n{{ product | upper }}\n", 3, "upper"),
        ("Subject: x\n\n\n{% if quote.sent %}\na\n", 4, ""),
        ("Subject: x\n\n{% for one in product %}{% endfor %}\n", 3, ""),
        ("Subject: x\n\n{{ product.upper() }}\n", 3, ""),
        ("Subject: x\n\n{% include 'other' %}\n", 3, ""),
        ("Subject: x\n\n{{ ''.__class__ }}\n", 3, "?.__class__"),
        ("Subject: x\nSteps: many\n\na\n", 2, "Steps"),
        ("Subject: x\nSteps: 1\nNeeds: quote.price\n\na\n", 3, "quote.price"),
        ("Subject: x\nUnless:\n\na\n", 2, "Unless"),
        ("Subject: x\n\n", 1, ""),
        ("Hello\n\nyou\n", 1, ""),
        ("Subject:\n\na\n", 1, "Subject"),
        (f"{GOOD}=====\n", 9, ""),
        (f"{GOOD}=====\nSubject: x\n\n{{{{ nobody }}}}\n", 11, "nobody"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_name(text: str, line: int, name: str) -> None:
    found = check(text)
    assert (found[0].line, found[0].name) == (line, name), found
    with pytest.raises(TemplateFileError, match=f"t.txt, line {line}: "):
        parse(text, "t.txt")


@pytest.mark.parametrize(
    "written", ["{{ sample.sent }}", "{{ sample.sent | date }}", "{{ contact.first_name | name }}"]
)
def test_what_is_not_known_is_an_error_with_line_and_name(written: str) -> None:
    with pytest.raises(UnfilledError) as caught:
        body(f"first line\n{written}\n")
    assert (caught.value.line, caught.value.name) == (4, written.split()[1])


def test_what_is_not_known_can_be_asked_for() -> None:
    assert body("{% if sample.sent %}sent {{ sample.sent }}{% else %}on its way{% endif %}") == "on its way"
    assert body("{% if quote.number and quote.sent %}a{% endif %}b") == "b"
    assert body('Dear {{ contact.first_name | default("all") }}') == "Dear all"


def test_a_date_and_an_amount_need_no_filter() -> None:
    assert body("{{ quote.sent }}, {{ quote.amount }}", language="de") == "5. Mai, 12.500 USD"


def test_what_can_not_be_worked_out_is_told_as_well() -> None:
    with pytest.raises(TextError, match="line 3"):
        body("{% if quote.sent > 3 %}a{% endif %}")


def test_no_attribute_beyond_the_documented_ones_is_reached() -> None:
    assert [one.name for one in check("Subject: x\n\n{{ quote.__class__ }}{{ product.__init__ }}")] == [
        "product.__init__",
        "quote.__class__",
    ]


@given(st.text(alphabet=st.sampled_from("{}%# ifelsendabcq.uote|'\"\n=:S"), max_size=80))
def test_any_text_is_checked_without_a_crash(text: str) -> None:
    if not check(text):
        for one in parse(text, "t.txt"):
            with suppress(TextError):
                one.body_of(VARIABLES, "en")


def test_a_persons_own_file_wins_and_a_broken_edit_keeps_the_last_good_one(tmp_path: Path) -> None:
    templates = Templates(tmp_path)
    shipped = templates.texts("quoted", "en")
    path = save(tmp_path, "quoted", "en", GOOD)
    assert len(templates.texts("quoted", "en")) == 1 < len(shipped)
    _change(path, "Subject: x\n\n{{ nobody }}\n")
    assert templates.texts("quoted", "en")[0].body_of(VARIABLES, "en").startswith("Dear Anna")
    assert "line 3: nobody" in templates.problems()[0]


def test_a_broken_file_from_the_start_leaves_the_shipped_one_in_force(tmp_path: Path) -> None:
    path = tmp_path / "templates" / "followup" / "quoted" / "en.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"Subject: x\n\n\xff\xfe\n")
    templates = Templates(tmp_path)
    assert templates.texts("quoted", "en") == Templates(None).texts("quoted", "en")
    assert "line 3" in templates.problems()[0]
    assert "UTF-8" in templates.problems()[0]


def test_a_file_with_a_mistake_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(TemplateFileError, match="nobody"):
        save(tmp_path, "quoted", "en", "Subject: {{ nobody }}\n\na\n")
    with pytest.raises(NoTemplateError):
        save(tmp_path, "../quoted", "en", GOOD)
    assert not list(tmp_path.rglob("*.txt"))


@pytest.mark.parametrize(
    ("name", "language"), [("nothing", "en"), ("quoted", "nl"), ("../quoted", "en"), ("quoted", "../en")]
)
def test_a_template_that_is_not_there_is_told(name: str, language: str) -> None:
    with pytest.raises(NoTemplateError):
        Templates(None).texts(name, language)


def test_a_template_of_ones_own_is_found_beside_the_shipped_ones(tmp_path: Path) -> None:
    save(tmp_path, "price_rise", "nl", GOOD)
    templates = Templates(tmp_path)
    assert "price_rise" in templates.names()
    assert templates.languages("price_rise") == ["nl"]
    assert templates.languages("quoted") == list(LANGUAGES)


def test_every_variable_has_its_meaning() -> None:
    written = {name for name, group in names().items() if group is None}
    assert written == set(meanings())


def test_the_samples_know_all_and_nothing() -> None:
    for language in LANGUAGES:
        assert known(language).sample is not None
        assert unknown(language).sample is None


def _change(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_the_manual_names_every_variable_and_filter() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "templates.md").read_text(encoding="utf-8")
    records = {"inquiry", "quote", "sample", "order"}
    for name in meanings():
        group, _dot, field = name.partition(".")
        assert f"`{field if group in records else name}`" in manual, name
    for name in FILTERS:
        assert f"`{name}`" in manual, name


def test_what_is_wrong_with_ones_own_files_is_told_whether_they_are_in_use_or_not(tmp_path: Path) -> None:
    templates = Templates(tmp_path)
    assert templates.problems() == []
    path = tmp_path / "templates" / "followup" / "price_rise" / "en.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Subject: x\n\n{{ nobody }}\n", encoding="utf-8")
    assert templates.problems() == [f"{path}, line 3: nobody: there is no such variable"]
