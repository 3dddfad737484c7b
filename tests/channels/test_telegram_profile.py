"""What Telegram shows of the bot, against the stand-in of the Bot API."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from botapi import Fault
from contract import SOON, until
from telegrams import Office, office
from world import vinh_phuc

from bot.app import run
from bot.channels.telegram_profile import Profile
from bot.config import Config
from bot.profile import profile_settings
from handlers import introduce
from storage.database import Database
from storage.office import keep_settings

LANGUAGES = ("", "vi")
PROFILE = Profile(
    commands=introduce.newcomer_menu(),
    private_commands=introduce.private_menu(),
    group_commands=introduce.group_menu(),
    description=introduce.description(vinh_phuc()),
    short_description=introduce.short_description(vinh_phuc()),
)


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as opened:
        yield opened


def changes(here: Office) -> list[str]:
    """Names of the calls by which something was set."""
    return [call.method for call in here.api.calls if call.method.startswith("set")]


async def test_a_person_finds_the_commands_of_the_place(here: Office):
    group = here.group()
    await here.lan.adds(here.bot, group)

    await here.gateway.present(PROFILE)

    private = [f"/{word}" for word, _ in here.lan.menu(here.bot)]
    reporting = ["/baocao", "/xem", "/sua", "/khongphatsinh", "/nghi", "/phieu"]
    assert private == ["/trogiup", *reporting, "/themkenh"]
    public = [f"/{word}" for word, _ in here.lan.menu(group)]
    assert public == ["/trogiup", "/tonghop", "/chuabaocao", "/tinhhinh", "/ketnoi"]


async def test_who_is_nobody_yet_is_told_how_to_join(here: Office):
    await here.gateway.present(PROFILE)

    for language in LANGUAGES:
        shown = here.bot.profile["commands", "default", language]
        assert [command["command"] for command in shown] == ["start", "trogiup"]


async def test_the_bot_says_what_it_is_for(here: Office):
    await here.gateway.present(PROFILE)

    for language in LANGUAGES:
        long = here.bot.profile.get(("description", "", language), PROFILE.description)
        assert "báo cáo ngày của tỉnh Vĩnh Phúc" in long
        assert "Văn phòng UBND tỉnh" in long
    assert "tỉnh Vĩnh Phúc" in here.bot.profile["short_description", "", ""]


async def test_what_is_shown_already_is_not_set_again(here: Office):
    await here.gateway.present(PROFILE)
    before = changes(here)
    await here.gateway.present(PROFILE)

    assert before
    assert changes(here) == before


async def test_only_what_differs_is_set(here: Office):
    await here.gateway.present(PROFILE)
    before = len(changes(here))
    fewer = replace(PROFILE, group_commands=PROFILE.group_commands[:1])
    await here.gateway.present(fewer)

    assert changes(here)[before:] == ["setMyCommands", "setMyCommands"]
    here.bot.profile["short_description", "", "vi"] = "Bot cũ"
    here.bot.profile["menu_button", "", ""] = {"type": "default"}
    await here.gateway.present(fewer)
    assert changes(here)[before + 2 :] == ["setMyShortDescription", "setChatMenuButton"]
    assert here.bot.profile["menu_button", "", ""] == {"type": "commands"}


async def test_names_that_are_too_long_are_cut_to_what_telegram_takes(here: Office):
    await here.gateway.present(replace(PROFILE, description="rất dài " * 99))
    await here.gateway.present(replace(PROFILE, short_description="rất dài " * 99))

    assert len(here.bot.profile["description", "", ""]) <= 512
    assert here.bot.profile["short_description", "", ""].endswith("…")
    assert here.api.counts(400) == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault.flood(3600),
        Fault.server_error(500),
        Fault.malformed(),
        Fault.reset_before(),
        Fault.custom(400, "Bad Request: BOT_COMMAND_INVALID"),
    ],
    ids=lambda fault: fault.name,
)
async def test_a_failure_is_one_line_in_the_log_and_no_more(
    here: Office, fault: Fault, caplog: pytest.LogCaptureFixture
):
    here.api.fails(with_=fault)

    await here.gateway.present(PROFILE)

    errors = [r for r in caplog.records if r.levelno >= logging.ERROR and r.name[:4] == "bot."]
    assert len(errors) == 1
    assert here.bot.token not in errors[0].getMessage()


async def test_a_bot_that_runs_is_shown_as_its_office_wants_it(
    here: Office, database: Database, database_path: Path
):
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    config = Config(
        storage={"url": f"sqlite+aiosqlite:///{database_path}"},
        local={"enabled": False},
        telegram={"enabled": True, "token": here.bot.token, "api_url": here.api.base},
    )
    here.api.fails("setMyDescription", with_=Fault.server_error(500))

    # The first start fails there; what it could not say, the second does to the end.
    for last in ("setMyDescription", "getChatMenuButton"):
        running = asyncio.create_task(run(config))
        await until(partial(here.calls, last))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, SOON)

    assert here.bot.profile["description", "", ""] == PROFILE.description
    assert here.lan.menu(here.bot) == list(PROFILE.private_commands)
