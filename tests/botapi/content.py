"""What a message is made of: text and entities, caption, file, keyboard."""

from typing import Any

from .chats import Json
from .errors import bad_request
from .files import LARGEST_PHOTO, File, in_message, is_picture
from .markup import Entity, as_posted, parse_html
from .parameters import Parameters
from .world import World

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64  # bytes
WRONG_FILE = "Wrong file identifier/HTTP URL specified"


def text_of(given: Parameters) -> Json:
    text, entities = _marked_up(given, "text", "entities")
    if not text:
        raise bad_request("Message text is empty")
    if len(text) > LONGEST_TEXT:
        raise bad_request("Message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_of(given: Parameters) -> Json:
    text, entities = _marked_up(given, "caption", "caption_entities")
    if len(text) > LONGEST_CAPTION:
        raise bad_request("Message caption is too long")
    found = {"caption": text, "caption_entities": entities}
    return {name: value for name, value in found.items() if value}


def _marked_up(given: Parameters, name: str, entities: str) -> tuple[str, list[Entity]]:
    text, mode = given.text(name), given.text("parse_mode").lower()
    if mode == "html":
        return as_posted(*parse_html(text))
    if mode:
        # The real server knows two kinds of Markdown as well; nobody here has asked for them.
        raise bad_request("Unsupported parse_mode")
    return as_posted(text, given.json(entities, "message entities") or [])


def media_of(world: World, given: Parameters, kind: str) -> Json:
    upload = given.upload(kind)
    if upload is None:
        return in_message(_known_file(world, given.text(kind), kind))
    if not upload.content:
        raise bad_request("File must be non-empty")
    if kind == "photo" and len(upload.content) > LARGEST_PHOTO:
        raise bad_request(f"File of size {len(upload.content)} bytes is too big for a photo")
    if kind == "photo" and not is_picture(upload.content):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return in_message(world.files.keep(kind, upload))


def _known_file(world: World, given: str, kind: str) -> File:
    if given.startswith(("http://", "https://")):
        # This server never leaves the machine.
        raise bad_request("Failed to get HTTP URL content")
    file = world.files.by_id.get(given)
    if file is None:
        raise bad_request(WRONG_FILE if given else f"There is no {kind} in the request")
    if file.kind != kind:
        raise bad_request(f"Can't use file of type {file.kind.title()} as {kind.title()}")
    return file


def markup_of(given: Parameters) -> Json | None:
    markup = given.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    if "inline_keyboard" not in markup:
        return dict(markup)
    given_rows = markup["inline_keyboard"]
    if not isinstance(given_rows, list) or not all(isinstance(row, list) for row in given_rows):
        raise bad_request('Field "inline_keyboard" must be an Array of Arrays')
    rows = [[_button(button) for button in row] for row in given_rows if row]
    return {"inline_keyboard": rows} if rows else None


def _button(button: Any) -> Json:
    wrong = "Can't parse inline keyboard button: "
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request(f'{wrong}Field "text" must be of type String')
    if not button.keys() - {"text"}:
        raise bad_request(f"{wrong}Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 0 < len(str(data).encode()) <= LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and "." not in url and not url.startswith("tg://"):
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return dict(button)
