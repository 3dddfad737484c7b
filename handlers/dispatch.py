"""From an update to its use case: who is it, where was it said, may they?"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.messages import Says
from bot.core.office import Office
from bot.core.text import clean
from handlers import commands, report
from handlers.alarm import tell_admins
from handlers.commands import Command, Place
from handlers.scene import Scene, aside, reply
from storage.conversations import REPORTERS, Case
from storage.outbox import enqueue
from storage.writer import Decision, Rare

# "@Bot Giao Ban /lenh" in a group; the bot's name may hold spaces.
_COMMAND = re.compile(r"(?:@[^/\n]*)?/(\w+)(?:@\w+)?\s*(.*)", re.DOTALL)


def decider(office: Office) -> Callable[[Case, datetime], Decision | Rare]:
    """Return the decision on every update of this office."""

    def decide(case: Case, now: datetime) -> Decision | Rare:
        scene = Scene(office, case, now)
        found = _COMMAND.fullmatch(clean(case.inbound.text))
        if found:
            scene = replace(scene, argument=found.group(2))
            return _command(scene, found.group(1))
        return _words(scene)

    return decide


def _command(scene: Scene, word: str) -> Decision | Rare:
    command = commands.command_named(word)
    if command is None:
        return _unknown(scene, word)
    refused = _refusal(scene, command)
    if refused:
        return Decision(aside(scene, refused))
    return _run(scene, command)


def _unknown(scene: Scene, word: str) -> Decision:
    if scene.case.inbound.in_group:
        return Decision()  # a group may use other bots
    if commands.STRANGER in roles_of(scene.case):
        return Decision(reply(scene, messages.stranger(scene.office.contact)))
    return Decision(aside(scene, messages.unknown_command(word)))


def _run(scene: Scene, command: Command) -> Decision | Rare:
    rare = command.rare
    if rare is not None:

        async def run(session: AsyncSession, _case: Case) -> None:
            await rare(session, scene)

        return run
    return command.hot(scene) if command.hot is not None else _help(scene)


def _help(scene: Scene) -> Decision:
    place = Place.GROUP if scene.case.inbound.in_group else Place.PRIVATE
    lines = commands.help_lines(roles_of(scene.case), place)
    return Decision(aside(scene, messages.help_text(lines)))


def _refusal(scene: Scene, command: Command) -> Says | None:
    """Return why the command may not be used here by this person, or None when it may."""
    place = Place.GROUP if scene.case.inbound.in_group else Place.PRIVATE
    roles = roles_of(scene.case)
    if place in command.places and roles & command.roles:
        return None
    if commands.STRANGER in roles:
        return messages.stranger(scene.office.contact)
    if place not in command.places:
        in_group = place is Place.GROUP
        return messages.only_in_private() if in_group else messages.only_in_group()
    if commands.GUEST_GROUP in roles:
        return messages.unbound_group(scene.office.contact)
    return messages.not_allowed()


def _words(scene: Scene) -> Decision | Rare:
    """What is not a command: a report, or a word from somebody who does not report."""
    if scene.case.inbound.in_group:
        return Decision()
    if not roles_of(scene.case).isdisjoint(REPORTERS):
        return report.hear(scene)
    if scene.case.duties:
        return _help(scene)
    return Decision(reply(scene, messages.stranger(scene.office.contact)))


def roles_of(case: Case) -> frozenset[str]:
    """Return what the speaker is here: in a group its binding counts, in private the duties."""
    if case.inbound.in_group:
        bound = case.group_unit is not None
        return frozenset({commands.MEMBER if bound else commands.GUEST_GROUP})
    return frozenset(d.role for d in case.duties) or frozenset({commands.STRANGER})


async def say_failed(
    session: AsyncSession, office: Office, case: Case, error_id: str, *, now: datetime
) -> None:
    """Tell the person that their message was not handled, and an admin under which id to look."""
    scene = Scene(office, case, now)
    connection = await session.connection()
    if not case.inbound.in_group:
        says = messages.failure(error_id, office.contact)
        await enqueue(connection, reply(scene, says), now=now)
    says = messages.failure_for_admin(error_id, "xử lý một tin đến")
    await tell_admins(session, f"error/{error_id}", says, now=now)
