"""Machine settings: what is accepted, and what stops the start with a line naming the key."""

import os
import subprocess
import sys
import tomllib
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, load, unknown_variables

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded_with(**variables: str) -> str:
    """What a new process with these environment variables gets, or the error it stops with."""
    code = """if True:
        from bot.config import ConfigError, load
        try:
            print(load().model_dump_json())
        except ConfigError as error:
            print(error)
    """
    environment = {**os.environ, **variables, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_the_example_names_every_key_and_no_other():
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))

    named = {section: set(keys) for section, keys in example.items()}

    assert named == {section: set(type(keys).model_fields) for section, keys in load()}


def test_the_example_gives_the_default_values():
    assert load(EXAMPLE) == load()


def test_the_example_explains_every_key_in_the_line_above_it():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    unexplained = [
        line
        for above, line in pairwise(lines)
        if " = " in line and not line.startswith("#") and not above.startswith("#")
    ]

    assert unexplained == []


def test_a_setting_of_the_file_replaces_only_its_own_default(tmp_path: Path):
    config = load(written(tmp_path, "[local]\nport = 9000\n"))

    assert config.local.port == 9000
    assert config.local.host == "127.0.0.1"


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path):
    assert load(written(tmp_path, '\ufeff[log]\nlevel = "error"\n')).log.level == "error"


def test_the_settings_cannot_be_changed_after_the_start():
    with pytest.raises(ValueError, match="frozen"):
        load().relay.in_flight = 1


def test_the_clock_may_start_at_a_moment_with_a_zone(tmp_path: Path):
    config = load(written(tmp_path, '[clock]\nstart = "2020-04-10T14:30:00+07:00"\n'))

    assert config.clock.start == datetime.fromisoformat("2020-04-10T14:30:00+07:00")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_the_built_in_messenger_may_listen_on_this_machine(tmp_path: Path, host: str):
    assert load(written(tmp_path, f'[local]\nhost = "{host}"\n')).local.host == host


TOKEN = "123456789:AAf-a-token-of-nobody-at-all-0123456"  # noqa: S105
SECRET = "mot-chuoi-bi-mat-dai"  # noqa: S105
WEBHOOK = f"""[telegram]
enabled = true
token = "{TOKEN}"
mode = "webhook"
"""


def test_secrets_may_lie_in_files_of_their_own(tmp_path: Path):
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "secret").write_text(f"\ufeff{SECRET}\r\n", encoding="utf-8")

    config = load(
        written(
            tmp_path,
            f"""[telegram]
            enabled = true
            token_file = "{(tmp_path / "token").as_posix()}"
            mode = "webhook"
            webhook_url = "https://giaoban.example.vn/telegram"
            webhook_secret_file = "{(tmp_path / "secret").as_posix()}"
            """,
        )
    )

    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.telegram.webhook_secret.get_secret_value() == SECRET


def test_secrets_are_shown_nowhere(tmp_path: Path):
    text = f"""[telegram]
    token = "{TOKEN}"
    proxy = "http://an:mat-khau@10.0.0.1:3128"
    webhook_secret = "{SECRET}"
    """
    config = load(written(tmp_path, text))

    shown = f"{config!r} {config} {config.model_dump_json()}"
    assert not any(secret in shown for secret in (TOKEN, SECRET, "mat-khau"))
    assert {TOKEN, SECRET, "mat-khau", TOKEN.partition(":")[2]} <= set(config.secrets())


def test_the_secrets_of_an_official_account_come_from_files_and_are_shown_nowhere(tmp_path: Path):
    secrets = {"app_secret": "khoa-ung-dung", "webhook_secret": "khoa-oa", "refresh_token": "ma-1"}
    for key, secret in secrets.items():
        (tmp_path / key).write_text(f"{secret}\n", encoding="utf-8")
    files = "\n".join(f'{key}_file = "{(tmp_path / key).as_posix()}"' for key in secrets)

    config = load(written(tmp_path, f'[zalo_oa]\nenabled = true\napp_id = "1"\n{files}'))

    assert config.zalo_oa.refresh_token.get_secret_value() == "ma-1"
    assert set(secrets.values()) <= set(config.secrets())
    shown = f"{config!r} {config} {config.model_dump_json()}"
    assert not any(secret in shown for secret in secrets.values())


def test_a_wrong_secret_is_not_quoted(tmp_path: Path):
    text = f'[telegram]\nenabled = true\nmode = "webhook"\ntoken = "{TOKEN}"'

    with pytest.raises(ConfigError) as stopped:
        load(written(tmp_path, text))

    assert TOKEN not in f"{stopped.value} {stopped.value.__cause__}"


