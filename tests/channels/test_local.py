"""The built-in messenger over real HTTP on loopback, with a real mailbox file."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from contract import A_MOMENT, PROMISES, SOON, Desk, listening, outbound, until

from bot.channels.local import LocalChannel, MailboxFault
from bot.channels.local_client import LocalClient, Refused, Seen, Unreachable, until_answered
from bot.core.messaging import Button, ChannelBusy, Inbound

LOOPBACK = "127.0.0.1"
SAID = {"sender": "dv-01", "chat": "dv-01", "id": "m1", "text": "Quầy: mở"}


def opened(folder: Path, routes: Sequence[web.RouteDef] = ()) -> LocalChannel:
    return LocalChannel(LOOPBACK, 0, folder / "mailbox.jsonl", routes)


async def seen_by(channel: LocalChannel, chat: str, wait: float = 0) -> Sequence[Seen]:
    async with LocalClient(await channel.address()) as client:
        return await client.messages(chat, 0, wait)


async def texts_seen(channel: LocalChannel) -> list[str]:
    async with listening(channel, Desk().receive):
        return [message.text for message in await seen_by(channel, "dv-01")]


class Somebody:
    """A person of the built-in messenger, for the contract."""

    def __init__(self, channel: LocalChannel) -> None:
        self.chat = "dv-01"
        self._channel = channel
        self._said = 0

    async def say(self, text: str) -> None:
        self._said += 1
        message_id = str(self._said)
        async with LocalClient(await self._channel.address()) as client:
            await until_answered(lambda: client.say(self.chat, self.chat, message_id, text))

    async def sees(self, count: int) -> list[tuple[str, list[str]]]:
        seen = await seen_by(self._channel, self.chat)
        while len(seen) < count:
            await asyncio.sleep(0.01)
            seen = await seen_by(self._channel, self.chat)
        return [(m.text, [button.label for button in m.buttons]) for m in seen]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_the_built_in_messenger_keeps_the_promise_that(promise, tmp_path):
    channel = opened(tmp_path)

    await promise(channel, Somebody(channel))


async def test_all_that_is_posted_reaches_the_bot(tmp_path):
    channel, desk = opened(tmp_path), Desk()
    said = SAID | {
        "chat": "nhom-1",
        "name": "Nguyễn Thị Hòa",
        "group": True,
        "sent_at": "2020-04-15T16:29:59+07:00",
    }

    async with listening(channel, desk.receive), ClientSession() as session:
        await session.post(f"{await channel.address()}/messages", json=said)

    assert desk.arrived == [
        Inbound(
            channel="local",
            update_id="dv-01/m1",
            chat="nhom-1",
            sender="dv-01",
            text="Quầy: mở",
            sender_name="Nguyễn Thị Hòa",
            in_group=True,
            sent_at=datetime(2020, 4, 15, 9, 29, 59, tzinfo=UTC),
        )
    ]


async def test_fifty_people_at_once_are_few_batches(tmp_path):
    channel, desk = opened(tmp_path), Desk()
    people = [f"dv-{n:02}" for n in range(50)]
    desk.open.clear()

    async with listening(channel, desk.receive), LocalClient(await channel.address()) as client:
        posts = [asyncio.create_task(client.say(p, p, "1", "Không phát sinh")) for p in people]
        await until(lambda: desk.batches)
        await asyncio.sleep(A_MOMENT)
        desk.open.set()
        await asyncio.gather(*posts)

    assert sorted(inbound.sender for inbound in desk.arrived) == people
    assert len(desk.batches) <= 3


async def test_all_of_a_batch_that_failed_are_told_to_repeat_and_succeed_then(tmp_path, caplog):
    channel, desk = opened(tmp_path), Desk(failures=1)

    async with listening(channel, desk.receive), LocalClient(await channel.address()) as client:
        with pytest.raises(Unreachable, match="chưa ghi nhận được tin nhắn"):
            await client.say("dv-01", "dv-01", "m1", "Điện thoại 0912345678")
        await client.say("dv-01", "dv-01", "m1", "Điện thoại 0912345678")

    assert [inbound.update_id for inbound in desk.arrived] == ["dv-01/m1"] * 2
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "0912345678" not in caplog.text


async def test_someone_who_hangs_up_takes_nothing_from_the_others(tmp_path):
    channel, desk = opened(tmp_path), Desk()
    desk.open.clear()

    async with listening(channel, desk.receive), LocalClient(await channel.address()) as client:
        impatient, patient = (
            asyncio.create_task(client.say(who, who, "1", "Không phát sinh"))
            for who in ("dv-01", "dv-02")
        )
        await until(lambda: desk.batches)
        impatient.cancel()
        await asyncio.sleep(A_MOMENT)
        desk.open.set()
        await asyncio.wait_for(patient, SOON)

    assert sorted(inbound.sender for inbound in desk.arrived) == ["dv-01", "dv-02"]


async def test_it_stops_even_if_a_batch_hangs(tmp_path):
    channel, desk = opened(tmp_path), Desk()
    desk.open.clear()

    async with asyncio.timeout(SOON):
        async with listening(channel, desk.receive):
            saying = asyncio.create_task(Somebody(channel).say("Không phát sinh"))
            await until(lambda: desk.batches)

    acknowledged = saying.done()
    saying.cancel()
    assert not acknowledged


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "JSON"),
        (b"{", 400, "JSON"),
        (b"\xff", 400, "JSON"),
        (b"[" * 50_000, 400, "JSON"),
        (b"[1]", 400, "JSON"),
        (b"{}", 400, "chat, id, sender, text"),
        (json.dumps(SAID | {"text": 5}).encode(), 400, "text"),
        (json.dumps(SAID | {"text": "\ud800"}).encode(), 400, ""),
        (json.dumps(SAID | {"sender": ""}).encode(), 400, "sender"),
        (json.dumps(SAID | {"id": "a/b"}).encode(), 400, "id"),
        (json.dumps(SAID | {"id": 7}).encode(), 400, "id"),
        (json.dumps(SAID | {"chat": "x" * 201}).encode(), 400, "chat"),
        (json.dumps(SAID | {"chat": "dv-02"}).encode(), 400, "chat"),
        (json.dumps(SAID | {"group": "yes"}).encode(), 400, "group"),
        (json.dumps(SAID | {"sent_at": "2020-04-15T16:30:00"}).encode(), 400, "sent_at"),
        (json.dumps(SAID | {"sent_at": "hôm nay"}).encode(), 400, "sent_at"),
        (json.dumps(SAID | {"sentat": "x"}).encode(), 400, "sentat"),
        (json.dumps(SAID | {"text": "x" * 70_000}).encode(), 413, "quá dài"),
    ],
)
async def test_a_wrong_post_is_refused_with_one_line(body, status, says, tmp_path):
    channel, desk = opened(tmp_path), Desk()
    json_type = {"Content-Type": "application/json"}

    async with listening(channel, desk.receive), ClientSession() as session:
        url = f"{await channel.address()}/messages"
        response = await session.post(url, data=body, headers=json_type)
        answer = await response.json()

    assert response.status == status
    assert says in answer["error"]
    assert "\n" not in answer["error"]
    assert not answer["ok"]
    assert desk.arrived == []


async def test_a_web_page_of_another_site_cannot_speak_for_a_person(tmp_path):
    channel, desk = opened(tmp_path), Desk()

    async with listening(channel, desk.receive), ClientSession() as session:
        url = f"{await channel.address()}/messages"
        # Without asking first, a browser sends only such content types elsewhere.
        as_text = await session.post(url, data=json.dumps(SAID))
        asked_first = await session.options(url)

    assert as_text.status == 415
    assert "Access-Control-Allow-Origin" not in asked_first.headers
    assert desk.arrived == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "chat"),
        ("chat=", "chat"),
        ("chat=dv-01&after=x", "after"),
        ("chat=dv-01&after=-1", "after"),
        ("chat=dv-01&wait=-1", "wait"),
        ("chat=dv-01&wait=nan", "wait"),
        ("chat=dv-01&wait=x&after=y", "after, wait"),
    ],
)
async def test_a_wrong_question_is_refused_with_one_line(query, says, tmp_path):
    channel = opened(tmp_path)

    async with listening(channel, Desk().receive), ClientSession() as session:
        response = await session.get(f"{await channel.address()}/messages?{query}")
        answer = await response.json()

    assert response.status == 400
    assert answer == {"ok": False, "error": f"Thiếu hoặc sai: {says}."}


async def test_a_message_waits_for_a_person_who_is_not_there_yet(tmp_path):
    channel = opened(tmp_path)
    buttons = (Button("Gửi", "gửi"),)

    sent = await channel.send(outbound(channel, "dv-01", "Đề nghị báo cáo.", buttons=buttons))

    async with listening(channel, Desk().receive), ClientSession() as session:
        response = await session.get(f"{await channel.address()}/messages?chat=dv-01")
        [message] = (await response.json())["messages"]

    assert message == {
        "id": int(sent),
        "key": "reply/Đề nghị báo cáo.",
        "chat": "dv-01",
        "text": "Đề nghị báo cáo.",
        "buttons": [["Gửi", "gửi"]],
    }


async def test_a_reader_gets_only_the_own_chat_and_what_is_new(tmp_path):
    channel = opened(tmp_path)
    ids = [
        int(await channel.send(outbound(channel, chat, f"Tin {n}")))
        for n, chat in enumerate(("dv-01", "dv-02", "dv-01", "dv-01"))
    ]

    async with listening(channel, Desk().receive), LocalClient(await channel.address()) as client:
        seen = await client.messages("dv-01", after=ids[0])

    assert ids == sorted(set(ids))
    assert [message.id for message in seen] == ids[2:]


async def test_everyone_who_waits_at_a_group_sees_a_message_at_once(tmp_path):
    channel = opened(tmp_path)

    async with listening(channel, Desk().receive):
        readers = [asyncio.create_task(seen_by(channel, "nhom-1", wait=30)) for _ in range(3)]
        await asyncio.sleep(A_MOMENT)
        await channel.send(outbound(channel, "nhom-1", "Tổng hợp"))
        seen = await asyncio.wait_for(asyncio.gather(*readers), SOON)

    assert [[message.text for message in messages] for messages in seen] == [["Tổng hợp"]] * 3


async def test_who_waits_is_answered_when_the_bot_stops(tmp_path):
    channel = opened(tmp_path)

    async with listening(channel, Desk().receive):
        waiting = asyncio.create_task(seen_by(channel, "dv-01", wait=30))
        await asyncio.sleep(A_MOMENT)
        await channel.send(outbound(channel, "dv-02"))
        waited = not waiting.done()

    assert waited
    assert await asyncio.wait_for(waiting, SOON) == []


async def test_who_waits_in_vain_gets_an_empty_answer(tmp_path):
    channel = opened(tmp_path)

    async with listening(channel, Desk().receive):
        assert await seen_by(channel, "dv-01", wait=0.05) == []


async def test_a_restart_keeps_what_was_sent_and_still_drops_repeats(tmp_path):
    before = opened(tmp_path)
    texts = ["một\nhai", "ba"]
    ids = [await before.send(outbound(before, "dv-01", text)) for text in texts]

    after = opened(tmp_path)
    again = [await after.send(outbound(after, "dv-01", text)) for text in texts]
    new = await after.send(outbound(after, "dv-01", "bốn"))

    assert again == ids
    assert int(new) > max(map(int, ids))
    assert await texts_seen(after) == ["một\nhai", "ba", "bốn"]


async def test_many_sent_at_once_are_each_kept_once(tmp_path):
    channel = opened(tmp_path)
    texts = [f"Tin {n}" for n in range(40)]

    ids = await asyncio.gather(
        *(channel.send(outbound(channel, "dv-01", text)) for text in texts * 2)
    )

    assert ids[:40] == ids[40:]
    assert await texts_seen(opened(tmp_path)) == texts


@pytest.mark.parametrize("torn", [b'{"id": 2, "key"', b"{", b'{"id": 2, "key": "\xe1\xbb'])
async def test_a_line_torn_by_a_crash_is_cut_off(torn, tmp_path):
    before = opened(tmp_path)
    await before.send(outbound(before, "dv-01", "một"))
    with (tmp_path / "mailbox.jsonl").open("ab") as file:
        file.write(torn)

    after = opened(tmp_path)
    await after.send(outbound(after, "dv-01", "hai"))

    assert await texts_seen(opened(tmp_path)) == ["một", "hai"]


@pytest.mark.parametrize("broken", [b"{", b"[]", b'{"id": 2}', b"\xff"])
async def test_a_broken_line_stops_the_start_and_is_named(broken, tmp_path):
    before = opened(tmp_path)
    await before.send(outbound(before, "dv-01", "một"))
    with (tmp_path / "mailbox.jsonl").open("ab") as file:
        file.write(broken + b"\n")

    with pytest.raises(MailboxFault, match=r"^Dòng 2 của tệp .*mailbox\.jsonl bị hỏng\.$"):
        opened(tmp_path)


async def test_a_mailbox_that_cannot_be_written_is_busy_and_then_works(tmp_path):
    channel = opened(tmp_path)
    mailbox = tmp_path / "mailbox.jsonl"
    mailbox.rename(tmp_path / "away")
    message = outbound(channel, "dv-01", "một")

    with pytest.raises(ChannelBusy) as busy:
        await channel.send(message)
    (tmp_path / "away").rename(mailbox)
    await channel.send(message)

    assert busy.value.wait > 0
    assert await texts_seen(channel) == ["một"]


async def test_only_the_owner_may_read_the_mailbox(tmp_path):
    opened(tmp_path)

    assert (tmp_path / "mailbox.jsonl").stat().st_mode & 0o077 == 0


async def test_it_tells_that_it_lives_and_serves_the_pages_of_the_roof(tmp_path):
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="Bảng tin")

    channel = opened(tmp_path, [web.get("/page", page)])

    async with listening(channel, Desk().receive), ClientSession() as session:
        address = await channel.address()
        async with (
            session.get(f"{address}/health") as health,
            session.get(f"{address}/page") as own,
        ):
            assert await health.json() == {"ok": True}
            assert await own.text() == "Bảng tin"


async def test_a_port_that_is_taken_stops_the_start(tmp_path):
    channel = opened(tmp_path)

    async with listening(channel, Desk().receive):
        port = int((await channel.address()).rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            await LocalChannel(LOOPBACK, port, tmp_path / "other").listen(Desk().receive)


async def test_another_program_at_the_address_is_not_taken_for_the_bot(tmp_path):
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    channel = opened(tmp_path, [web.get("/other/messages", page)])

    async with (
        listening(channel, Desk().receive),
        LocalClient(f"{await channel.address()}/other") as client,
    ):
        with pytest.raises(Refused, match="không phải là Giao Ban"):
            await client.messages("dv-01")
