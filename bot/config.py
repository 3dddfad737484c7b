"""Machine settings: a TOML file, over it the environment, read once into a frozen `Config`.

What belongs to the office and not to the machine is kept in the database (bot/core/office.py).
"""

import os
import re
import tomllib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.core.quota import Quota

_PREFIX = "GIAOBAN_"
_BETWEEN = "__"

_SHORTEST_SECRET = 16  # letters

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


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("phải có dạng https://ĐỊA_CHỈ")
    return url.rstrip("/")


def _http_proxy(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if url and (parts.scheme != "http" or not parts.hostname):
        raise ValueError("chỉ nhận proxy HTTP, có dạng http://ĐỊA_CHỈ:CỔNG")
    return url


def _webhook_address(url: str) -> str:
    parts = urlsplit(url)
    # A Bot API server of one's own, on the same machine, needs no encryption.
    if url and parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise ValueError("phải có dạng https://TÊN_MIỀN/ĐƯỜNG_DẪN")
    return url


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError("phải gồm 16 đến 256 ký tự A-Z, a-z, 0-9, _ hoặc -")
    return secret


def _public_address(url: str) -> str:
    parts = urlsplit(url)
    encrypted = parts.scheme == "https" and parts.hostname
    here = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    more = parts.username or parts.query or parts.fragment
    plain = re.fullmatch("[!-~]*", url)  # the path is compared as it is sent
    if url and (more or not plain or not (encrypted or here)):
        raise ValueError("phải có dạng https://TÊN_MIỀN")
    return url.rstrip("/")


def _link_secret(secret: SecretStr) -> SecretStr:
    if secret and len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"phải có ít nhất {_SHORTEST_SECRET} ký tự")
    return secret


def _web_path(path: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9/_.-]+", path):
        raise ValueError("phải có dạng /ĐƯỜNG_DẪN, gồm chữ không dấu, số, /, _, . hoặc -")
    return path


def _none_if_empty(value: object) -> object:
    # TOML has no null: an empty string stands for "not set".
    return None if value == "" else value


_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    # What was given may be a secret, and errors quote it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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


class Telegram(_Section):
    """A bot of Telegram's; what is read from a file of its own stands in the key itself."""

    enabled: bool = False
    token: SecretStr = SecretStr("")
    token_file: str = ""
    api_url: Annotated[str, AfterValidator(_web_address)] = "https://api.telegram.org"
    proxy: Annotated[SecretStr, AfterValidator(_http_proxy)] = SecretStr("")
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: Annotated[str, AfterValidator(_webhook_address)] = ""
    webhook_host: str = "127.0.0.1"
    webhook_port: Annotated[int, Field(gt=0, le=65535)] = 8030
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = SecretStr("")
    webhook_secret_file: str = ""

    @model_validator(mode="before")
    @classmethod
    def _with_secrets_of_files(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return given | _read_secret(given, "token") | _read_secret(given, "webhook_secret")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and not self.token:
            raise ValueError("khi enabled = true phải có token hoặc token_file")
        if self.enabled and self.mode == "webhook":
            if not self.webhook_url:
                raise ValueError('khi mode = "webhook" phải có webhook_url')
            if not self.webhook_secret:
                raise ValueError(
                    'khi mode = "webhook" phải có webhook_secret hoặc webhook_secret_file'
                )
        return self


class ZaloOa(_Section):
    """An Official Account of Zalo's; what is read from a file of its own stands in the key itself.

    The refresh token is where the tokens begin: from then on they are kept in the database.
    """

    enabled: bool = False
    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    app_secret_file: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_secret_file: str = ""
    refresh_token: SecretStr = SecretStr("")
    refresh_token_file: str = ""
    webhook_path: Annotated[str, AfterValidator(_web_path)] = "/zalo-oa"
    api_url: Annotated[str, AfterValidator(_web_address)] = "https://openapi.zalo.me"
    oauth_url: Annotated[str, AfterValidator(_web_address)] = "https://oauth.zaloapp.com"

    @model_validator(mode="before")
    @classmethod
    def _with_secrets_of_files(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        named = ("app_secret", "webhook_secret", "refresh_token")
        return given | {k: v for name in named for k, v in _read_secret(given, name).items()}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and not self.app_id:
            raise ValueError("khi enabled = true phải có app_id")
        for key in ("app_secret", "webhook_secret"):
            if self.enabled and not getattr(self, key):
                raise ValueError(f"khi enabled = true phải có {key} hoặc {key}_file")
        return self


class Web(_Section):
    """The public address of this machine, behind the office's reverse proxy, and links to files."""

    public_url: Annotated[str, AfterValidator(_public_address)] = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, le=65535)] = 8040
    link_secret: Annotated[SecretStr, AfterValidator(_link_secret)] = SecretStr("")
    link_secret_file: str = ""
    link_days: Annotated[int, Field(gt=0, le=365)] = 7

    @model_validator(mode="before")
    @classmethod
    def _with_secret_of_a_file(cls, given: Any) -> Any:
        return given | _read_secret(given, "link_secret") if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.public_url and not self.link_secret:
            raise ValueError("khi có public_url phải có link_secret hoặc link_secret_file")
        return self


