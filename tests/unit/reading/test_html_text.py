"""What a person sees of an HTML mail."""

from __future__ import annotations

import pytest

from inboxcrm.reading.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain &amp; simple", "plain & simple"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("<p class=MsoNormal>One</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Two</p>", "One\n\nTwo"),
        ("<p>a  b\n\tc</p>", "a b c"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("<ul><li>A</li><li>B</li></ul>", "- A\n- B"),
        ("<ol><li>A</li><li>B</li></ol>", "1. A\n2. B"),
        ("<table><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr></table>", "A\t1\nB\t2"),
        ("<table><tr><td><p>A</p></td><td><div>1</div></td></tr></table>", "A\t1"),
        ('See <a href="https://x.example/?id=1">our page</a>.', "See our page."),
        ("<head><title>t</title><style>p{}</style></head><body>x<script>alert(1)</script></body>", "x"),
        ('<div style="display: none">preheader</div>text', "text"),
        ('<div style="max-height:0px;overflow:hidden">preheader</div>text', "text"),
        ("<div hidden>x</div>text", "text"),
        ("<!-- no --><b>bold</b> <i>and</i> more", "bold and more"),
        ("text <img src=x alt='logo'> <img src=y alt='👍'>", "text 👍"),
        ("Anna <anna@x.example> wrote", "Anna <anna@x.example> wrote"),
        ("<blockquote type=cite>One<blockquote type=cite>Two</blockquote></blockquote>", "> One\n>> Two"),
        ("<blockquote type=cite><p>One</p><p>Two</p></blockquote>", "> One\n>\n> Two"),
        ('<blockquote style="margin:0 0 0 40px;border:none;padding:0">indent</blockquote>', "indent"),
        ("04.05.2026, 11:20, Anna &lt;a@x.example&gt;:<blockquote>old</blockquote>", "04.05.2026, 11:20, Anna <a@x.example>:\n> old"),
        ("new<hr>old", "new\n________________________________\nold"),
    ],
)  # fmt: skip
def test_layout(html: str, text: str) -> None:
    assert html_to_text(html).strip() == text


def test_a_marked_signature_at_the_end_gets_a_delimiter() -> None:
    assert html_to_text('<div>Hi</div><div class="gmail_signature">Anna<br>ABC Ltd</div>') == "Hi\n-- \nAnna\nABC Ltd"


def test_a_marked_signature_with_text_below_gets_none() -> None:
    assert "--" not in html_to_text('<div>Hi</div><div class="gmail_signature">Anna</div><div>One more question</div>')
