"""HTML of the Bot API: tags become entities, and wrong tags the real server's errors.

Offsets and lengths of entities are UTF-16 units, offsets in errors are UTF-8 bytes of the source.
Inputs and errors of TDLib's test/message_entities.cpp are the reference.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .errors import bad_request

Entity = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
# Where entities begin and end together, the outer one comes first.
RANK = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention")
REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<dec>[0-9]+)|(?P<name>[a-zA-Z]+));?")
CONTROL = {**{code: " " for code in range(32) if chr(code) not in "\t\n\r"}, 13: None}
FOUND = {
    "bot_command": re.compile(
        r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?(?![\w/<>@])"
    ),
    "mention": re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)"),
    "hashtag": re.compile(r"(?<![\w#])#\w*[^\W\d]\w*"),
    "url": re.compile(r"\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)]"),
    "email": re.compile(
        r"(?<![\w.+-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
    ),
}


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The piece of a text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def as_posted(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """The text as it is shown: no space around it, and commands, mentions and links found."""
    text = text.translate(CONTROL)
    kept = _within_code_nothing(list(entities))
    blank = len(text) - len(text.lstrip(" \n"))
    start = min([blank, *(entity["offset"] for entity in kept)])
    text = text[start:].rstrip(" \n")
    shifted = [_clipped(entity, start, units(text)) for entity in kept]
    kept = [e for e in shifted if cut(text, e["offset"], e["length"]).strip()]
    kept += [found for found in _found(text) if not any(_overlap(found, e) for e in kept)]
    return text, _sorted(kept)


def _clipped(entity: Entity, start: int, end: int) -> Entity:
    offset = entity["offset"] - start
    return {**entity, "offset": offset, "length": min(entity["length"], max(end - offset, 0))}


def _within_code_nothing(entities: list[Entity]) -> list[Entity]:
    """Code and pre contain no other entities; what is inside them is dropped."""
    code = [e for e in entities if e["type"] in {"code", "pre"}]
    return [e for e in entities if not any(e is not c and _inside(e, c) for c in code)]


def _inside(inner: Entity, outer: Entity) -> bool:
    if (inner["offset"], inner["length"]) == (outer["offset"], outer["length"]):
        return _rank(inner) > _rank(outer)
    end = outer["offset"] + outer["length"]
    return bool(outer["offset"] <= inner["offset"] and inner["offset"] + inner["length"] <= end)


def _overlap(found: Entity, other: Entity) -> bool:
    if other["type"] not in {"code", "pre", "text_link"}:
        return False
    end, other_end = found["offset"] + found["length"], other["offset"] + other["length"]
    return bool(found["offset"] < other_end and other["offset"] < end)


def _found(text: str) -> list[Entity]:
    return [
        {"type": kind, "offset": units(text[: m.start()]), "length": units(m.group())}
        for kind, pattern in FOUND.items()
        for m in pattern.finditer(text)
    ]


def _rank(entity: Entity) -> int:
    return RANK.index(entity["type"]) if entity["type"] in RANK else len(RANK)


def _sorted(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda e: (e["offset"], -e["length"], _rank(e), e["type"]))


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text without tags, and its entities.

    Raises:
        ApiError: the markup is wrong.
    """
    parser = _Parser(source)
    parser.run()
    return "".join(parser.text), _sorted(parser.entities)


@dataclass(slots=True)
class _Tag:
    name: str
    begin: int
    offset: int
    attributes: dict[str, str]


