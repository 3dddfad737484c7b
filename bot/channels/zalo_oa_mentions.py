"""Mentions: in a group of an Official Account "[@id]" in a text calls a member, or everybody."""

import re

# What does not show between two letters, or only as space: how Zalo reads it is not known.
_UNSEEN = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_OPENS, _AT, _CLOSES = "[\\[［﹝]", "[@＠﹫]", "[\\]］﹞]"
_WHOLE = re.compile(rf"{_OPENS}[{_UNSEEN}]*{_AT}[^\s\[\]［］﹝﹞]*[{_UNSEEN}]*{_CLOSES}")
_OPEN = re.compile(rf"(?:{_OPENS}[{_UNSEEN}]*)+(?={_AT})")


def without_mentions(text: str) -> str:
    """Return text that mentions nobody; of what only begins like a mention, the words remain."""
    while True:
        # Taking one out may put another together: "[[@a]@b]".
        while (fewer := _WHOLE.sub("", text)) != text:
            text = fewer
        if (fewer := _OPEN.sub("", text)) == text:
            return text
        text = fewer
