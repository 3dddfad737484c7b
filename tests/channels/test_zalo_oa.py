"""The Official Account over real HTTP against the stand-in: the contract, and what it sends."""

import asyncio
import re
import socket

import pytest
from accounts import PDF, PICTURE, account, post, receipt
from accounts import Somebody as Lan
from contract import PROMISES, Desk, listening
from hypothesis import given
from hypothesis import strategies as st
from zalooa import Fault, Sent
from zalooa.server import ACCOUNT, GROUP, PERSON, REFRESH

from bot.channels.zalo_oa_http import Http
from bot.channels.zalo_oa_mentions import without_mentions
from bot.core.messaging import (
    ChannelBusy,
    FateUnknown,
    File,
    NotSetUp,
    PersonGone,
    SendError,
)

UPLOAD, UPLOAD_IMAGE = "/v2.0/oa/upload/file", "/v2.0/oa/upload/image"


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_the_official_account_keeps_the_promise_that(promise, database):
    async with account(database) as here:
        await promise(here.channel, Lan(here))


async def test_a_post_goes_to_the_group_and_a_receipt_to_the_person(database):
    async with account(database) as here:
        ids = [await here.channel.send(post("nhóm")), await here.channel.send(receipt("người"))]

    assert here.zalo.sent == [Sent("g1", True, "nhóm"), Sent("lan", False, "người")]
    assert len(set(ids)) == 2


async def test_text_is_composed_before_it_is_measured_and_sent(database):
    decomposed = "e\u0323\u0302" * 2000

    async with account(database) as here:
        await here.channel.send(post(decomposed))

    [sent] = here.zalo.sent
    assert sent.text == "ệ" * 2000


# Mentions


@pytest.mark.parametrize(
    ("typed", "posted"),
    [
        ("Xã A: [@123456789] trực", "Xã A:  trực"),
        ("[@all]", ""),
        ("[@g1][@g2]x", "x"),
        ("[[@a]@b] hết", " hết"),
        ("[[[@a]@b]@c]", ""),
        ("[@a[@b]c]", ""),
        ("[@Lan: xem lại]", "@Lan: xem lại]"),
        ("[@chưa đóng", "@chưa đóng"),
        ("[[[@x", "@x"),
        ("[[@a]@chưa", "@chưa"),
        ("[\u200b@123]", ""),
        ("[@\u200b123\u2060]", ""),
        ("[ @123 ]", ""),
        ("[\n@123]", ""),
        ("［@123］", ""),
        ("[＠123]", ""),
        ("[\u200b[\u200d@1]@2]", ""),
        ("a@b.vn [1] (@c) [x @d]", "a@b.vn [1] (@c) [x @d]"),
    ],
)
def test_nobody_is_mentioned_by_what_a_person_typed(typed: str, posted: str):
    assert without_mentions(typed) == posted


@given(st.text(alphabet="[]@a ［＠\u200b\u2060\n", max_size=40))
def test_no_text_mentions_anybody_however_it_is_nested(typed: str):
    left = without_mentions(typed)

    assert not re.search(r"[\[［][\s\u200b\u2060]*[@＠]", left)
    assert without_mentions(left) == left


async def test_the_group_never_sees_a_mention(database):
    async with account(database) as here:
        await here.channel.send(post("Ghi chú: [@all] máy hỏng"))
        with pytest.raises(SendError, match="không có nội dung"):
            await here.channel.send(post("[@all]"))

    assert [sent.text for sent in here.zalo.sent] == ["Ghi chú:  máy hỏng"]


# Files


@pytest.mark.parametrize("file_id", ["token", "attachment_id"])
async def test_a_document_follows_its_words_under_its_own_name(database, file_id):
    async with account(database, file_id=file_id) as here:
        await here.channel.send(post("Báo cáo tuần", file=PDF), b"%PDF")

    assert here.zalo.sent == [
        Sent("g1", True, "Báo cáo tuần"),
        Sent("g1", True, "", ("Báo cáo tuần 16.pdf", b"%PDF")),
    ]


