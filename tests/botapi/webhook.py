"""Updates pushed to a bot: in order within a chat, many chats at once, until they are accepted."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import aiohttp

from .chats import Bot, Json
from .errors import ApiError, bad_request, flood
from .parameters import Parameters, of_response
from .updates import USUAL, WEBHOOK_SET, Update
from .world import World

SECRET = re.compile(r"[A-Za-z0-9_-]*")
LONGEST_SECRET = 256
PATIENCE = aiohttp.ClientTimeout(total=60)
LONGEST_DELAY = 60  # seconds, doubled by chance
NOT_IN_ANSWER = {"setwebhook", "deletewebhook", "close", "logout"}

Execute = Callable[[Bot, str, Parameters], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where updates go; without an address there is no webhook."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: tuple[int, str] | None = None


@dataclass
class Webhook:
    """The webhook of one bot; `execute` carries out a call with which it answers an update."""

    world: World
    bot: Bot
    execute: Execute
    hurry: float
    settings: Settings = field(default_factory=Settings)
    _next_set: float = 0.0
    _feeding: asyncio.Task[None] | None = None

    async def change(self, given: Parameters) -> str:
        """Change the address as a call says; what to tell the caller."""
        now = asyncio.get_running_loop().time()
        url, secret = given.text("url"), given.text("secret_token")
        if not url:
            return await self.delete(given)
        wanted = Settings(url, secret, given.integer("max_connections", 40) or 40)
        same = wanted == replace(self.settings, last_error=None)
        if now < self._next_set and not same:
            raise flood(1)
        _check(url, secret)
        if given.has("allowed_updates"):
            self.bot.updates.allow(given.json("allowed_updates", "allowed_updates"))
        if given.flag("drop_pending_updates"):
            self.bot.updates.forget_all()
        if same:
            return "Webhook is already set"
        self._next_set = now + 1
        await self.stop()
        self.bot.polling.end(WEBHOOK_SET)
        self.settings = wanted
        self._feeding = asyncio.create_task(self._feed())
        return "Webhook was set"

    async def delete(self, given: Parameters) -> str:
        was_set = bool(self.settings.url)
        if given.flag("drop_pending_updates"):
            self.bot.updates.forget_all()
        await self.stop()
        self.settings = Settings()
        return "Webhook was deleted" if was_set else "Webhook is already deleted"

    async def stop(self) -> None:
        """Push nothing more."""
        if self._feeding:
            self._feeding.cancel()
            await asyncio.wait([self._feeding])
            self._feeding = None

    def json(self) -> Json:
        """A WebhookInfo."""
        told: Json = {
            "url": self.settings.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.bot.updates.waiting()),
        }
        if self.settings.url:
            told |= {"max_connections": self.settings.max_connections, "ip_address": "127.0.0.1"}
        if self.settings.last_error:
            date, message = self.settings.last_error
            told |= {"last_error_date": date, "last_error_message": message}
        if self.bot.updates.allowed != USUAL:
            told["allowed_updates"] = sorted(self.bot.updates.allowed)
        return told

    async def _feed(self) -> None:
        """Keep one courier for each key that has updates waiting."""
        attended: set[Hashable] = set()
        places = asyncio.Semaphore(self.settings.max_connections)

        def unattended() -> set[Hashable]:
            return {update.key for update in self.bot.updates.waiting()} - attended

        async with aiohttp.ClientSession(timeout=PATIENCE) as session, asyncio.TaskGroup() as group:
            while True:
                await self.bot.updates.bell.until(unattended, 3600)
                for key in unattended():
                    attended.add(key)
                    group.create_task(self._carry(key, session, places, attended))

    async def _carry(
        self,
        key: Hashable,
        session: aiohttp.ClientSession,
        places: asyncio.Semaphore,
        attended: set[Hashable],
    ) -> None:
        """Deliver the updates of one key, each until it is accepted or too old."""
        fails, delay = 0, 1.0
        while update := next((u for u in self.bot.updates.waiting() if u.key == key), None):
            async with places:
                wait = await self._deliver(update, session)
            if wait is None:
                self.bot.updates.forget(update)
                fails, delay = 0, 1.0
                continue
            # The first failure is tried again at once, later ones after a growing delay.
            if not wait and fails:
                longest = random.uniform(LONGEST_DELAY, 2 * LONGEST_DELAY)
                wait = delay = min(longest, delay * 2)
            fails += 1
            await asyncio.sleep(wait / self.hurry)
        attended.discard(key)

    async def _deliver(self, update: Update, session: aiohttp.ClientSession) -> float | None:
        """Post one update; None when it was accepted, else the seconds the bot asks to wait."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.settings.secret}
        try:
            async with session.post(
                self.settings.url,
                json=update.json(),
                headers={name: value for name, value in headers.items() if value},
                allow_redirects=False,
            ) as response:
                if 200 <= response.status < 300:
                    await self._execute(response)
                    return None
                reason = HTTPStatus(response.status).phrase
                self._failed(f"Wrong response from the webhook: {response.status} {reason}")
                asked = response.headers.get("Retry-After", "0")
                return min(float(asked), 3600.0) if asked.isdecimal() else 0.0
        except aiohttp.ClientConnectorError:
            self._failed("Connection refused")
        except (aiohttp.ClientError, TimeoutError):
            self._failed("Webhook connection closed")
        return 0.0

    async def _execute(self, response: aiohttp.ClientResponse) -> None:
        try:
            given = await of_response(response)
        except (ApiError, ValueError):
            # An answer may have any body; one that cannot be read is no call.
            return
        method = given.text("method").lower()
        if method and method not in NOT_IN_ANSWER and not method.startswith("get"):
            await self.execute(self.bot, method, given)

    def _failed(self, message: str) -> None:
        self.settings = replace(self.settings, last_error=(self.world.time(), message))


def _check(url: str, secret: str) -> None:
    """As a server on one's own machine does, this one accepts plain HTTP and any port."""
    if not url.startswith(("http://", "https://")):
        raise bad_request("Bad webhook: invalid URL specified")
    if len(secret) > LONGEST_SECRET:
        raise bad_request("Secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad_request("Secret token contains unallowed characters")
