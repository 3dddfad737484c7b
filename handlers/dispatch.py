"""From an update to its use case: who is it, where was it said, may they?"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import joining_messages, messages
from bot.core.choices import choice_of
from bot.core.messages import Says
from bot.core.messaging import Button, Channels, Kind
from bot.core.office import Office
from bot.core.text import clean, fold, is_phone
from handlers import admit, by_hand, commands, enter_for, leave, orders, presence, report
from handlers.alarm import tell_admins
from handlers.commands import Command, Place, Rarely
from handlers.scene import Scene, aside, reply
from storage.conversations import REPORTERS, STAND_IN, Case
from storage.outbox import enqueue
from storage.writer import Decision, Rare

# "@Bot Giao Ban /lenh" in a group; the bot's name may hold spaces.
_COMMAND = re.compile(r"(?:@[^/\n]*)?/(\w+)(?:@\w+)?\s*(.*)", re.DOTALL)


_POSTED = re.compile(r"da dang(?: (?:so )?(\d{1,9}))?[\s.!]*")

_CANCEL = ("huy", "huy bo", "thoi")

_PRESENCE = {Kind.LEFT: presence.left, Kind.CAME: presence.came, Kind.MOVED: presence.moved}


def decider(office: Office, channels: Channels) -> Callable[[Case, datetime], Decision | Rare]:
    """Return the decision on every update of this office."""

    def decide(case: Case, now: datetime) -> Decision | Rare:
        scene = Scene(office, case, now, channels=channels)
        match case.inbound.kind:
            case Kind.EDITED if not case.inbound.text:
                return Decision()  # a caption taken away, a position that moves
            case Kind.SAID | Kind.EDITED:
                return _said(scene)
            case Kind.TAPPED:
                return _tapped(scene)
            case Kind.UNREADABLE:
                raise UnreadableUpdate(case.inbound.update_id)
            case _:
                return _rare(scene, _PRESENCE[case.inbound.kind])

    return decide


class UnreadableUpdate(Exception):
    """The channel passed on an update that it could make nothing of; `args` holds its id."""


def _said(scene: Scene) -> Decision | Rare:
    """What somebody wrote: a command, or words."""
    inbound = scene.case.inbound
    if inbound.phone and not inbound.in_group:
        return _rare(scene, admit.phone_shared)
    if offered := _offered(scene):
        says = choice_of(offered, inbound.text)
        case = replace(scene.case, inbound=replace(inbound, text=says), offered=())
        if not says:
            return Decision(reply(scene, messages.no_such_choice(inbound.text, offered)))
        return _said(replace(scene, case=case))
    found = _COMMAND.fullmatch(clean(inbound.text))
    if not found:
        return _words(scene)
    if inbound.forwarded:
        return Decision(() if inbound.in_group else reply(scene, messages.forwarded_command()))
    return _command(replace(scene, argument=found.group(2)), found.group(1))


def _offered(scene: Scene) -> tuple[Button, ...]:
    """Return the choices of which the number that was typed means one; none when it means none.

    Where there are buttons nobody sees the numbers, but for those that stand in the text: there
    it chooses among commands.
    """
    channel, offered = scene.channels.get(scene.case.inbound.channel), scene.case.offered
    tapped = channel is None or channel.abilities.buttons
    return () if tapped and not all(b.says.startswith("/") for b in offered) else offered


def _tapped(scene: Scene) -> Decision | Rare:
    """A tap: a command on a button means the same at any time, other words only while asked."""
    case = scene.case
    reports = _reports(case)
    if case.shown is None:
        return Decision(reply(scene, messages.old_button(reports=reports)))
    said = replace(case, inbound=replace(case.inbound, text=case.shown.says))
    scene = replace(scene, case=said)
    if case.shown.says.startswith("/"):
        return _said(scene)
    if not reports:
        return Decision(reply(scene, messages.old_button(reports=False)))
    return report.tapped(scene)


def _command(scene: Scene, word: str) -> Decision | Rare:
    command = commands.command_named(word)
    if command is None:
        return _unknown(scene, word)
    refused = _refusal(scene, command)
    if refused:
        # /start and /report are words of many bots: in a group only ours are answered.
        ours = command.help and fold(word) == command.word
        return Decision(aside(scene, refused) if ours or not scene.case.inbound.in_group else ())
    return _run(scene, command)


def _unknown(scene: Scene, word: str) -> Decision:
    if scene.case.inbound.in_group:
        return Decision()  # a group may use other bots
    if commands.STRANGER in roles_of(scene.case):
        return Decision(reply(scene, joining_messages.stranger(scene.office.contact)))
    return Decision(aside(scene, messages.unknown_command(word)))


def _run(scene: Scene, command: Command) -> Decision | Rare:
    if command.rare is not None:
        return _rare(scene, command.rare)
    return command.hot(scene) if command.hot is not None else _help(scene)


def _rare(scene: Scene, use_case: Rarely) -> Rare:
    async def run(session: AsyncSession, _case: Case) -> None:
        await use_case(session, scene)

    return run


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
        return joining_messages.stranger(scene.office.contact)
    if place not in command.places:
        in_group = place is Place.GROUP
        return messages.only_in_private() if in_group else messages.only_in_group()
    if commands.GUEST_GROUP in roles:
        return joining_messages.unbound_group(scene.office.contact)
    return messages.not_allowed()


def _words(scene: Scene) -> Decision | Rare:
    """What is not a command: a report, or a word from somebody who does not report."""
    if scene.case.inbound.in_group:
        return Decision()
    inbound = scene.case.inbound
    posted = _POSTED.fullmatch(fold(clean(inbound.text)))
    if posted and roles_of(scene.case) & commands.POSTERS:
        return _rare(replace(scene, argument=posted[1] or ""), by_hand.posted)
    if inbound.attachment and not inbound.text and scene.case.duties:
        return Decision(aside(scene, messages.no_text(inbound.attachment)))
    if scene.case.ordered and inbound.kind is Kind.SAID:
        return _reasoned(scene)
    if _reports(scene.case):
        return _of_a_reporter(scene)
    if scene.case.duties:
        return _help(scene)
    said = clean(inbound.text)
    if is_phone(said):
        return _rare(scene, admit.phone_shared)
    return Decision(reply(scene, joining_messages.stranger(scene.office.contact, said)))


def _reasoned(scene: Scene) -> Decision | Rare:
    """What was said completes the command that waits for its reason, or calls it off."""
    said = scene.case.inbound.text
    if fold(clean(said)).strip(" .!") in _CANCEL:
        return _rare(scene, orders.drop)
    return _said(orders.with_reason(scene, said))


def _reports(case: Case) -> bool:
    """Whether the words of this person are a report, of their unit or of one they enter for."""
    return not roles_of(case).isdisjoint({*REPORTERS, STAND_IN})


def _of_a_reporter(scene: Scene) -> Decision | Rare:
    """What a focal point says: a report, or outside of it a word about their leave."""
    if fold(clean(scene.case.inbound.text)) in _CANCEL and enter_for.nothing_entered(scene):
        return _rare(scene, enter_for.stop)
    own = not roles_of(scene.case).isdisjoint(REPORTERS)
    if own and leave.agrees(scene):
        return _rare(scene, leave.agree)
    if own and leave.speaks_of_leave(scene):
        return _rare(replace(scene, argument=scene.case.inbound.text), leave.on_leave)
    return report.hear(scene)


def roles_of(case: Case) -> frozenset[str]:
    """Return what the speaker is here: in a group its binding counts, in private the duties."""
    if case.inbound.in_group:
        bound = case.group_unit is not None
        return frozenset({commands.MEMBER if bound else commands.GUEST_GROUP})
    duties = frozenset(d.role for d in case.duties)
    if duties and case.entering:
        return duties | {STAND_IN}
    return duties or frozenset({commands.STRANGER})


async def say_failed(
    session: AsyncSession, office: Office, case: Case, error_id: str, *, now: datetime
) -> None:
    """Tell the person that their message was not handled, and an admin under which id to look."""
    scene = Scene(office, case, now)
    connection = await session.connection()
    if case.inbound.sender and not case.inbound.in_group:
        says = messages.failure(error_id, office.contact)
        await enqueue(connection, reply(scene, says), now=now)
    says = messages.failure_for_admin(error_id, "xử lý một tin đến")
    await tell_admins(session, f"error/{error_id}", says, now=now)
