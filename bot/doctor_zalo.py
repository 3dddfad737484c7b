"""The check-up of Zalo bots: what Zalo says of each, and how much of its plan is used."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.zalo_bot import channel_name, webhook_url
from bot.channels.zalo_health import Account, NotReached, look_up
from bot.config import Config, Zalo
from bot.core.messaging import ChannelClosed
from bot.core.quota import Limit, Quota, Usage
from bot.core.text import number, one_line
from bot.finding import Finding, astray, host_of, local_moment
from storage.usage import last_heard, usage_of

_PATIENCE = 10.0  # seconds for one answer of Zalo's
_PLAN = "xem: giaoban doctor --plan"
_TO_DO = {
    Limit.MESSAGES: f"Tin: đề nghị thêm bot, hoặc chuyển bớt người sang kênh khác; {_PLAN}",
    Limit.PEOPLE: f"Người: đề nghị thêm bot cho người vào sau; {_PLAN}",
    Limit.GROUPS: f"Nhóm: đề nghị thêm bot cho nhóm vào sau; {_PLAN}",
}
_RESERVE = "Tin: chỉ còn phần để dành cho bản tổng hợp, bot tạm dừng hỏi và nhắc"


@dataclass(frozen=True, slots=True)
class Carried:
    """What one bot has carried, as it was counted here.

    Attributes:
        usage: of this month.
        heard: when the last update came in; None before the first.
    """

    usage: Usage
    heard: datetime | None


async def carried(session: AsyncSession, zalo: Zalo, now: datetime) -> dict[str, Carried]:
    """Return what each bot has carried, by the name of its channel.

    Args:
        now: aware, in the office's zone.
    """
    names = [channel_name(token.get_secret_value()) for token in zalo.tokens]
    return {
        name: Carried(
            await usage_of(session, name, now=now, both_ways=zalo.both_ways),
            await last_heard(session, name),
        )
        for name in names
    }


async def ask_zalo(
    config: Config, counted: Mapping[str, Carried], *, zone: tzinfo | None
) -> list[Finding]:
    """Ask Zalo about each bot, all at once; return what was found of them, in their order.

    Args:
        counted: by the name of the channel; a bot that is missing was not counted.
    """
    zalo, public_url = config.zalo, config.web.public_url
    by_webhook = zalo.mode == "webhook"
    if by_webhook and not public_url:
        says = 'khi [zalo] mode = "webhook" phải có [web] public_url. Đề nghị ghi vào cấu hình'
        return [Finding("Zalo", says, ok=False)]
    tokens = [token.get_secret_value() for token in zalo.tokens]
    answers = await asyncio.gather(*(_answer(token, zalo.api_url) for token in tokens))
    bots = []
    for token, answer in zip(tokens, answers, strict=True):
        channel = channel_name(token)
        expected = webhook_url(public_url, token) if by_webhook else ""
        known = counted.get(channel)
        usage, heard = (known.usage, known.heard) if known else (None, None)
        bots.append(ZaloBot(channel, zalo.api_url, answer, expected, usage, zalo.quota, heard))
    return zalo_findings(bots, zone=zone)


async def _answer(token: str, api_url: str) -> Account | ChannelClosed | NotReached:
    try:
        return await look_up(token, api_url=api_url, timeout=_PATIENCE)
    except (ChannelClosed, NotReached) as error:
        return error


@dataclass(frozen=True, slots=True)
class ZaloBot:
    """One bot as it is set up, and what was learnt of it.

    Attributes:
        channel: its name here.
        api_url: Zalo's address in use.
        answer: what Zalo says of it, or why it says nothing.
        expected: address of the webhook that it is to have; "" when it asks for its updates.
        usage: of this month; None when it is not known.
        heard: when the last update came in; None before the first.
    """

    channel: str
    api_url: str
    answer: Account | ChannelClosed | NotReached
    expected: str
    usage: Usage | None
    quota: Quota
    heard: datetime | None


def zalo_findings(bots: Sequence[ZaloBot], *, zone: tzinfo | None) -> list[Finding]:
    """Return what was found of each bot, one after the other.

    What was counted here is told of a bot of which Zalo says nothing as well.
    """
    return [finding for bot in bots for finding in _findings(bot, zone)]


def _findings(bot: ZaloBot, zone: tzinfo | None) -> Iterator[Finding]:
    match bot.answer:
        case Account() as account:
            yield _updates(bot, account, zone)
            yield _groups(bot, account)
        case NotReached() as error:
            says = f"không hỏi được Zalo tại {host_of(bot.api_url)} ({error})"
            yield Finding(_about(bot), says, ok=False)
        case error:
            yield Finding(_about(bot), str(error), ok=False)
    if bot.usage is not None:
        yield _quota(bot, bot.usage)


def _about(bot: ZaloBot, what: str = "") -> str:
    return f"Zalo {bot.channel.removeprefix('zalo-')}{what}"


def _updates(bot: ZaloBot, account: Account, zone: tzinfo | None) -> Finding:
    name = one_line(account.name)
    if account.webhook != bot.expected:
        return Finding(_about(bot), f"{name}, {astray(account.webhook)}", ok=False)
    way = f"webhook tại {host_of(bot.expected)}" if bot.expected else "polling"
    last = f"tin đến gần nhất {local_moment(bot.heard, zone)}" if bot.heard else "chưa có tin đến"
    says = f"{name} ({host_of(bot.api_url)}), nhận tin bằng {way}, {last}"
    return Finding(_about(bot), says)


def _groups(bot: ZaloBot, account: Account) -> Finding:
    about = _about(bot, ", quyền")
    if account.joins_groups:
        return Finding(about, "được vào nhóm")
    says = (
        "không được vào nhóm. Đề nghị mở Bot Creator của Zalo, tìm mục mời bot vào nhóm; "
        "chưa có mục này thì Zalo chưa mở cho bot"
    )
    return Finding(about, says, ok=False)


def _quota(bot: ZaloBot, usage: Usage) -> Finding:
    quota = bot.quota
    share = int(usage.share(quota) * 100)  # rounded down: 80% is never shown before it is reached
    says = (
        f"tháng này {number(usage.messages)}/{number(quota.messages)} tin ({share}%), "
        f"{number(usage.people)}/{number(quota.people)} người, "
        f"{number(usage.groups)}/{number(quota.groups)} nhóm"
    )
    details = [_TO_DO[limit] for limit in usage.warned(quota)]
    if usage.below_reserve(quota):
        details.append(_RESERVE)
    return Finding(_about(bot, ", hạn mức"), says, ok=not details, details=tuple(details))