async def test_a_picture_and_its_words_are_one_message(database):
    async with account(database) as here:
        await here.channel.send(post("Biểu đồ", file=PICTURE), b"PNG")
        await here.channel.send(receipt("", file=PICTURE), b"PNG")

    assert here.zalo.sent == [
        Sent("g1", True, "Biểu đồ", ("bieu-do.png", b"PNG")),
        Sent("lan", False, "", ("bieu-do.png", b"PNG")),
    ]


async def test_a_file_is_uploaded_once_for_many_groups(database):
    async with account(database) as here:
        for _ in range(3):
            await here.channel.send(post("", file=PDF), b"%PDF")

    assert here.zalo.counts(UPLOAD) == 1
    assert len(here.zalo.sent) == 3


async def test_a_picture_that_goes_to_many_groups_at_once_is_uploaded_once(database):
    async with account(database) as here:
        here.zalo.slow = 0.05
        messages = [post(str(n), file=PICTURE) for n in range(8)]
        await asyncio.gather(*(here.channel.send(message, b"PNG") for message in messages))

    assert here.zalo.counts(UPLOAD_IMAGE) == 1
    assert len(here.zalo.sent) == 8


async def test_a_file_goes_up_under_its_name_and_kind(database):
    async with account(database) as here:
        await here.channel.send(post("", file=PDF), b"%PDF")

    [uploaded] = [call.given["file"] for call in here.zalo.calls if call.path == UPLOAD]
    assert uploaded.content_type == "application/pdf"
    assert uploaded.filename == "Báo cáo tuần 16.pdf"


@pytest.mark.parametrize("file", [PDF, PICTURE], ids=["document", "picture"])
async def test_an_upload_that_expired_is_made_again_and_sent_once(database, file):
    async with account(database) as here:
        await here.channel.send(post("", file=file), b"x")
        here.zalo.expire_uploads()
        await here.channel.send(post("", file=file), b"x")

    assert [sent.file for sent in here.zalo.sent] == [(file.name, b"x")] * 2
    assert here.zalo.counts(UPLOAD) + here.zalo.counts(UPLOAD_IMAGE) == 2


async def test_words_are_not_said_again_when_only_the_upload_had_expired(database):
    async with account(database) as here:
        await here.channel.send(post("", file=PDF), b"x")
        here.zalo.expire_uploads()
        await here.channel.send(post("Báo cáo", file=PDF), b"x")

    assert [sent.text for sent in here.zalo.sent] == ["", "Báo cáo", ""]


async def test_an_upload_that_expires_at_once_is_not_tried_for_ever(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault.error(-100), Fault.error(-100))

        with pytest.raises(SendError, match="hết hạn") as refused:
            await here.channel.send(post("", file=PDF), b"x")

    assert type(refused.value) is SendError
    assert here.zalo.counts(GROUP) == 2


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        (File("c", "so-lieu.xlsx"), b"x", "chỉ nhận tệp PDF, DOC, DOCX"),
        (File("c", "khong-duoi"), b"x", "chỉ nhận tệp PDF, DOC, DOCX"),
        (File("c", "anh.webp", picture=True), b"x", "chỉ nhận ảnh JPG, JPEG, PNG"),
        (File("c", "to.PDF"), b"x" * (5 * 1024 * 1024 + 1), "lớn hơn 5 MB"),
        (File("c", "to.png", picture=True), b"x" * (1024 * 1024 + 1), "lớn hơn 1 MB"),
        (File("c", "rong.pdf"), b"", "rỗng"),
        (File("c", "rong.pdf"), None, "rỗng"),
    ],
)
async def test_a_file_that_zalo_does_not_take_is_refused_for_good(database, file, content, says):
    async with account(database) as here:
        with pytest.raises(SendError, match=says) as refused:
            await here.channel.send(post("Báo cáo", file=file), content)

    assert type(refused.value) is SendError
    assert here.zalo.calls == []


@pytest.mark.parametrize("fault", [Fault.error(-201), Fault.bad_gateway(), Fault.lost_answer()])
async def test_words_without_their_document_are_for_a_person_to_look_at(database, fault):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault(body='{"error":0,"data":{"message_id":"m"}}'), fault)

        with pytest.raises(FateUnknown, match="đã gửi lời"):
            await here.channel.send(post("Báo cáo", file=PDF), b"x")


