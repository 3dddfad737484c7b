"""/trogiup: the commands that this person may use here, made from the table of commands."""

from collections.abc import Sequence

from bot.core import messages
from handlers.scene import Scene, aside
from storage.writer import Decision


def show_help(scene: Scene, lines: Sequence[str]) -> Decision:
    """Answer with the commands, a line each."""
    return Decision(aside(scene, messages.help_text(lines)))
