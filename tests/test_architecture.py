"""Who may import whom (STYLE §1), what the core may not touch, and how files are written."""

import ast
import re
import sys
import unicodedata
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "storage")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}

CORE, STORAGE, HANDLERS = "core", "storage", "handlers"
CARRIER, ROOF = "carrier", "roof"
# The longest prefix decides. An edge knows one outside system, so each is a floor of its own.
FLOORS = {
    "bot.core": CORE,
    "storage": STORAGE,
    "handlers": HANDLERS,
    "bot.channels": "channels",
    "bot.clock": "clock",
    "bot.config": "config",
    "bot.documents": "documents",
    "bot.profile": "profile",
    "bot.relay": CARRIER,
    "bot.web": CARRIER,
    "bot.app": ROOF,
    "bot.chat": ROOF,
    "bot.cli": ROOF,
    "bot.demo": ROOF,
    "bot.doctor": ROOF,
    "bot.doctor_groups": ROOF,
    "bot.doctor_zalo": ROOF,
    "bot.doctor_zalo_oa": ROOF,
    "bot.finding": ROOF,
    "bot.log": ROOF,
    "bot.papers": ROOF,
    "bot.plan": ROOF,
    "bot.setup": ROOF,
    "bot.stepping": ROOF,
    "bot.understand": ROOF,
}
BELOW = {
    CORE: set[str](),
    STORAGE: {CORE},
    HANDLERS: {CORE, STORAGE},
    CARRIER: {CORE, STORAGE},
    ROOF: set(FLOORS.values()),
}
# Third-party packages by floor; a floor that is not named here may use any.
THIRD_PARTY = {
    CORE: set[str](),
    STORAGE: {"alembic", "sqlalchemy", "sqlmodel"},
    HANDLERS: {"sqlalchemy", "sqlmodel"},
}
# Of the standard library: clocks, files, network, databases, processes, chance.
IMPURE = {
    *("asyncio", "concurrent", "multiprocessing", "sched", "signal", "subprocess", "threading"),
    *("ctypes", "getpass", "importlib", "locale", "logging", "os", "platform", "sys", "time"),
    *("fileinput", "glob", "mmap", "pathlib", "pickle", "shelve", "shutil", "tempfile"),
    *("dbm", "ftplib", "http", "select", "selectors", "smtplib", "socket", "socketserver"),
    *("random", "secrets", "sqlite3", "ssl", "urllib", "webbrowser"),
}
IMPURE_CALL = re.compile(
    r"(.*\.)?(datetime\.(now|today|utcnow)|date\.today|open|uuid[14])"
    r"|input|print|exec|eval|__import__"
)
# aiogram listens; everything that leaves for Telegram goes through the relay and one module
# (DESIGN §4.5). What a module that knows aiogram may not call, beyond what nobody may, are the
# shortcuts of aiogram's own objects: message.answer(…), callback.message.edit_text(…).
GATEWAY = "bot.channels.telegram_gateway"
# It uses the gateway's connection to say what Telegram shows of the bot, and may not send either.
PROFILE = "bot.channels.telegram_profile"
LIBRARY = re.compile(r"telegram\.")
SENDING = re.compile(
    r"aiogram\.methods\.(?!Get|DeleteWebhook|SetWebhook)|aiogram\.utils\.chat_action"
)
SENDING_CALL = re.compile(
    r"send_(message|photo|document|media_group|voice|video|animation|sticker|location|chat_action)"
    r"|edit_message_\w+|answer_callback_query|(copy|forward|delete|pin_chat)_messages?"
)
SHORTCUT = re.compile(
    r"(answer|reply)(_\w+)?|edit_(text|caption|media|reply_markup)|send_copy|copy_to|forward|pin"
)
BAD_NAMES = {"utils", "helpers", "manager"}


def floor_of(name: str) -> str | None:
    """The floor of a module, or of a thing in it; None for what belongs to no floor."""
    parts = name.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((FLOORS[p] for p in prefixes if p in FLOORS), None)


