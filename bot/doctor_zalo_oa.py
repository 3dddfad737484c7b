"""The check-up of Zalo's Official Account: whether the bot may act for it, and until when."""

from datetime import datetime, tzinfo

from bot.channels.zalo_oa_health import Account, Health, look_up
from bot.channels.zalo_oa_tokens import CONSENT, Grants
from bot.config import Config
from bot.core.grant import TokenPair
from bot.core.text import one_line
from bot.finding import Finding, host_of, local_moment

_ABOUT = "Zalo OA"
_TO_RENEW = "Chạy: giaoban run để gia hạn"
_NONE_YET = (
    "bot chưa được cấp quyền. Đề nghị quản trị viên OA cấp quyền cho ứng dụng tại "
    "developers.zalo.me, đặt mã vào [zalo_oa] refresh_token rồi chạy: giaoban run"
)


async def ask_zalo_oa(
    config: Config, grants: Grants, *, now: datetime, zone: tzinfo | None
) -> list[Finding]:
    """Return what the kept tokens and Zalo say of the account.

    Args:
        now: of the clock of the world, by which Zalo's tokens expire.
    """
    if not config.web.public_url:
        says = "khi bật [zalo_oa] phải có [web] public_url, để Zalo gửi tin đến"
        return [Finding(_ABOUT, says, ok=False)]
    api_url = config.zalo_oa.api_url
    health = await look_up(grants, api_url=api_url, now=now)
    return [oa_finding(health, api_url=api_url, now=now, zone=zone)]


def oa_finding(health: Health, *, api_url: str, now: datetime, zone: tzinfo | None) -> Finding:
    """Return the line about the account."""
    pair = health.pair
    if pair is None:
        return _wrong(_NONE_YET)
    if pair.dead_since is not None:
        return _wrong(f"quyền đã hết từ {local_moment(pair.dead_since, zone)}. {CONSENT}")
    if not pair.good(now):
        return _wrong(f"quyền cần gia hạn từ {local_moment(pair.expires_at, zone)}. {_TO_RENEW}")
    if health.failure:
        return _wrong(f"không hỏi được Zalo tại {host_of(api_url)} ({health.failure})")
    return _in_order(health.account, pair, zone)


def _wrong(says: str) -> Finding:
    return Finding(_ABOUT, says, ok=False)


def _in_order(account: Account | None, pair: TokenPair, zone: tzinfo | None) -> Finding:
    name = one_line(account.name) if account else "Zalo không cho biết tên"
    says = f"{name}, quyền đến {local_moment(pair.expires_at, zone)}, bot tự gia hạn"
    return Finding(_ABOUT, says, ok=not (notes := _notes(account)), details=notes)


def _notes(account: Account | None) -> tuple[str, ...]:
    if account is None:
        return ()
    notes = []
    if account.verified is False:
        notes.append("OA chưa xác thực. Đề nghị xác thực tại oa.zalo.me")
    if account.state_agency:
        notes.append(
            "OA loại cơ quan nhà nước: Zalo có thể không cho gửi tin riêng và tin vào nhóm. "
            "Đề nghị gửi thử; không được thì dùng bot Zalo ([zalo])"
        )
    return tuple(notes)
