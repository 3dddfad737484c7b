"""Machine settings: a TOML file, over it the environment, read once into a frozen `Config`.

What belongs to the office and not to the machine is kept in the database (bot/core/office.py).
"""

import os
import tomllib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

_PREFIX = "GIAOBAN_"
_BETWEEN = "__"

_WHOLE = "phải là số nguyên"
_NUMBER = "phải là số"
_YES_NO = "phải là true hoặc false"
_MOMENT = "phải là thời điểm có ngày, giờ và múi giờ, ví dụ 2020-04-10T14:30:00+07:00"

# What is wrong, by pydantic's type of error.
_SAYS = {
    "bool_parsing": _YES_NO,
    "bool_type": _YES_NO,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "extra_forbidden": "không có khóa này",
    "finite_number": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": "phải là số lớn hơn {gt:g}",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "less_than_equal": "phải là số không quá {le}",
    "literal_error": "phải là một trong: {expected}",
    "model_type": "phải là một mục gồm các khóa",
    "path_not_file": "không có tệp này",
    "path_type": "phải là đường dẫn trong ngoặc kép",
    "string_type": "phải là chữ trong ngoặc kép",
    "timezone_aware": _MOMENT,
    "value_error": "{error}",
}


class ConfigError(Exception):
    """The settings cannot be used; the message is one line of Vietnamese that names the key."""


def _asynchronous_sqlite(url: str) -> str:
    if not url.startswith("sqlite+aiosqlite://"):
        raise ValueError("phải có dạng sqlite+aiosqlite:///ĐƯỜNG_DẪN")
    return url


def _loopback(host: str) -> str:
    # The built-in messenger asks nobody who they are: it must not be reachable from outside.
    if host != "localhost" and not _is_loopback(host):
        raise ValueError("chỉ nhận địa chỉ của chính máy này (127.0.0.1, ::1 hoặc localhost)")
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _none_if_empty(value: object) -> object:
    # TOML has no null: an empty string stands for "not set".
    return None if value == "" else value


_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Storage(_Section):
    url: Annotated[str, AfterValidator(_asynchronous_sqlite)] = "sqlite+aiosqlite:///var/giaoban.db"


class Local(_Section):
    """The built-in messenger; `mailbox` is the file in which it keeps what it delivered."""

    enabled: bool = True
    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: Annotated[int, Field(gt=0, le=65535)] = 8020
    mailbox: Path = Path("var/local-messages.jsonl")


class Relay(_Section):
    """Pace of sending: messages per second in all, seconds between two to one chat or group."""

    per_second: _Positive = 25
    per_chat_seconds: _Positive = 1.0
    per_group_seconds: _Positive = 3.1
    in_flight: Annotated[int, Field(gt=0)] = 8


class Clock(_Section):
    """`start`: the clock starts there instead of now; `stepped`: it moves only when told to."""

    tick_seconds: _Positive = 20
    start: Annotated[AwareDatetime | None, BeforeValidator(_none_if_empty)] = None
    stepped: bool = False


class Log(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Documents(_Section):
    """`form`: the office's own DOCX form; None takes the built-in one."""

    form: Annotated[FilePath | None, BeforeValidator(_none_if_empty)] = None
    time_limit_seconds: _Positive = 60


class Config(BaseSettings):
    """All machine settings; config.example.toml explains each key."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter=_BETWEEN, extra="forbid", frozen=True
    )

    storage: Storage = Storage()
    local: Local = Local()
    relay: Relay = Relay()
    clock: Clock = Clock()
    log: Log = Log()
    documents: Documents = Documents()

    @classmethod
    def settings_customise_sources(  # the library fixes the arguments
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from: the environment before the file."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Config:
    """Return the settings of a file and the environment; None takes defaults and environment.

    Raises:
        ConfigError: the file is missing or broken, or a key is unknown or has a wrong value.
    """
    tree = _read(path) if path else {}
    if unknown := unknown_variables(os.environ):
        raise ConfigError(f"Cấu hình sai: không có biến môi trường {', '.join(unknown)}.")
    try:
        return Config(**tree)
    except ValidationError as error:
        wrong = "; ".join(f"{_place(e['loc'])}: {_says(e)}" for e in error.errors())
        raise ConfigError(f"Cấu hình sai: {wrong}.") from error


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return the GIAOBAN_ variables that set nothing; by itself pydantic overlooks them."""
    known = {
        f"{_PREFIX}{section}{_BETWEEN}{key}".upper()
        for section, default in Config.model_construct()
        for key in type(default).model_fields
    }
    return sorted(n for n in names if n.upper().startswith(_PREFIX) and n.upper() not in known)


def _read(path: Path) -> dict[str, Any]:
    try:
        # Notepad writes a byte order mark, which TOML does not know.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"Không tìm thấy tệp cấu hình {path}. Tạo tệp bằng lệnh: giaoban init"
        ) from error
    except OSError as error:
        raise ConfigError(f"Không đọc được tệp cấu hình {path}: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"Tệp cấu hình {path} không đúng cú pháp TOML: {error}") from error


def _place(location: tuple[int | str, ...]) -> str:
    section, *keys = map(str, location)
    return " ".join((f"[{section}]", *keys))


def _says(error: Any) -> str:
    context = {**error.get("ctx", {})}
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", " hoặc ")
    return _SAYS.get(error["type"], "giá trị không dùng được").format(**context)
