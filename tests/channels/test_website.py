"""The one address for all that others post to or fetch from the bot, over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import ClientConnectorError, ClientSession, web
from ports import free_port

from bot.channels.website import Handler, WebSite

SOON = 20.0


@pytest.fixture
def site() -> WebSite:
    return WebSite("127.0.0.1", free_port())


@pytest.fixture
async def client(site: WebSite) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"http://{site.host}:{site.port}") as session:
        yield session


def saying(words: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=words)

    return answer


async def heard(client: ClientSession, path: str) -> tuple[int, str]:
    async with client.get(path) as response:
        return response.status, await response.text()


async def is_closed(client: ClientSession) -> bool:
    try:
        await heard(client, "/")
    except ClientConnectorError:
        return True
    return False


async def test_several_users_are_served_at_one_address(site: WebSite, client: ClientSession):
    async with site.serving("/zalo", saying("zalo")), site.serving("/tep/", saying("tệp")):
        assert await heard(client, "/zalo") == (200, "zalo")
        assert await heard(client, "/tep/1/2") == (200, "tệp")


@pytest.mark.parametrize("path", ["/", "/zalo/more", "/zalo2", "/tep", "/te", "/other"])
async def test_a_path_that_nobody_serves_is_not_found(
    site: WebSite, client: ClientSession, path: str
):
    async with site.serving("/zalo", saying("zalo")), site.serving("/tep/", saying("tệp")):
        status, _ = await heard(client, path)

    assert status == 404


async def test_of_two_beginnings_the_longer_one_answers(site: WebSite, client: ClientSession):
    async with site.serving("/a/", saying("short")), site.serving("/a/b/", saying("long")):
        assert await heard(client, "/a/b/c") == (200, "long")
        assert await heard(client, "/a/c") == (200, "short")


async def test_one_leaves_and_the_other_is_still_served(site: WebSite, client: ClientSession):
    async with site.serving("/stays", saying("here")):
        async with site.serving("/leaves", saying("for now")):
            assert await heard(client, "/leaves") == (200, "for now")

        assert (await heard(client, "/leaves"))[0] == 404
        assert await heard(client, "/stays") == (200, "here")


async def test_the_first_to_come_may_leave_before_the_second(site: WebSite, client: ClientSession):
    first = site.serving("/first", saying("first"))
    await first.__aenter__()
    async with site.serving("/second", saying("second")):
        await first.__aexit__(None, None, None)

        assert await heard(client, "/second") == (200, "second")


async def test_the_port_is_free_after_the_last_and_is_opened_again_for_the_next(
    site: WebSite, client: ClientSession
):
    assert await is_closed(client)
    for words in ("once", "again"):
        async with site.serving("/x", saying(words)):
            assert await heard(client, "/x") == (200, words)

        assert await is_closed(client)


async def test_many_come_and_go_at_once(site: WebSite, client: ClientSession):
    async def user(n: int) -> tuple[int, str]:
        async with site.serving(f"/{n}", saying(str(n))):
            return await heard(client, f"/{n}")

    found = await asyncio.gather(*map(user, range(20)))

    assert found == [(200, str(n)) for n in range(20)]
    assert await is_closed(client)


async def test_a_taken_port_is_an_error_and_the_site_can_be_used_when_it_is_free(
    site: WebSite, client: ClientSession
):
    with socket.socket() as taken:
        taken.bind((site.host, site.port))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            async with site.serving("/x", saying("x")):
                pass

    async with site.serving("/x", saying("x")):
        assert await heard(client, "/x") == (200, "x")


async def test_a_path_has_one_user(site: WebSite, client: ClientSession):
    async with site.serving("/x", saying("first")):
        with pytest.raises(ValueError, match="/x"):
            async with site.serving("/x", saying("second")):
                pass

        assert await heard(client, "/x") == (200, "first")


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 200), (1024 * 1024 + 1, 413)])
async def test_a_post_is_read_up_to_a_limit(
    site: WebSite, client: ClientSession, size: int, status: int
):
    async def count(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async with site.serving("/x", count), client.post("/x", data=BytesIO(bytes(size))) as response:
        assert response.status == status


async def test_what_is_being_answered_is_ended_properly_before_its_user_has_left(
    site: WebSite, client: ClientSession
):
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slowly(_: web.Request) -> web.Response:
        begun.set()
        await finish.wait()
        return web.Response(text="done")

    async with site.serving("/stays", saying("here")):
        async with site.serving("/slow", slowly):
            asking = asyncio.create_task(heard(client, "/slow"))
            await begun.wait()
            asyncio.get_running_loop().call_later(0.05, finish.set)

        assert finish.is_set()
        assert await asking == (200, "done")


async def test_an_answer_without_end_does_not_keep_its_user_from_leaving(
    site: WebSite, client: ClientSession
):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def for_ever(_: web.Request) -> web.Response:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return web.Response()

    async with asyncio.timeout(SOON), site.serving("/stays", saying("here")):
        async with site.serving("/slow", for_ever):
            asking = asyncio.create_task(heard(client, "/slow"))
            await begun.wait()

        assert ended.is_set()
        assert (await asking)[0] == 503
        assert await heard(client, "/stays") == (200, "here")