@pytest.mark.parametrize("url", ["https://giaoban.example.vn/hook", "http://127.0.0.1:8030/hook"])
def test_a_webhook_is_public_or_belongs_to_a_server_on_this_machine(tmp_path: Path, url: str):
    text = f'{WEBHOOK}webhook_url = "{url}"\nwebhook_secret = "{SECRET}"'

    assert load(written(tmp_path, text)).telegram.webhook_url == url


PUBLIC = f"""[web]
link_secret = "{SECRET}"
"""


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://giaoban.example.vn", "https://giaoban.example.vn"),
        ("https://example.vn/giaoban/", "https://example.vn/giaoban"),
        ("http://127.0.0.1:8040", "http://127.0.0.1:8040"),
        ("", ""),
    ],
)
def test_the_public_address_is_encrypted_or_of_this_machine(tmp_path: Path, given: str, url: str):
    assert load(written(tmp_path, f'{PUBLIC}public_url = "{given}"')).web.public_url == url


def test_the_secret_of_links_may_lie_in_a_file_and_is_shown_nowhere(tmp_path: Path):
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    path = (tmp_path / "secret").as_posix()

    config = load(written(tmp_path, f'[web]\nlink_secret_file = "{path}"'))

    assert config.web.link_secret.get_secret_value() == SECRET
    assert SECRET in config.secrets()
    assert SECRET not in f"{config!r} {config} {config.model_dump_json()}"


_NOT_PUBLIC = "[web] public_url: phải có dạng https://TÊN_MIỀN"
_WRONG = [
    (
        '[web]\npublic_url = "https://giaoban.example.vn"',
        "[web]: khi có public_url phải có link_secret hoặc link_secret_file",
    ),
    (f'{PUBLIC}public_url = "http://giaoban.example.vn"', _NOT_PUBLIC),
    (f'{PUBLIC}public_url = "giaoban.example.vn"', _NOT_PUBLIC),
    (f'{PUBLIC}public_url = "https://an:x@giaoban.example.vn"', _NOT_PUBLIC),
    (f'{PUBLIC}public_url = "https://giaoban.example.vn/?a=b"', _NOT_PUBLIC),
    (f'{PUBLIC}public_url = "https://example.vn/giao bàn"', _NOT_PUBLIC),
    ('[web]\nlink_secret = "ngắn-quá-mười-5"', "[web] link_secret: phải có ít nhất 16 ký tự"),
    (
        f'{PUBLIC}link_secret_file = "y"',
        "[web]: chỉ đặt một trong hai khóa link_secret và link_secret_file",
    ),
    ("[web]\nlink_days = 0", "[web] link_days: phải là số lớn hơn 0"),
    ("[web]\nlink_days = 366", "[web] link_days: phải là số không quá 365"),
    ("[telegram]\nenabled = true", "[telegram]: khi enabled = true phải có token hoặc token_file"),
    (
        '[telegram]\ntoken = "x"\ntoken_file = "y"',
        "[telegram]: chỉ đặt một trong hai khóa token và token_file",
    ),
    ('[telegram]\ntoken_file = "no"', "[telegram]: token_file: không đọc được tệp này"),
    ("[telegram]\ntoken_file = 3", "[telegram]: token_file: không đọc được tệp này"),
    (WEBHOOK, '[telegram]: khi mode = "webhook" phải có webhook_url'),
    (
        f'{WEBHOOK}webhook_url = "https://giaoban.example.vn/hook"',
        '[telegram]: khi mode = "webhook" phải có webhook_secret hoặc webhook_secret_file',
    ),
    (
        '[telegram]\nwebhook_url = "http://giaoban.example.vn/hook"',
        "[telegram] webhook_url: phải có dạng https://TÊN_MIỀN/ĐƯỜNG_DẪN",
    ),
    (
        '[telegram]\nwebhook_secret = "ngắn"',
        "[telegram] webhook_secret: phải gồm 16 đến 256 ký tự A-Z, a-z, 0-9, _ hoặc -",
    ),
    ("[zalo_oa]\nenabled = true", "[zalo_oa]: khi enabled = true phải có app_id"),
    (
        '[zalo_oa]\nenabled = true\napp_id = "1"',
        "[zalo_oa]: khi enabled = true phải có app_secret hoặc app_secret_file",
    ),
    (
        '[zalo_oa]\nrefresh_token = "x"\nrefresh_token_file = "y"',
        "[zalo_oa]: chỉ đặt một trong hai khóa refresh_token và refresh_token_file",
    ),
    (
        '[zalo_oa]\nwebhook_path = "zalo"',
        "[zalo_oa] webhook_path: phải có dạng /ĐƯỜNG_DẪN, gồm chữ không dấu, số, /, _, . hoặc -",
    ),
    ('[telegram]\nmode = "poll"', "[telegram] mode: phải là một trong: 'polling' hoặc 'webhook'"),
    ('[telegram]\napi_url = "telegram"', "[telegram] api_url: phải có dạng https://ĐỊA_CHỈ"),
    (
        '[telegram]\nproxy = "socks5://10.0.0.1:1080"',
        "[telegram] proxy: chỉ nhận proxy HTTP, có dạng http://ĐỊA_CHỈ:CỔNG",
    ),
    ("[relay]\nper_second = 0", "[relay] per_second: phải là số lớn hơn 0"),
    ("[relay]\nper_second = inf", "[relay] per_second: phải là số"),
    ('[relay]\nper_second = "nhanh"', "[relay] per_second: phải là số"),
    ("[relay]\nin_flight = 2.5", "[relay] in_flight: phải là số nguyên"),
    ("[relay]\nin_fligth = 8", "[relay] in_fligth: không có khóa này"),
    ("[reley]\nper_second = 25", "[reley]: không có khóa này"),
    ("relay = 25", "[relay]: phải là một mục gồm các khóa"),
    ("[local]\nport = 65536", "[local] port: phải là số không quá 65535"),
    ('[local]\nenabled = "vâng"', "[local] enabled: phải là true hoặc false"),
    ("[local]\nmailbox = 3", "[local] mailbox: phải là đường dẫn trong ngoặc kép"),
    (
        '[local]\nhost = "0.0.0.0"',
        "[local] host: chỉ nhận địa chỉ của chính máy này (127.0.0.1, ::1 hoặc localhost)",
    ),
    (
        '[local]\nhost = "giaoban.vn"',
        "[local] host: chỉ nhận địa chỉ của chính máy này (127.0.0.1, ::1 hoặc localhost)",
    ),
    ('[storage]\nurl = "giaoban.db"', "[storage] url: phải có dạng sqlite+aiosqlite:///ĐƯỜNG_DẪN"),
    ("[storage]\nurl = 1", "[storage] url: phải là chữ trong ngoặc kép"),
    (
        '[log]\nlevel = "loud"',
        "[log] level: phải là một trong: 'debug', 'info', 'warning' hoặc 'error'",
    ),
    (
        '[clock]\nstart = "2020-04-10T14:30:00"',
        "[clock] start: phải là thời điểm có ngày, giờ và múi giờ, ví dụ 2020-04-10T14:30:00+07:00",
    ),
    (
        '[clock]\nstart = "hôm nay"',
        "[clock] start: phải là thời điểm có ngày, giờ và múi giờ, ví dụ 2020-04-10T14:30:00+07:00",
    ),
    ('[documents]\nform = "no.docx"', "[documents] form: không có tệp này"),
    (
        "[relay]\nin_flight = 0\n[local]\nport = 0",
        "[local] port: phải là số lớn hơn 0; [relay] in_flight: phải là số lớn hơn 0",
    ),
]


