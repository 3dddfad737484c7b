"""The pair of tokens by which a messenger lets the bot act for an account."""

from dataclasses import dataclass, field
from datetime import datetime

_LATEST = 0.75  # share of an access token's life after which the next one is fetched


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What one refresh gave: an access token, and the refresh token that gives the next pair once.

    Attributes:
        access_token: "" before the first refresh.
        expires_at: of the access token.
        refreshed_at: when the pair was given.
        seed: fingerprint of the configured token with which the chain of pairs began.
        dead_since: when the refresh token was refused; only a person's consent gives a new one.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    refreshed_at: datetime
    seed: str = ""
    dead_since: datetime | None = None

    def good(self, now: datetime) -> bool:
        """Whether the access token can still be used."""
        return bool(self.access_token) and now < self.expires_at

    def due(self, now: datetime) -> bool:
        """Whether it is time for the next pair: long before the end, so that a failure can wait."""
        life = self.expires_at - self.refreshed_at
        return not self.good(now) or now >= self.refreshed_at + life * _LATEST
