"""A chat with a bot in a terminal: python -m botapi.talk --as "Lan" --to giaoban_bot (in tests/).

A line is said; [Label] taps that button; a https://t.me/… link is opened; Ctrl-D ends.
"""

import argparse
import asyncio
import sys

from .remote import RemoteApi, RemotePerson
from .screen import Seen

PAUSE = 0.5  # seconds after the bot's last message before the next line is read


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="botapi.talk", description=__doc__)
    parser.add_argument("--server", default="http://127.0.0.1:8081")
    parser.add_argument("--as", dest="name", required=True, metavar="NAME")
    parser.add_argument("--to", required=True, metavar="BOT_OR_GROUP")
    return parser.parse_args()


def shown(seen: Seen) -> str:
    """A message as lines: who, what, and its buttons."""
    told = [f"{seen.sender}{' (sửa)' if seen.edited else ''}: {seen.text}"]
    if seen.photo is not None:
        told.append(f"<ảnh, {len(seen.photo)} byte>")
    if seen.document is not None:
        told.append(f"<tệp {seen.document[0]}, {len(seen.document[1])} byte>")
    rows = seen.buttons + seen.keyboard
    return "\n".join(told + [" ".join(f"[{label}]" for label in row) for row in rows])


async def act(person: RemotePerson, to: str, line: str) -> None:
    if line.startswith("https://t.me/"):
        await person.opens(line)
    elif line.startswith("[") and line.endswith("]"):
        tap = await person.taps(to, line[1:-1])
        if answer := await tap.answer(PAUSE):
            print(f"* {answer.text or answer.url}")
    else:
        await person.says(to, line)


async def show_new(person: RemotePerson, to: str) -> None:
    while True:
        try:
            print(shown(await person.sees_next(to, timeout=PAUSE)), flush=True)
        except TimeoutError:
            return


async def talk(chosen: argparse.Namespace) -> None:
    async with RemoteApi(chosen.server) as api:
        person = api.person(chosen.name)
        await show_new(person, chosen.to)
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await act(person, chosen.to, line.rstrip("\n"))
            except (LookupError, ValueError) as error:
                print(f"! {error}")
            await show_new(person, chosen.to)


if __name__ == "__main__":
    asyncio.run(talk(options()))
