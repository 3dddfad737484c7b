"""Choices without buttons: what a button says is typed, or its number in a list."""

import re
from dataclasses import replace

from bot.core.messaging import LONGEST_PART, Button, Outbound
from bot.core.text import fold, utf16_length

_NUMBER = re.compile(r"\s*(\d{1,2})[\s.)]*", re.ASCII)


def with_typed_choices(message: Outbound) -> Outbound:
    """Return a message as it is shown where there are no buttons: with a line in their place.

    Where a part has no room for it the line is left out: what matters stands in the text.
    """
    line = typed_choices(message)
    text = f"{message.text}\n{line}" if line else message.text
    if utf16_length(text) > LONGEST_PART:
        text = message.text
    return replace(message, text=text, buttons=())


def typed_choices(message: Outbound) -> str:
    """Return the line that stands for a message's buttons where there are none; "" for no line.

    What the text itself tells to type is not said again.
    """
    if message.numbered:
        listed = (f"{n} {button.label}" for n, button in enumerate(message.buttons, 1))
        return f"Chọn bằng số: {'; '.join(listed)}."
    said = fold(message.text)
    left = [b for b in message.buttons if not b.only_tapped and fold(b.says) not in said]
    if not left:
        return ""
    how = "gắn thẻ bot (@) rồi gõ" if message.in_group else "gõ"
    return f"Có thể {how}: {'; '.join(map(_typed, left))}."


def _typed(button: Button) -> str:
    """Return what is typed for a button; a command tells what it does, other words do by
    themselves.
    """
    return f"{button.says} ({button.label})" if button.says.startswith("/") else button.says


def number_in(said: str) -> int | None:
    """Return the number when nothing else was said: "2", "2.", "2)"; None otherwise."""
    found = _NUMBER.fullmatch(said)
    return int(found[1]) if found else None


def choice_of(buttons: tuple[Button, ...], said: str) -> str:
    """Return what the button with the typed number says; "" when there is no such number."""
    number = number_in(said) or 0
    return buttons[number - 1].says if 0 < number <= len(buttons) else ""