@dataclass(slots=True)
class _Parser:
    """Reads from the left; `at` is the place in the source, counted in code points."""

    source: str
    at: int = 0
    length: int = 0
    text: list[str] = field(default_factory=list)
    open: list[_Tag] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def run(self) -> None:
        while self.at < len(self.source):
            if self.source.startswith("</", self.at):
                self._end_tag()
            elif self.source[self.at] == "<":
                self._start_tag()
            else:
                self._character()
        if self.open:
            raise self._wrong(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"'
            )

    def _character(self) -> None:
        shown, self.at = self._decoded(self.at)
        self.text.append(shown)
        self.length += units(shown)

    def _decoded(self, at: int) -> tuple[str, int]:
        """The character at a place, a reference such as &lt; decoded, and the place after it."""
        found = REFERENCE.match(self.source, at)
        if found is None:
            return self.source[at], at + 1
        if name := found["name"]:
            return (NAMED[name], found.end()) if name in NAMED else ("&", at + 1)
        code = int(found["hex"], 16) if found["hex"] else int(found["dec"])
        if not 0 < code < 0x10FFFF:
            return "&", at + 1
        if 0xD800 <= code <= 0xDFFF:
            raise self._wrong(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return chr(code), found.end()

    def _start_tag(self) -> None:
        begin = self.at
        name = self._until(" \t\r\n>", begin + 1).lower()
        if self._ended():
            raise self._wrong("Unclosed start tag", begin)
        if name not in TAGS:
            raise self._wrong(f'Unsupported start tag "{name}"', begin)
        tag = _Tag(name, begin, self.length, {})
        while self._skip_blanks() != ">":
            key, value = self._attribute(tag)
            tag.attributes[key] = value
        self.at += 1
        self.open.append(tag)

    def _attribute(self, tag: _Tag) -> tuple[str, str]:
        if self._ended():
            raise self._wrong("Unclosed start tag", tag.begin)
        key = self._until(" \t\r\n=>" if tag.name == "blockquote" else " \t\r\n=", self.at)
        if not key:
            raise self._wrong(f'Empty attribute name in the tag "{tag.name}"', tag.begin)
        if tag.name == "blockquote" and key == "expandable" and self._skip_blanks() != "=":
            return key, ""
        if self._skip_blanks() != "=":
            declared = f'declaration of an attribute of the tag "{tag.name}"'
            raise self._wrong(f"Expected equal sign in {declared}", tag.begin)
        self.at += 1
        quote = self._skip_blanks()
        if not quote:
            raise self._wrong(f'Unclosed start tag "{tag.name}"', tag.begin)
        return key.lower(), self._quoted(tag, quote) if quote in "\"'" else self._token()

    def _token(self) -> str:
        begin = self.at
        found = re.compile(r"[A-Za-z0-9.-]*").match(self.source, begin)
        self.at = found.end() if found else begin
        if self._here() not in (" ", "\t", "\r", "\n", ">"):
            raise self._wrong("Unexpected end of name token", begin)
        return self.source[begin : self.at].lower()

    def _quoted(self, tag: _Tag, quote: str) -> str:
        self.at += 1
        value = ""
        while self._here() != quote:
            if self._ended():
                raise self._wrong("Unclosed start tag", tag.begin)
            shown, self.at = self._decoded(self.at)
            value += shown
        self.at += 1
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._wrong("Unexpected end tag", begin)
        name = self._until(" \t\r\n>", begin + 2).lower()
        if self._skip_blanks() != ">":
            raise self._wrong("Unclosed end tag", begin)
        self.at += 1
        tag = self.open.pop()
        if name not in ("", tag.name):
            at = f"Unmatched end tag at byte offset {self._bytes(begin)}"
            raise self._wrong(f'{at}, expected "</{tag.name}>", found "</{name}>"')
        if self.length > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        said = "".join(self.text)
        entity = {"offset": tag.offset, "length": self.length - tag.offset}
        special = _special(tag, cut(said, **entity))
        if special is None:
            raise self._wrong(f'Tag "{tag.name}" must have its attribute', tag.begin)
        if special:
            self.entities.append({**entity, **special})

    def _until(self, ends: str, at: int) -> str:
        begin = at
        while at < len(self.source) and self.source[at] not in ends:
            at += 1
        self.at = at
        return self.source[begin:at]

    def _skip_blanks(self) -> str:
        while self._here() in (" ", "\t", "\r", "\n"):
            self.at += 1
        return self._here()

    def _here(self) -> str:
        return self.source[self.at : self.at + 1]

    def _ended(self) -> bool:
        return self.at >= len(self.source)

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _wrong(self, what: str, at: int | None = None) -> Exception:
        where = "" if at is None else f" at byte offset {self._bytes(at)}"
        return bad_request(f"Can't parse entities: {what}{where}")


def _special(tag: _Tag, covered: str) -> Entity | None:
    """The type of a tag's entity; {} when it makes none, None when an attribute is missing."""
    kind, given = TAGS[tag.name], tag.attributes
    if tag.name == "a":
        url = given.get("href") or covered
        return {"type": kind, "url": url} if "." in url or ":" in url else {}
    if tag.name == "span" and given.get("class") != "tg-spoiler":
        return None
    if tag.name == "tg-emoji":
        return {"type": kind, "custom_emoji_id": given["emoji-id"]} if "emoji-id" in given else None
    if tag.name == "code" and given.get("class", "").startswith("language-"):
        return {"type": kind, "language": given["class"].removeprefix("language-")}
    if tag.name == "blockquote" and "expandable" in given:
        return {"type": "expandable_blockquote"}
    return {"type": kind}