def _read_secret(section: dict[str, Any], key: str) -> dict[str, str]:
    """Return the key with what its file holds; nothing if no file is named."""
    path = section.get(f"{key}_file")
    if not path:
        return {}
    if section.get(key):
        raise ValueError(f"chỉ đặt một trong hai khóa {key} và {key}_file")
    try:
        return {key: Path(path).read_text(encoding="utf-8-sig").strip()}
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(f"{key}_file: không đọc được tệp này") from error


class Zalo(_Section):
    """Bots of the Zalo Bot Platform, one token each; `tokens_file` holds one token a line.

    `messages`, `people`, `groups`: what the plan lets one bot carry; `both_ways`: what people write
    counts as well; `reserve`: messages kept back for digests.
    """

    enabled: bool = False
    tokens: list[SecretStr] = Field(default_factory=list)
    tokens_file: str = ""
    api_url: Annotated[str, AfterValidator(_web_address)] = "https://bot-api.zaloplatforms.com"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = SecretStr("")
    webhook_secret_file: str = ""
    messages: Annotated[int, Field(gt=0)] = 3000
    people: Annotated[int, Field(gt=0)] = 50
    groups: Annotated[int, Field(gt=0)] = 3
    reserve: Annotated[int, Field(gt=0)] = 300
    both_ways: bool = True

    @model_validator(mode="before")
    @classmethod
    def _with_secrets_of_files(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        tokens = _read_secret(given, "tokens")
        lines = {key: lines.split() for key, lines in tokens.items()}
        return given | lines | _read_secret(given, "webhook_secret")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        tokens = [token.get_secret_value() for token in self.tokens]
        if self.enabled and not tokens:
            raise ValueError("khi enabled = true phải có tokens hoặc tokens_file")
        if any(not re.fullmatch(r"\d+:\S+", token) for token in tokens):
            raise ValueError("mỗi mã (token) phải có dạng SỐ:CHUỖI, như Zalo đã cấp")
        if len({token.partition(":")[0] for token in tokens}) < len(tokens):
            raise ValueError("mỗi bot chỉ ghi một mã (token)")
        if self.enabled and self.mode == "webhook" and not self.webhook_secret:
            raise ValueError('khi mode = "webhook" phải có webhook_secret hoặc webhook_secret_file')
        if self.reserve >= self.messages:
            raise ValueError("reserve phải nhỏ hơn messages")
        return self

    @property
    def quota(self) -> Quota:
        """Return what the plan lets one bot carry."""
        return Quota(
            messages=self.messages,
            people=self.people,
            groups=self.groups,
            reserve=self.reserve,
            both_ways=self.both_ways,
        )


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
        env_prefix=_PREFIX,
        env_nested_delimiter=_BETWEEN,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    storage: Storage = Storage()
    local: Local = Local()
    telegram: Telegram = Telegram()
    zalo: Zalo = Zalo()
    zalo_oa: ZaloOa = ZaloOa()
    web: Web = Web()
    relay: Relay = Relay()
    clock: Clock = Clock()
    log: Log = Log()
    documents: Documents = Documents()

    def secrets(self) -> list[str]:
        """Return what nobody may read, in each form in which it could appear."""
        telegram, zalo = self.telegram, self.zalo
        tokens = [token.get_secret_value() for token in (telegram.token, *zalo.tokens)]
        # In an address the colon inside a token may be written otherwise.
        second_halves = [token.partition(":")[2] for token in tokens]
        proxy = urlsplit(telegram.proxy.get_secret_value()).password or ""
        account = self.zalo_oa
        secrets = (
            *(telegram.webhook_secret, zalo.webhook_secret, self.web.link_secret),
            *(account.app_secret, account.webhook_secret, account.refresh_token),
        )
        return [*tokens, *second_halves, proxy, *(s.get_secret_value() for s in secrets)]

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