@pytest.mark.parametrize("fault", [Fault.lost_answer(), Fault.bad_gateway(), Fault(body="{}")])
async def test_an_upload_of_which_nobody_knows_is_tried_again_since_nothing_was_said(
    database, fault
):
    async with account(database) as here:
        here.zalo.fails(UPLOAD, fault)
        with pytest.raises(ChannelBusy):
            await here.channel.send(post("Báo cáo", file=PDF), b"x")
        await here.channel.send(post("Báo cáo", file=PDF), b"x")

    assert [sent.text for sent in here.zalo.sent] == ["Báo cáo", ""]


# How a send ends

ENDS = [
    (-32, True, ChannelBusy, "chậm lại"),
    (-32, False, ChannelBusy, "chậm lại"),
    (-211, False, NotSetUp, "bot tự gửi tiếp"),
    (-218, False, NotSetUp, "bot tự gửi tiếp"),
    (-211, True, NotSetUp, "mua thêm hạn mức"),
    (-218, True, NotSetUp, "mua thêm hạn mức"),
    (-213, False, PersonGone, "Quan tâm"),
    (-230, False, PersonGone, "7 ngày"),
    (-232, False, PersonGone, "7 ngày"),
    (-230, True, SendError, "-230"),
    (-201, True, SendError, "-201"),
    (-210, False, SendError, "rút gọn"),
    (-248, True, SendError, "sửa câu chữ"),
    (-221, True, NotSetUp, "xác thực OA"),
    (-224, False, NotSetUp, "nâng cấp"),
    (-235, False, NotSetUp, "cơ quan nhà nước"),
    (-235, True, NotSetUp, "kênh khác cho nhóm"),
    (-237, True, NotSetUp, "gia hạn nhóm"),
    (-403, True, NotSetUp, "thêm OA vào nhóm"),
    (-9999, True, SendError, "-9999"),
]


@pytest.mark.parametrize(("code", "in_group", "end", "says"), ENDS)
async def test_an_error_that_comes_with_http_200_is_not_taken_for_success(
    database, code, in_group, end, says
):
    message = post() if in_group else receipt()

    async with account(database) as here:
        here.zalo.fails(GROUP if in_group else PERSON, Fault.error(code))
        with pytest.raises(SendError, match=says) as failed:
            await here.channel.send(message)

    assert type(failed.value) is end
    assert here.zalo.sent == []
    assert "bí mật" not in str(failed.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.lost_answer(),
        Fault.bad_gateway(),
        Fault(status=520, body=""),
        Fault(body="không phải JSON"),
        Fault(body="[1]"),
        Fault(body='{"error":"lạ"}'),
        Fault(body='{"error":0}'),
        Fault(body='{"error":0,"data":{"message_id":""}}'),
        Fault(status=500, body='{"message":"oops"}'),
        Fault(status=302, headers={"Location": "/elsewhere"}),
    ],
)
async def test_an_answer_that_is_lost_or_unreadable_leaves_the_fate_unknown(database, fault):
    async with account(database) as here:
        here.zalo.fails(GROUP, fault)
        with pytest.raises(FateUnknown):
            await here.channel.send(post())

    assert here.zalo.counts(GROUP) == 1


async def test_after_a_lost_answer_nothing_is_risked_until_zalo_answers_again(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault.bad_gateway())
        here.zalo.fails(ACCOUNT, Fault.bad_gateway())
        with pytest.raises(FateUnknown):
            await here.channel.send(post("một"))
        with pytest.raises(ChannelBusy):
            await here.channel.send(post("hai"))
        posts = here.zalo.counts(GROUP)
        await here.channel.send(post("hai"))
        await here.channel.send(post("ba"))

    assert posts == 1
    assert [sent.text for sent in here.zalo.sent] == ["hai", "ba"]
    assert here.zalo.counts(ACCOUNT) == 2


async def test_a_refusal_is_an_answer_too_after_one_was_lost(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault.bad_gateway())
        here.zalo.fails(ACCOUNT, Fault.error(-9999))
        with pytest.raises(FateUnknown):
            await here.channel.send(post("một"))
        await here.channel.send(post("hai"))

    assert [sent.text for sent in here.zalo.sent] == ["hai"]


async def test_a_call_without_an_answer_ends_at_its_deadline(database):
    async with account(database) as here, here.another(patience=0.2) as hurried:
        await here.channel.send(receipt())
        here.zalo.fails(GROUP, Fault(silent=True))

        with pytest.raises(FateUnknown):
            await hurried.send(post())


