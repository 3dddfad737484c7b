"""The log: to standard error, without secrets and without what people wrote."""

import logging
from collections.abc import Iterable
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HIDDEN = "***"

# Libraries that tell too much: addresses with a bot's token in them, and at level debug all that
# is sent, received or stored. What fails is raised to us as well.
_LEVELS = {
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "telegram": logging.CRITICAL,
}


def start_log(stream: TextIO, level: str, secrets: Iterable[str]) -> None:
    """Write the log of this process, from that level on, to a stream.

    Args:
        level: debug, info, warning or error.
        secrets: what must never stand in it, wherever it may come from.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutSecrets(secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name, least in _LEVELS.items():
        logging.getLogger(name).setLevel(least)


class WithoutSecrets(logging.Formatter):
    """Writes lines, and tracebacks, in which secrets are hidden."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(_FORMAT)
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return line
