"""A line of the check-up, and the words that the lines share."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from bot.core.text import clock, day_full


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing.

    Attributes:
        ok: nobody needs to do anything.
        details: lines of their own.
    """

    about: str
    says: str
    ok: bool = True
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f"{'✓' if self.ok else '✗'} {self.about}: {self.says}"
        return "\n".join([line, *(f"    {detail}" for detail in self.details)])


def astray(webhook: str) -> str:
    """Return what is wrong, and what to do, when updates go elsewhere than they should.

    Args:
        webhook: where they go; "" when they wait for who asks.
    """
    if not webhook:
        return "webhook chưa được đặt. Chạy: giaoban run"
    return (
        f"tin đang được chuyển đến {host_of(webhook)} (webhook do nơi khác đặt). "
        "Muốn nhận tin tại đây, chạy: giaoban run --take-over"
    )


def host_of(url: str) -> str:
    """Return the host of an address; its path may be a secret."""
    return urlsplit(url).hostname or url


def local_moment(moment: datetime, zone: tzinfo | None) -> str:
    """Return a moment in local time: 16h30 15/4/2020."""
    local = moment.astimezone(zone)
    return f"{clock(local)} {day_full(local)}"
