"""The server as a process of its own: python -m botapi --bot TOKEN:username (in tests/)."""

import argparse
import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

from .api import BotApi
from .control import Clock, Control, plain_call
from .execution import Call
from .limits import STRICT


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="botapi", description="A stand-in for the Bot API.")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--bot", action="append", required=True, metavar="TOKEN:USERNAME")
    parser.add_argument("--strict", action="store_true", help="with flood control")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--hurry", type=float, default=1.0, help="divides the server's own waits")
    parser.add_argument("--log", type=Path, metavar="FILE", help="every call as a line of JSON")
    return parser.parse_args()


def writing_to(log: Path) -> Callable[[Call], None]:
    def write(call: Call) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(plain_call(call), ensure_ascii=False) + "\n")

    return write


async def serve(chosen: argparse.Namespace) -> None:
    """Serve until the process is told to end."""
    clock = Clock()
    api = BotApi(
        latency=chosen.latency,
        limits=STRICT if chosen.strict else None,
        now=clock.now,
        hurry=chosen.hurry,
        port=chosen.port,
    )
    Control(api, clock)
    if chosen.log:
        api.tells(writing_to(chosen.log))
    for given in chosen.bot:
        token, _, username = given.rpartition(":")
        api.bot(username, token=token)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with api:
        print(api.base, flush=True)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(options()))
