"""HTML as the server reads it. The table is TDLib's own, from its test/message_entities.cpp."""

import pytest

from botapi.errors import ApiError
from botapi.markup import as_posted, parse_html

WRONG = [
    (
        "&#57311;",
        INVALID := "Text contains invalid Unicode characters after decoding HTML "
        "entities, check for unmatched surrogate code units",
    ),
    ("&#xDFDF", INVALID),
    ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
    ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
    ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
    ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
    (
        "🏟 🏟&lt;<i    aba>",
        'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 13',
    ),
    ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
    ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
    ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
    ("🏟 🏟&lt;<i    aba  =  '&lt;&gt;&quot;>", "Unclosed start tag at byte offset 13"),
    ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
    ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
    ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
    (
        "🏟 🏟&lt;<i>a</em   >",
        'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
    ),
    ("<b>đang mở", 'Can\'t find end tag corresponding to start tag "b"'),
]


@pytest.mark.parametrize(("source", "wrong"), WRONG)
def test_wrong_markup_is_refused_with_the_offset_in_bytes(source: str, wrong: str):
    with pytest.raises(ApiError) as caught:
        parse_html(source)

    assert caught.value.description == f"Bad Request: can't parse entities: {wrong}"


RIGHT = [
    ("", "", []),
    ("➡️ ➡️", "➡️ ➡️", []),
    ("&ge;&lt;&gt;&amp;&quot;&laquo;&raquo;&#12345678;", '&ge;<>&"&laquo;&raquo;&#12345678;', []),
    ("&Or;", "&Or;", []),
    ("➡️ ➡️<i>➡️ ➡️</i>", "➡️ ➡️➡️ ➡️", [("italic", 5, 5)]),
    ("➡️ ➡️<strong>➡️ ➡️</strong>", "➡️ ➡️➡️ ➡️", [("bold", 5, 5)]),
    ("➡️ ➡️<ins>➡️ ➡️</ins>", "➡️ ➡️➡️ ➡️", [("underline", 5, 5)]),
    ("➡️ ➡️<strike>➡️ ➡️</strike>", "➡️ ➡️➡️ ➡️", [("strikethrough", 5, 5)]),
    ("➡️ ➡️<blockquote>➡️ ➡️</blockquote>", "➡️ ➡️➡️ ➡️", [("blockquote", 5, 5)]),
    ("➡️<i>➡️</i><b>➡️</b>", "➡️➡️➡️", [("italic", 2, 2), ("bold", 4, 2)]),
    ("🏟 🏟<i>🏟 &lt🏟</i>", "🏟 🏟🏟 <🏟", [("italic", 5, 6)]),
    (
        "🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>",
        "🏟 🏟🏟 ><🏟",
        [("italic", 5, 7), ("bold", 9, 3)],
    ),
    ("🏟 🏟&lt;<i    aba  =  190azAz-.   >a</i>", "🏟 🏟<a", [("italic", 6, 1)]),
    ("🏟 🏟&lt;<i    aba  =  '&lt;&gt;&quot;'>a</>", "🏟 🏟<a", [("italic", 6, 1)]),
    ("🏟 🏟&lt;<i>🏟 🏟&lt;</>", "🏟 🏟<🏟 🏟<", [("italic", 6, 6)]),
    ("🏟 🏟&lt;<b></b>", "🏟 🏟<", []),
    ("<i>\t</i>", "\t", [("italic", 0, 1)]),
    ('🏟<span class="tg-spoiler">🏟 &lt🏟</span>', "🏟🏟 <🏟", [("spoiler", 2, 6)]),
    ("🏟<tg-spoiler>🏟</tg-spoiler>", "🏟🏟", [("spoiler", 2, 2)]),
    ("<i><b> </b> <code> </code></i>", "   ", [("italic", 0, 3), ("bold", 0, 1), ("code", 2, 1)]),
    ("<a> </a>", " ", []),
    ("<a>telegram.org</a>", "telegram.org", [("text_link", 0, 12)]),
    ("🏟<pre  >🏟 🏟&lt;</>", "🏟🏟 🏟<", [("pre", 2, 6)]),
    ("<blockquote expandable>dài</blockquote>", "dài", [("expandable_blockquote", 0, 3)]),
]


@pytest.mark.parametrize(("source", "text", "entities"), RIGHT)
def test_tags_become_entities_in_units_of_utf_16(
    source: str, text: str, entities: list[tuple[str, int, int]]
):
    parsed, found = parse_html(source)

    assert parsed == text
    assert [(e["type"], e["offset"], e["length"]) for e in found] == entities


def test_the_address_of_a_link_is_kept():
    [link] = parse_html("""<a   href=  'https://telegram.org/?a=1&amp;b=2'   >đây</a>""")[1]

    assert link["url"] == "https://telegram.org/?a=1&b=2"


def test_space_around_a_message_goes_and_its_entities_shrink():
    text, entities = as_posted(*parse_html("\n <b>Số liệu \n</b>  "))

    assert (text, entities) == ("Số liệu", [{"type": "bold", "offset": 0, "length": 7}])


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start ABC", ["bot_command"]),
        ("xem /chuabaocao@giaoban_bot nhé", ["bot_command"]),
        ("a/b 1/2", []),
        ("nhờ @giaoban_bot xem", ["mention"]),
        ("lan@example.org", ["email"]),
        ("#baocao https://example.org/a?b=1.", ["hashtag", "url"]),
    ],
)
def test_commands_mentions_and_links_are_found(text: str, kinds: list[str]):
    assert [entity["type"] for entity in as_posted(text, [])[1]] == kinds


def test_nothing_else_stands_within_code():
    _, entities = as_posted(*parse_html("<code><b>/start</b></code>"))

    assert [entity["type"] for entity in entities] == ["code"]
