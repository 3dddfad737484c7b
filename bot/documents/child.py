"""Papers are drawn in a process of their own.

What the drawing libraries hold goes back to the machine when the process ends, and a fault in
their native code or a form that never ends cannot stop the bot.
"""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from bot.core.paper import Paper
from bot.documents.docx import FormFault, render_docx

Renderer = Callable[[Paper, Path | None], bytes]


class RenderError(Exception):
    """No paper: the process took too long or died. Trying once more may help."""


def render(
    paper: Paper,
    form_path: Path | None = None,
    *,
    renderer: Renderer = render_docx,
    seconds: float = 60.0,
) -> bytes:
    """Return what `renderer` makes of the paper; blocks, so call it from a thread.

    Args:
        renderer: a function of a module's top level.
        seconds: how long the process may take, its start included.

    Raises:
        FormFault: the form cannot be used; trying again will not help.
        RenderError: the process took longer or ended without a result.
    """
    # Forking a process with threads and an open database would copy their locks.
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_draw, args=(sender, renderer, paper, form_path), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise RenderError(f"{paper.id}: not drawn within {seconds:g} s")
        drawn: bytes | FormFault = receiver.recv()
    except EOFError as error:
        child.join()
        raise RenderError(f"{paper.id}: the process ended with {child.exitcode}") from error
    finally:
        child.kill()
        child.join()
        child.close()
        receiver.close()
    if isinstance(drawn, FormFault):
        raise drawn
    return drawn


def _draw(sender: Connection, renderer: Renderer, paper: Paper, form_path: Path | None) -> None:
    """Send the drawn paper, or what is wrong with its form, to the process that asked for it."""
    try:
        sender.send(renderer(paper, form_path))
    except FormFault as fault:
        sender.send(fault)
