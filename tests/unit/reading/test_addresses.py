"""Address fields give the people that a reader of the mail would see, whatever the syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.reading.addresses import domain_of, normal, parse, parse_one


def people(value: str | bytes) -> list[tuple[str, str]]:
    raw = value if isinstance(value, bytes) else value.encode()
    return [(one.name, one.address) for one in parse([raw])]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("<a@b.example>", [("", "a@b.example")]),
        ("Anna Smith <a@b.example>", [("Anna Smith", "a@b.example")]),
        ('"Smith, Anna" <a@b.example>', [("Smith, Anna", "a@b.example")]),
        ("Smith, Anna <a@b.example>", [("Smith, Anna", "a@b.example")]),
        ("Smith, Anna <a@b.example>, Jones, Bob <b@c.example>", [("Smith, Anna", "a@b.example"), ("Jones, Bob", "b@c.example")]),
        ("a@b.example (Anna Smith)", [("Anna Smith", "a@b.example")]),
        ("a@b.example, c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("Anna <a@b.example> Bob <c@d.example>", [("Anna", "a@b.example"), ("Bob", "c@d.example")]),
        ('"a@b.example" <a@b.example>', [("", "a@b.example")]),
        ('"sales@alibaba.example" <noreply@b.example>', [("sales@alibaba.example", "noreply@b.example")]),
        ("Mikel@Lindsaar <m@b.example>", [("Mikel@Lindsaar", "m@b.example")]),
        ("'Anna' <a@b.example>", [("Anna", "a@b.example")]),
        ('"O\\"Brien" <a@b.example>', [('O"Brien', "a@b.example")]),
        ("=?utf-8?B?546L5bCP5piO?= <wang@b.example>", [("王小明", "wang@b.example")]),
        ('"=?utf-8?B?546L5bCP5piO?=" <wang@b.example>', [("王小明", "wang@b.example")]),
        ("=?utf-8?Q?Smith,_Anna?= <a@b.example>", [("Smith, Anna", "a@b.example")]),
        ("=?utf-8?Q?Smith, Anna?= <a@b.example>", [("Smith, Anna", "a@b.example")]),
        ("=?utf-8?Q?Anna_=3Ca=40b.example=3E?=", [("Anna", "a@b.example")]),
        ("王小明 <wang@b.example>", [("王小明", "wang@b.example")]),
        ("王小明 <wang@b.example>".encode("gb18030"), [("王小明", "wang@b.example")]),
        ("Jörg <j@b.example>".encode("latin-1"), [("Jörg", "j@b.example")]),
        ("Анна <a@пример.рф>", [("Анна", "a@пример.рф")]),
        ("undisclosed-recipients:;", []),
        ("Undisclosed recipients: ;", []),
        ("<Undisclosed-Recipient:@x.example;>", []),
        ("Team: a@b.example, Bob <c@d.example>;", [("", "a@b.example"), ("Bob", "c@d.example")]),
        ("Team: a@b.example;, c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("<@route.example,@two.example:a@b.example>", [("", "a@b.example")]),
        ("mailto:a@b.example", [("", "a@b.example")]),
        ("<mailto:a@b.example>", [("", "a@b.example")]),
        ("Pete(A nice \\) chap) <pete(his account)@silly.example(his host)>", [("Pete", "pete@silly.example")]),
        ("jdoe@test   . example", [("", "jdoe@test.example")]),
        ("< a@b.example >", [("", "a@b.example")]),
        ("Anna <a@b.example", [("Anna", "a@b.example")]),
        ('"Anna <a@b.example>', [("Anna", "a@b.example")]),
        ("Anna Smith a@b.example", [("Anna Smith", "a@b.example")]),
        ("a@b.example <anna>", [("anna", "a@b.example")]),
        (", a@b.example,, ,c@d.example,", [("", "a@b.example"), ("", "c@d.example")]),
        ('"john..doe"@b.example', [("", '"john..doe"@b.example')]),
        ("user+tag@b.example", [("", "user+tag@b.example")]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ("", []),
        ("nobody in particular", []),
    ],
)  # fmt: skip
def test_a_field_gives_its_people(value: str | bytes, expected: list[tuple[str, str]]) -> None:
    assert people(value) == expected


def test_an_entry_without_an_address_is_a_name() -> None:
    assert [(one.name, one.address) for one in parse_one(b"Anna Smith")] == [("Anna Smith", "")]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("Anna.Smith@Buyer.Example", "anna.smith@buyer.example"),
        (" <a@b.example> ", "a@b.example"),
        ("a+orders@b.example", "a@b.example"),
        ("a+b+c@b.example", "a@b.example"),
        ("+a@b.example", "+a@b.example"),
        ("a.b.c@gmail.com", "a.b.c@gmail.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@b.example.", "a@b.example"),
        ("ａ＠ｂ.example", "a@b.example"),
        ("mailto:a@b.example", "a@b.example"),
        ('"john doe"@b.example', "johndoe@b.example"),
        ("not an address", "notanaddress"),
        ("", ""),
    ],
)
def test_the_form_for_comparing(address: str, form: str) -> None:
    assert normal(address) == form


@given(st.text(max_size=40))
def test_the_form_for_comparing_is_its_own_form(address: str) -> None:
    once = normal(f"{address}@b.example")
    assert normal(once) == normal(normal(once))


def test_the_domain_of_an_address() -> None:
    assert domain_of("Anna@Bücher.Example") == "xn--bcher-kva.example"
    assert domain_of("anna") == ""


@given(st.text(max_size=200))
def test_any_text_gives_people_whose_parts_fit_on_a_line(text: str) -> None:
    for one in parse_one(text.encode("utf-8", "surrogatepass")):
        assert "\n" not in one.name + one.address
        assert " " not in one.address
        one.name.encode("utf-8")