def imports(tree: ast.Module, package: str) -> Iterator[str]:
    """All that a module imports, `from a import b` as "a.b"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def broken_rules(module: str, source: str) -> list[str]:
    """What a module of this name and source does against the rules."""
    tree, floor = ast.parse(source), floor_of(module)
    package = module.rpartition(".")[0]
    broken = [f"name {part}" for part in module.split(".") if part in BAD_NAMES]
    if floor is None and tree.body:
        broken.append("no floor")
    broken += [f"imports {name}" for name in imports(tree, package) if not _may_import(floor, name)]
    if module not in (GATEWAY, PROFILE):
        broken += [
            f"imports {name}" for name in imports(tree, package) if LIBRARY.match(f"{name}.")
        ]
    if module != GATEWAY:
        broken += _sending(tree, package)
    if floor == CORE:
        calls = (ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call))
        broken += [f"calls {call}" for call in calls if IMPURE_CALL.fullmatch(call)]
    return broken


def _sending(tree: ast.Module, package: str) -> Iterator[str]:
    """What sends to Telegram past the relay, as far as the source tells."""
    names = list(imports(tree, package))
    yield from (f"sends by {name}" for name in names if SENDING.match(f"{name}."))
    knows_aiogram = any(name.partition(".")[0] == "aiogram" for name in names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            call = node.func.attr
            if SENDING_CALL.fullmatch(call) or (knows_aiogram and SHORTCUT.fullmatch(call)):
                yield f"sends by {ast.unparse(node.func)}"


def _may_import(floor: str | None, name: str) -> bool:
    top = name.partition(".")[0]
    if top in PACKAGES:
        return floor_of(name) in {floor, *BELOW.get(floor or "", {CORE})}
    if floor == CORE and top in IMPURE:
        return False
    return top in sys.stdlib_module_names or top in THIRD_PARTY.get(floor or "", {top})


@pytest.mark.parametrize("module", MODULES)
def test_the_module_keeps_to_its_floor(module: str):
    assert broken_rules(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.core.form", "import sqlmodel"),
        ("bot.core.form", "import storage.tables"),
        ("bot.core.form", "from bot import clock"),
        ("bot.core.form", "from .. import config"),
        ("bot.core.form", "from pathlib import Path"),
        ("bot.core.form", "def now():\n    import time"),
        ("bot.core.form", "now = datetime.now(zone)"),
        ("bot.core.form", "today = datetime.date.today()"),
        ("bot.core.form", "text = open(path).read()"),
        ("storage.tables", "from handlers import report"),
        ("storage.tables", "from bot.config import Config"),
        ("storage.tables", "import aiogram"),
        ("handlers.report", "from aiogram.types import Message"),
        ("handlers.report", "import telegram"),
        ("handlers.report", "from aiohttp import web"),
        ("handlers.report", "import bot.relay"),
        ("bot.channels.telegram", "from storage import outbox"),
        ("bot.channels.telegram", "from handlers import report"),
        ("bot.channels.telegram", "from bot.config import Config"),
        ("bot.channels.telegram", "from aiogram.methods import SendMessage"),
        ("bot.channels.telegram", "import telegram.ext"),
        ("bot.channels.telegram", "from telegram import Bot"),
        ("bot.channels.telegram", "async def f(bot):\n    await bot.send_message(1, 'x')"),
        ("bot.channels.telegram", "async def f(bot):\n    await bot.edit_message_text('x')"),
        ("bot.channels.telegram", "async def f(x):\n    await x.bot.answer_callback_query('7')"),
        (
            "bot.channels.telegram",
            "from aiogram.types import Message\nasync def f(m):\n    await m.answer('x')",
        ),
        (
            "bot.channels.telegram",
            "import aiogram\nasync def f(q):\n    await q.message.edit_text('x')",
        ),
        ("bot.channels.telegram_profile", "async def f(bot):\n    await bot.send_message(1, 'x')"),
        ("bot.channels.telegram_health", "from telegram import Bot"),
        ("bot.app", "from telegram.ext import ExtBot"),
        ("bot.config", "from bot.profile import read_form"),
        ("bot.relay", "from handlers import due"),
        ("bot.relay", "import bot.app"),
        ("bot.web.pages", "from bot.channels import local"),
        ("bot.clock", "from bot.cli import main"),
        ("bot.demo.people", "from aiogram.methods import EditMessageText"),
        ("bot.utils", ""),
        ("handlers.helpers.text", ""),
        ("storage.manager", ""),
        ("bot.somewhere", "import bot.core.form"),
    ],
)
def test_a_broken_rule_is_noticed(module: str, source: str):
    assert broken_rules(module, source) != []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.core.form", "import re\nfrom bot.core import text\nfrom datetime import time"),
        ("storage.tables", "from sqlmodel import Field\nfrom bot.core.form import Form"),
        ("handlers.report", "from storage import reports\nfrom bot.core.form import Form"),
        ("bot.channels.telegram", "import aiogram\nfrom bot.channels import wire"),
        ("bot.channels.telegram", "from aiogram.methods import GetUpdates"),
        ("bot.channels.telegram", "from aiogram import Bot\nBot('x').set_webhook('https://x')"),
        ("bot.channels.telegram", "from bot.channels.telegram_gateway import Gateway"),
        (
            "bot.channels.telegram_gateway",
            "from telegram import Bot\nBot('x').send_message(1, 'x')",
        ),
        (
            "bot.channels.telegram_profile",
            "from telegram import Bot\nasync def f(bot):\n    await bot.set_my_commands([])",
        ),
        ("bot.documents.child", "from bot.documents.docx import render_docx"),
        ("bot.relay", "from storage import outbox"),
        ("bot.app", "import bot.relay, handlers.due, bot.channels.local"),
        ("bot", ""),
    ],
)
def test_what_the_rules_allow_is_not_reported(module: str, source: str):
    assert broken_rules(module, source) == []


def test_every_written_text_is_in_composed_unicode():
    written = [
        *(
            p
            for d in PACKAGES
            for e in ("py", "toml", "csv", "md")
            for p in (ROOT / d).rglob(f"*.{e}")
        ),
        *ROOT.glob("*.md"),
        *ROOT.glob("*.toml"),
    ]

    decomposed = [
        str(path.relative_to(ROOT))
        for path in written
        if not unicodedata.is_normalized("NFC", path.read_text(encoding="utf-8"))
    ]

    assert decomposed == []
