"""Files that were sent: one content, a file_id to send it again by, a path to fetch it from."""

import hashlib
import struct
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath
from typing import Any

from .parameters import Upload

FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}
LARGEST_DOWNLOAD = 20 * 1024 * 1024
LARGEST_PHOTO = 10 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


@dataclass(frozen=True, slots=True)
class File:
    """A kept file; `kind` is photo, document, voice or sticker."""

    id: str
    unique_id: str
    kind: str
    name: str
    mime_type: str
    content: bytes
    path: str

    def json(self) -> dict[str, Any]:
        size = len(self.content)
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": size}


class Files:
    """All files of all bots, by their id and by their path."""

    def __init__(self, seed: int) -> None:
        self.by_id: dict[str, File] = {}
        self.by_path: dict[str, File] = {}
        self._seed = seed
        self._numbers = count()

    def keep(self, kind: str, upload: Upload) -> File:
        number = next(self._numbers)
        secret = hashlib.sha256(f"{self._seed}/{number}".encode()).hexdigest()
        path = f"{FOLDERS[kind]}/file_{number}{PurePath(upload.name).suffix}"
        file = File(
            id=f"BQACAgUAAxkB{secret[:48]}",
            unique_id=f"AgAD{secret[48:60]}",
            kind=kind,
            name=upload.name,
            mime_type=upload.mime_type,
            content=upload.content,
            path=path,
        )
        self.by_id[file.id] = self.by_path[file.path] = file
        return file


def is_picture(content: bytes) -> bool:
    return content.startswith(PICTURES)


def in_message(file: File) -> dict[str, Any]:
    """The part of a message that tells of a file."""
    told = file.json()
    if file.kind == "photo":
        width, height = _pixels(file.content)
        return {"photo": [{**told, "width": width, "height": height}]}
    if file.kind == "document":
        told |= {"file_name": file.name, "mime_type": file.mime_type}
    elif file.kind == "voice":
        told |= {"duration": 3, "mime_type": "audio/ogg"}
    else:
        flags = {"type": "regular", "is_animated": False, "is_video": False}
        told |= {"width": 512, "height": 512, **flags}
    return {file.kind: told}


def _pixels(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; any other picture gets Telegram's usual largest ones."""
    if content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return 1280, 960
