"""Links to kept files: who has one opens it, as often as asked, until it expires."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from ports import free_port
from yarl import URL

from bot.channels.website import WebSite
from bot.core.messaging import LONGEST_PART, File
from bot.core.text import utf16_length
from bot.web.files import Files
from storage.database import Database
from storage.files import keep_file

START = datetime.fromisoformat("2020-04-15T16:30:00+07:00")
WEEK = timedelta(days=7)
SECRET = "mot-chuoi-bi-mat-dai"  # noqa: S105
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 5000  # more than one packet


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Desk:
    """Files behind their address, a clock, and somebody who opens links."""

    database: Database
    client: ClientSession
    site: WebSite
    now: datetime = START
    base: str = field(init=False)
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.base = f"http://{self.site.host}:{self.site.port}"
        self.files = self.made(self.base)

    def made(self, public_url: str, *, secret: str = SECRET) -> Files:
        return Files(
            self.database,
            public_url=public_url,
            secret=secret,
            life=WEEK,
            now=lambda: self.now,
            contact="Văn phòng UBND tỉnh",
        )

    async def keep(self, body: bytes, name: str, *, picture: bool = False) -> File:
        async with self.database.write() as connection:
            return await keep_file(connection, body, name, picture=picture, now=self.now)

    async def opens(self, url: str, method: str = "GET") -> Answer:
        # Encoded: the address is asked for as it stands, tampered or not.
        async with self.client.request(method, URL(url, encoded=True)) as response:
            return Answer(response.status, response.headers, await response.read())


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    site = WebSite("127.0.0.1", free_port())
    async with ClientSession() as client:
        desk = Desk(database, client, site)
        async with site.serving(desk.files.path, desk.files.serve):
            yield desk


async def test_a_kept_picture_arrives_byte_for_byte_as_often_as_it_is_asked_for(desk: Desk):
    url = desk.files.url_of(await desk.keep(PNG, "tong-hop.png", picture=True))

    answers = [await desk.opens(url) for _ in range(3)]

    assert [a.status for a in answers] == [200] * 3
    assert all(a.body == PNG for a in answers)
    assert answers[0].headers["Content-Type"] == "image/png"
    assert answers[0].headers["Content-Length"] == str(len(PNG))
    assert answers[0].headers["Content-Disposition"].startswith("inline;")


async def test_asking_about_a_file_tells_the_same_without_its_bytes(desk: Desk):
    url = desk.files.url_of(await desk.keep(PNG, "tong-hop.png", picture=True))

    about = [await desk.opens(url, "HEAD") for _ in range(2)]
    whole = await desk.opens(url)

    assert [(a.status, a.body) for a in about] == [(200, b"")] * 2
    for answer in about:
        assert {k: v for k, v in answer.headers.items() if k != "Date"} == {
            k: v for k, v in whole.headers.items() if k != "Date"
        }


async def test_a_paper_is_offered_under_its_vietnamese_name(desk: Desk):
    name = 'Báo cáo "Đợt 1"; tuần 16.docx'
    paper = await desk.keep(b"PK", name)

    answer = await desk.opens(desk.files.url_of(paper))

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Bao cao _Dot 1_; tuan 16.docx"; '
        f"filename*=UTF-8''{quote(name, safe='')}"
    )
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")


@pytest.mark.parametrize("name", ["a/b.pdf", "100%.pdf", "50%2F.pdf", "a?b#c.pdf", "x\r\ny: z.pdf"])
async def test_a_name_of_any_letters_can_be_opened(desk: Desk, name: str):
    url = desk.files.url_of(await desk.keep(b"%PDF", name))

    answer = await desk.opens(url)

    assert (answer.status, answer.body) == (200, b"%PDF")
    assert "y" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("A.PNG", "image/png"),
        ("a.svg", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
async def test_the_name_says_what_a_file_is_and_nothing_is_run(desk: Desk, name: str, kind: str):
    answer = await desk.opens(desk.files.url_of(await desk.keep(b"<script>", name)))

    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_a_picture_that_is_none_by_its_name_is_not_shown_in_place(desk: Desk):
    answer = await desk.opens(desk.files.url_of(await desk.keep(b"<svg>", "a.svg", picture=True)))

    assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_nothing_on_the_way_keeps_or_tells_of_what_a_link_opens(desk: Desk):
    url = desk.files.url_of(await desk.keep(b"PK", "a.docx"))

    opened, refused = await desk.opens(url), await desk.opens(f"{url}x")

    for answer in (opened, refused):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.headers["Cache-Control"] == "private"
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("seconds", "status"), [(-1, 200), (0, 410), (1, 410)], ids=["before", "at", "after"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_link_opens_until_it_expires(desk: Desk, seconds: int, status: int, method: str):
    file = await desk.keep(b"PK", "a.docx")
    url = desk.files.link(file, until=START + timedelta(hours=1))

    desk.now = START + timedelta(hours=1, seconds=seconds)

    assert (await desk.opens(url, method)).status == status


async def test_an_expired_link_says_whom_to_ask(desk: Desk):
    url = desk.files.url_of(await desk.keep(b"PK", "a.docx"))
    desk.now += WEEK

    answer = await desk.opens(url)

    assert answer.body.decode() == (
        "Liên kết này đã hết hạn. Đề nghị hỏi Văn phòng UBND tỉnh để nhận lại tệp.\n"
    )
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_every_part_of_a_link_is_signed(desk: Desk):
    one, other = await desk.keep(b"one", "a.docx"), await desk.keep(b"other", "a.docx")
    url = desk.files.link(one, until=START + WEEK)
    *_, digest, expires, signature, name = url.split("/")

    changed = [
        (other.sha256, expires, signature, name),
        (digest, str(int(expires) + 1), signature, name),
        (digest, f"0{expires}", signature, name + "x"),
        (digest, expires, signature[::-1], name),
        (digest, expires, signature, "b.docx"),
        (digest.upper(), expires, signature, name),
        (digest, expires, "", name),
        (digest, expires, signature + "=", name),
        (digest, expires, signature),
        (digest, expires, signature, ""),
        (digest, expires, signature, name, "more"),
        ("..", digest, expires, signature, name),
        (),
    ]

    for parts in changed:
        answer = await desk.opens("/".join((f"{desk.base}/tep", *parts)))
        assert answer.status == 404, parts
    assert (await desk.opens(url)).status == 200


async def test_whether_it_is_a_picture_is_signed_and_not_asked_for(desk: Desk):
    picture = await desk.keep(PNG, "a.png", picture=True)
    paper = File(picture.sha256, picture.name)

    shown, offered = [await desk.opens(desk.files.url_of(f)) for f in (picture, paper)]

    assert desk.files.url_of(picture) != desk.files.url_of(paper)
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert offered.headers["Content-Disposition"].startswith("attachment;")


async def test_a_link_of_another_secret_opens_nothing(desk: Desk):
    other = desk.made(desk.base, secret="mot-chuoi-bi-mat-khac")  # noqa: S106
    url = other.url_of(await desk.keep(b"PK", "a.docx"))

    assert (await desk.opens(url)).status == 404


async def test_a_link_to_a_file_that_is_not_kept_is_not_found(desk: Desk):
    nowhere = File(hashlib.sha256(b"never kept").hexdigest(), "a.docx")

    answer = await desk.opens(desk.files.url_of(nowhere))

    assert answer.status == 404
    assert "Văn phòng UBND tỉnh" in answer.body.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_link_is_only_read(desk: Desk, method: str):
    url = desk.files.url_of(await desk.keep(b"PK", "a.docx"))

    answer = await desk.opens(url, method)

    assert answer.status == 405
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}


async def test_a_public_address_may_have_a_path(desk: Desk):
    files = desk.made(f"{desk.base}/giaoban")
    url = files.url_of(await desk.keep(b"PK", "a.docx"))

    async with desk.site.serving(files.path, files.serve):
        answer = await desk.opens(url)

    assert url.startswith(f"{desk.base}/giaoban/tep/")
    assert (answer.status, answer.body) == (200, b"PK")


async def test_the_line_of_a_message_says_until_when_its_link_opens(desk: Desk):
    paper = await desk.keep(b"PK", "Báo cáo tuần.docx")

    line = desk.files.line_for(paper)

    url = desk.files.link(paper, until=START + WEEK)
    assert line == f"Tệp Báo cáo tuần.docx: {url} (mở được đến 16h30 22/4)"
    assert (await desk.opens(url)).body == b"PK"


async def test_a_link_is_short_enough_to_stand_under_the_longest_part_of_a_text(desk: Desk):
    paper = await desk.keep(b"PK", "bao-cao-tuan-2020-W16-da-ky.docx")

    url = desk.made("https://giaoban.vinhphuc.gov.vn").url_of(paper)

    assert LONGEST_PART + utf16_length(f"\n\n{url}") <= 2000  # which Zalo takes