@pytest.mark.parametrize(("text", "says"), _WRONG, ids=[says for _, says in _WRONG])
def test_a_wrong_setting_stops_the_start_and_names_its_key(tmp_path: Path, text: str, says: str):
    with pytest.raises(ConfigError) as stopped:
        load(written(tmp_path, text))

    assert str(stopped.value) == f"Cấu hình sai: {says}."


def test_a_missing_file_is_named_with_the_command_that_makes_it(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"Không tìm thấy .*config\.toml.*giaoban init"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize("content", [b"[relay\n", b"\xff\xfe[relay]"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes):
    path = tmp_path / "config.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"config\.toml không đúng cú pháp TOML"):
        load(path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="Không đọc được tệp cấu hình"):
        load(tmp_path)


def test_the_environment_goes_before_the_file():
    config = Config.model_validate_json(loaded_with(GIAOBAN_RELAY__PER_SECOND="7"))

    assert config.relay.per_second == 7


def test_an_unknown_variable_stops_the_start():
    said = loaded_with(GIAOBAN_RELEY__PER_SECOND="7")

    assert said.strip() == "Cấu hình sai: không có biến môi trường GIAOBAN_RELEY__PER_SECOND."


def test_only_variables_of_the_program_are_judged():
    names = ["PATH", "GIAOBAN_LOCAL__PORT", "GIAOBAN_LOCAL", "GIAOBAN_PORT"]

    assert unknown_variables(names) == ["GIAOBAN_LOCAL", "GIAOBAN_PORT"]
