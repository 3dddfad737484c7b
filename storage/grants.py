"""The tokens of an Official Account: kept before they are used, replaced only by who read them."""

from datetime import datetime

from sqlalchemy import select, update

from bot.core.grant import TokenPair
from storage.database import Database, insert_into
from storage.tables import Grant, columns

_grant = columns(Grant)


class KeptGrants:
    """The grant of one channel. Other processes may use the same database.

    Args:
        channel: name of the channel that acts by it.
    """

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel

    async def load(self) -> TokenPair | None:
        """Return the newest pair; None before there was any."""
        query = select(
            _grant.access_token,
            _grant.refresh_token,
            _grant.expires_at,
            _grant.refreshed_at,
            _grant.seed,
            _grant.dead_since,
        ).where(_grant.channel == self._channel)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return TokenPair(*row) if row else None

    async def keep(self, pair: TokenPair, *, instead_of: str | None) -> bool:
        """Keep a pair durably; return False, and change nothing, if another came before it.

        Args:
            instead_of: refresh token of the pair that was read and led to this one; None if there
                was none.
        """
        values = {
            "access_token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "expires_at": pair.expires_at,
            "refreshed_at": pair.refreshed_at,
            "seed": pair.seed,
            "dead_since": pair.dead_since,
        }
        async with self._database.write() as connection:
            if instead_of is None:
                first = insert_into(connection, Grant).values(channel=self._channel, **values)
                done = await connection.execute(first.on_conflict_do_nothing())
            else:
                done = await connection.execute(
                    update(Grant)
                    .where(_grant.channel == self._channel, _grant.refresh_token == instead_of)
                    .values(**values)
                )
            return done.rowcount == 1

    async def mark_dead(self, refresh_token: str, *, at: datetime) -> None:
        """Note that a refresh token was refused, if it is still the newest."""
        async with self._database.write() as connection:
            await connection.execute(
                update(Grant)
                .where(
                    _grant.channel == self._channel,
                    _grant.refresh_token == refresh_token,
                    _grant.dead_since.is_(None),
                )
                .values(dead_since=at)
            )