async def test_a_body_goes_before_the_http_status(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault(status=500, body='{"error":0,"data":{"message_id":"m7"}}'))
        here.zalo.fails(PERSON, Fault(status=503, body='{"error":-201}'))

        assert await here.channel.send(post()) == "m7"
        with pytest.raises(SendError, match="-201"):
            await here.channel.send(receipt())


async def test_zalo_that_cannot_be_reached_is_tried_again(database):
    async with account(database) as here:
        await here.channel.send(post())
        await here.zalo.__aexit__()

        with pytest.raises(ChannelBusy) as busy:
            await here.channel.send(post())

    assert 0 < busy.value.wait < 60


async def test_a_connection_that_never_stands_is_tried_again(database):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        with socket.socket() as one, socket.socket() as two:
            # They fill its queue: whoever comes next gets no answer at all.
            for filler in (one, two):
                filler.setblocking(False)
                filler.connect_ex(deaf.getsockname())
            url = f"http://127.0.0.1:{deaf.getsockname()[1]}/x"
            http = Http()

            with pytest.raises(ChannelBusy):
                await http.call("POST", url, headers={}, patience=0.4)
            await http.close()


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 20.0),
        ({"Retry_After": "45"}, 45.0),
        ({"X_RateLimit_Reset": "50"}, 50.0),
        ({"X_RateLimit_Reset": "1791190890"}, 90.0),
        ({"X_RateLimit_Reset": "1791190890000"}, 90.0),
        ({"X_RateLimit_Reset": "999999"}, 3600.0),
        ({"X_RateLimit_Reset": "soon"}, 20.0),
    ],
)
async def test_too_much_speed_waits_as_long_as_zalo_asks(database, headers, wait):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault.error(-32, **headers))
        with pytest.raises(ChannelBusy) as busy:
            await here.channel.send(post())

    assert busy.value.wait == wait


async def test_http_429_without_a_body_of_zalo_s_is_too_much_speed_as_well(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault(status=429, body="slow down", headers={"Retry-After": "33"}))
        with pytest.raises(ChannelBusy) as busy:
            await here.channel.send(post())

    assert busy.value.wait == 33.0


async def test_too_much_speed_again_and_again_waits_longer_up_to_a_minute(database):
    waits = []

    async with account(database) as here:
        here.zalo.fails(GROUP, *[Fault.error(-32)] * 4)
        for _ in range(4):
            with pytest.raises(ChannelBusy) as busy:
                await here.channel.send(post())
            waits.append(busy.value.wait)

    assert waits == [20.0, 40.0, 60.0, 60.0]


async def test_tokens_and_secrets_stand_in_no_error_and_no_line_of_the_log(database, caplog):
    # The database's driver tells all that is stored at this level; bot/log.py keeps it silent.
    for name in ("bot", "aiohttp", "asyncio"):
        caplog.set_level("DEBUG", logger=name)
    told = []

    async with account(database) as here:
        faults = (Fault.error(-201), Fault.bad_gateway(), Fault.lost_answer(), Fault.error(-216))
        here.zalo.fails(GROUP, *faults, Fault.error(-216))
        for _ in range(4):
            with pytest.raises(SendError) as failed:
                await here.channel.send(post("Điện thoại 0912345678"))
            told += [str(failed.value), repr(failed.value.__cause__)]
        here.zalo.kill_refresh()
        here.zalo.expire_access()
        with pytest.raises(NotSetUp) as failed:
            await here.channel.send(post())
        told += [str(failed.value), repr(failed.value.__cause__), repr(await here.grants.load())]

    everything = "\n".join([caplog.text, *told])
    hidden = ("access-", "refresh-", here.zalo.app_secret, here.zalo.oa_secret, "0912345678")
    assert not [secret for secret in hidden if secret in everything]
    assert here.zalo.counts(REFRESH) > 1


async def test_it_has_caught_up_once_the_webhook_is_served(database):
    async with account(database) as here, listening(here.channel, Desk().receive):
        await here.channel.caught_up.wait()
        event = here.zalo.event("oa_send_text", sender="oa")

        assert await here.zalo.posts_once(event) == 200
