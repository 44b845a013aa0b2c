"""Texts become safe HTML and plain text; what is filled in for each recipient stays in its place or is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.newsletter import markup
from inboxcrm.newsletter.plain import plain
from inboxcrm.newsletter.slots import LostError, Slots


def _html(text: str, written_in: str = "markdown") -> str:
    return markup.safe(markup.to_html(text, written_in), lambda name: f"cid:{name}").html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<p onclick="x()">x</p>',
        '<iframe src="https://x.example"></iframe>',
        '<style>@import "https://x.example/a.css"</style>',
        '<p style="background:url(https://x.example/t.gif)">x</p>',
        '<form action="https://x.example"><input name="a"></form>',
        '<svg onload="x()"></svg>',
        '<link rel="stylesheet" href="https://x.example/a.css">',
    ],
)
def test_what_runs_or_loads_is_taken_out(evil: str) -> None:
    found = _html(f"<p>Before</p>{evil}<p>After</p>", "html")
    assert "Before" in found
    assert "After" in found
    for piece in ("script", "javascript", "data:", "onclick", "iframe", "@import", "url(", "form", "svg", "<link"):
        assert piece not in found


def test_html_within_markdown_is_text() -> None:
    assert "<script>" not in _html("a <script>b</script>")
    assert "&lt;script&gt;" in _html("a <script>b</script>")


def test_styles_of_a_person_stay_where_they_are_harmless() -> None:
    assert 'style="color:red' in _html('<p style="color: red; position: fixed">x</p>', "html").replace(": ", ":")
    assert "position" not in _html('<p style="color: red; position: fixed">x</p>', "html")


def test_bare_addresses_of_pages_become_links_and_titles_buttons() -> None:
    found = markup.safe(
        markup.to_html('See https://a.example/x?b=1. [Ask](mailto:l@b.example "button")', "markdown"), str
    )
    assert [one.href for one in found.links] == ["https://a.example/x?b=1", "mailto:l@b.example"]
    assert 'class="button"' in found.html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ('<p>See <a href="https://a.example/x">our page</a>.</p>', "See our page (https://a.example/x)."),
        ('<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
        ('<p><a href="mailto:l@b.example">l@b.example</a></p>', "l@b.example"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a | b\nc | d"),
        ("<blockquote><p>said</p></blockquote>", "> said"),
        ('<p><img src="x" alt="A valve"></p>', "A valve"),
        ("<h2>Head</h2><p>a  <b>b</b> c</p>", "Head\n\na b c"),
        ("", ""),
    ],
)
def test_plain_text_reads_like_the_html(html: str, expected: str) -> None:
    assert plain(html) == expected


# --- places that are filled in ------------------------------------------------------------------------------------------


def _template(text: str, written_in: str = "markdown") -> str:
    slots = Slots(text)
    protected = slots.protected(text)
    wanted = list(slots.numbers(protected))
    html = slots.unwrapped(markup.to_html(protected, written_in))
    slots.check_tables(html)
    html = markup.safe(html, str).html
    slots.check(html, wanted)
    return slots.template(html)


def test_variables_and_conditions_come_through_markdown() -> None:
    found = _template(
        "{{ salutation }}\n\n{% if product %}\nYou *asked* for {{ product | list }}.\n{% endif %}\n\nBye {# a note #}"
    )
    assert found == (
        "<p>{{ salutation }}</p>\n{% if product %}<p>You <em>asked</em> for {{ product | list }}.</p>\n{% endif %}<p>Bye</p>\n"
    )


def test_braces_within_strings_belong_to_the_variable() -> None:
    assert '{{ contact.name | default("a }} b") }}' in _template('x {{ contact.name | default("a }} b") }} y')


def test_a_variable_within_a_link_stays_there() -> None:
    assert 'href="https://a.example/?c={{ customer.name }}"' in _template(
        "[x](https://a.example/?c={{ customer.name }})"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<p>\n<a {{ product }}>x</a></p>",
        "<table>\n{% if product %}<tr><td>x</td></tr>{% endif %}</table>",
        '<table><tr class="a">\n{{ product }}<td>x</td></tr></table>',
        "<table><tr><td>x</td>\n{{ product }}</tr></table>",
        '<img\nsrc="javascript:{{ product }}">',
    ],
)
def test_a_variable_that_would_be_lost_or_moved_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(LostError) as caught:
        _template(text, "html")
    assert caught.value.line == 2


@given(st.text(alphabet="ab \n{}%#'\"<>&*_[]()`", max_size=60))
def test_any_text_comes_through_or_is_refused(text: str) -> None:
    try:
        found = _template(text)
    except LostError:
        return
    assert "qz" not in found
