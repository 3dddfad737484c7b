"""What Zalo says of a bot, asked of a stand-in on this machine."""

import json
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.channels.zalo_health import Account, NotReached, look_up
from bot.core.messaging import ChannelClosed

TOKEN = "4711:secret-of-the-bot"  # noqa: S105
ME = {
    "id": "c0ffee00",
    "account_name": "bot.VKxyz",
    "account_type": "BASIC",
    "can_join_groups": True,
}
NO_WEBHOOK = {"ok": False, "error_code": 404, "description": "Not Found"}
WRONG_TOKEN = {"ok": False, "error_code": 401, "description": "Unauthorized"}


def result(of: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "result": of}


@dataclass
class FakeZalo:
    """Answers each method with what the test put there: a body, and a status if it is not 200."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {"getMe": result(ME), "getWebhookInfo": NO_WEBHOOK}
    )
    status: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        method = request.match_info["method"]
        body, status = self.answers[method], self.status.get(method, 200)
        if status == 302:
            raise web.HTTPFound(f"{self.url}/elsewhere")
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, content_type="text/plain")


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    fake = FakeZalo()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", fake.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    fake.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    await web.SockSite(runner, listening).start()
    yield fake
    await runner.cleanup()


async def asked(zalo: FakeZalo, token: str = TOKEN) -> Account:
    return await look_up(token, api_url=zalo.url, timeout=5)


async def test_a_bot_that_never_had_a_webhook_gets_its_updates_by_asking(zalo: FakeZalo):
    found = await asked(zalo)

    assert found == Account("c0ffee00", "bot.VKxyz", "bot.VKxyz", joins_groups=True, webhook="")
    assert zalo.asked == [f"/bot{TOKEN}/getMe", f"/bot{TOKEN}/getWebhookInfo"]


@pytest.mark.parametrize("url", ["", "https://noi-khac.vn/zalo"])
async def test_where_its_updates_go_is_told(zalo: FakeZalo, url: str):
    zalo.answers["getWebhookInfo"] = result({"url": url, "updated_at": 1790000000123})

    assert (await asked(zalo)).webhook == url


async def test_the_name_that_people_see_is_taken_where_zalo_gives_it(zalo: FakeZalo):
    zalo.answers["getMe"] = result({**ME, "display_name": "Bot Báo cáo 1"})

    found = await asked(zalo)

    assert (found.name, found.handle) == ("Bot Báo cáo 1", "bot.VKxyz")


@pytest.mark.parametrize("said", [{"can_join_groups": False}, {"can_join_groups": None}, {}])
async def test_a_bot_joins_groups_only_if_zalo_says_so(zalo: FakeZalo, said: dict[str, Any]):
    without = {key: value for key, value in ME.items() if key != "can_join_groups"}
    zalo.answers["getMe"] = result({**without, **said})

    assert not (await asked(zalo)).joins_groups


@pytest.mark.parametrize(
    ("body", "status"),
    [(WRONG_TOKEN, 200), (WRONG_TOKEN, 401), (WRONG_TOKEN, 500), ("<html>", 401)],
    ids=["body", "both", "body against status", "status alone"],
)
async def test_a_wrong_token_is_one_line_for_a_person(zalo: FakeZalo, body: Any, status: int):
    zalo.answers["getMe"], zalo.status["getMe"] = body, status

    with pytest.raises(ChannelClosed) as closed:
        await asked(zalo)

    assert str(closed.value).startswith("Mã (token) của bot Zalo không đúng")
    assert "\n" not in str(closed.value)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"ok": False, "error_code": 403}, 200, "mã lỗi 403"),
        ({"ok": False, "error_code": 404}, 200, "mã lỗi 404"),
        ({"ok": False}, 500, "HTTP 500"),
        ({"ok": True}, 200, "HTTP 200"),
        ("<html>Bad gateway</html>", 502, "HTTP 502"),
        ("", 200, "HTTP 200"),
        ([], 200, "HTTP 200"),
        ("", 302, "HTTP 302"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_told_by_its_number(
    zalo: FakeZalo, body: Any, status: int, says: str
):
    zalo.answers["getMe"], zalo.status["getMe"] = body, status

    with pytest.raises(NotReached) as error:
        await asked(zalo)

    assert str(error.value) == says
    assert zalo.asked == [f"/bot{TOKEN}/getMe"]


async def test_the_body_decides_and_not_the_status(zalo: FakeZalo):
    zalo.status = {"getMe": 500, "getWebhookInfo": 500}

    assert (await asked(zalo)).id == "c0ffee00"


@pytest.mark.parametrize("api_url", ["http://127.0.0.1:9", "http://", "http://[", "http://a b"])
async def test_the_token_is_in_no_error_and_no_log(api_url: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(NotReached) as error:
        await look_up(TOKEN, api_url=api_url, timeout=5)

    told = "".join(traceback.format_exception(error.value)) + caplog.text
    assert "secret-of-the-bot" not in told


async def test_a_token_of_another_shape_stays_one_part_of_the_address(zalo: FakeZalo):
    odd = "4711:a/../b?c#d\n"

    assert (await asked(zalo, odd)).id == "c0ffee00"


async def test_a_zalo_that_keeps_silent_is_not_waited_for(zalo: FakeZalo):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(NotReached, match="Timeout"):
            await look_up(TOKEN, api_url=url, timeout=0.05)
