"""Events pushed to a bot: once, never again."""

from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from .world import Json, World, on_loopback

SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105
PROBE: Json = {"event_name": "webhook.verification"}
"""What is posted when a webhook is set; the words are invented."""
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go; without an address there was a webhook, and it was deleted."""

    url: str
    secret: str
    updated_at: int

    def json(self) -> Json:
        return {"url": self.url, "updated_at": self.updated_at}


async def push(world: World, webhook: Webhook, body: Json) -> int:
    """Post a body; the status of the answer, 0 for none. Outside this machine nobody answers."""
    if not on_loopback(webhook.url):
        return NO_ANSWER
    headers = {SECRET_HEADER: webhook.secret}
    try:
        async with world.session.post(
            webhook.url, json=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return NO_ANSWER


def accepted(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
