"""The command line. Each command loads what it needs when it runs, so that --help is quick."""

import asyncio
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

app = typer.Typer(
    name="giaoban",
    help="Giao Ban: thu báo cáo ngày qua tin nhắn, tổng hợp và lập báo cáo tuần.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
units = typer.Typer(help="Danh mục đơn vị.", no_args_is_help=True)
app.add_typer(units, name="units")

ConfigPath = Annotated[Path, typer.Option("--config", help="Tệp cấu hình máy.")]
_CONFIG = Path("config.toml")


def main() -> None:
    """Run the command line; a failure is one clear line and a non-zero end."""
    app()


def _plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the failures that a person can mend into one line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from sqlalchemy.exc import DBAPIError

        from bot.app import CannotStart
        from bot.config import ConfigError
        from bot.core.office import OfficeError
        from bot.profile import UnknownName

        try:
            command(*args, **kwargs)
        except (CannotStart, ConfigError, OfficeError, UnknownName) as error:
            line = str(error)
        except DBAPIError as error:
            line = f"Không đọc hoặc ghi được cơ sở dữ liệu: {error.orig}"
        except OSError as error:
            line = f"Không đọc hoặc ghi được {error.filename or 'dữ liệu'}: {error.strerror}"
        else:
            return
        typer.echo(line, err=True)
        raise typer.Exit(1)

    return run


@app.command()
@_plainly
def run(
    take_over: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--take-over", help="Nhận tin Telegram tại đây, dù đang chuyển đến nơi khác."),
    ] = False,
    config: ConfigPath = _CONFIG,
) -> None:
    """Chạy bot cho đến khi được lệnh dừng."""
    from bot import app as roof
    from bot.config import load
    from bot.log import start_log

    loaded = load(config)
    start_log(sys.stderr, loaded.log.level, loaded.secrets())
    asyncio.run(roof.run(loaded, take_over=take_over))


@app.command()
@_plainly
def init(
    profile: Annotated[str, typer.Option(help="Hồ sơ cơ quan, ví dụ vinh-phuc.")] = "vinh-phuc",
    config: ConfigPath = _CONFIG,
) -> None:
    """Tạo tệp cấu hình, cơ sở dữ liệu và thông tin cơ quan theo hồ sơ có sẵn."""
    from bot import setup

    asyncio.run(setup.init(config, profile))
    typer.echo(f"Đã sẵn sàng: {config}, hồ sơ {profile}.")
    typer.echo("Bước tiếp theo: giaoban units import TỆP.csv --invites ma-moi.csv")


@app.command()
@_plainly
def migrate(config: ConfigPath = _CONFIG) -> None:
    """Đưa cơ sở dữ liệu lên phiên bản mới nhất."""
    from bot.app import only_writer
    from bot.config import load
    from storage.migrate import upgrade

    loaded = load(config)
    with only_writer(loaded):
        upgrade(loaded.storage.url)
    typer.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")


@units.command("import")
@_plainly
def import_units(
    file: Annotated[Path, typer.Argument(help="Tệp CSV, cột như bot/examples/README.md.")],
    since: Annotated[
        str, typer.Option(help="Có hiệu lực từ ngày, ví dụ 2020-04-10; mặc định hôm nay.")
    ] = "",
    invites: Annotated[
        Path | None, typer.Option(help="Ghi mã mời cho những nơi chưa có người vào tệp này.")
    ] = None,
    bot: Annotated[
        str, typer.Option(help="Tên bot Telegram, để ghi thêm liên kết mời, ví dụ giaoban_bot.")
    ] = "",
    config: ConfigPath = _CONFIG,
) -> None:
    """Nạp danh mục đơn vị; tệp có một dòng sai thì không nạp dòng nào."""
    from bot import setup
    from bot.config import load

    imported = asyncio.run(
        setup.import_units(
            load(config), file, since=_day(since) if since else None, invites=invites, bot=bot
        )
    )
    if imported.problems:
        for problem in imported.problems:
            typer.echo(str(problem), err=True)
        typer.echo("Chưa nạp đơn vị nào. Đề nghị sửa tệp rồi nạp lại.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Đã nạp {imported.units} đơn vị, {imported.changed} đơn vị mới hoặc thay đổi.")
    if invites is not None:
        typer.echo(f"Đã ghi {imported.invited} mã mời vào {invites}; mỗi mã dùng một lần.")


@app.command()
@_plainly
def digest(
    day: Annotated[str, typer.Option("--day", help="Ngày báo cáo, ví dụ 2020-04-15.")],
    config: ConfigPath = _CONFIG,
) -> None:
    """In bản tổng hợp của một ngày và các bản bổ sung như đã đăng trong nhóm."""
    from bot import papers
    from bot.config import load

    texts = asyncio.run(papers.digests(load(config), _day(day)))
    if not texts:
        typer.echo(f"Chưa có bản tổng hợp ngày {day}.", err=True)
        raise typer.Exit(1)
    typer.echo("\n\n".join(texts))


@app.command()
@_plainly
def weekly(
    week: Annotated[str, typer.Option("--week", help="Tuần theo ngày ban hành, ví dụ 2020-W16.")],
    out: Annotated[Path, typer.Option("--out", help="Thư mục để ghi báo cáo.")] = Path(),
    config: ConfigPath = _CONFIG,
) -> None:
    """Lập dự thảo báo cáo tuần (DOCX) từ số liệu đã khóa."""
    from bot import papers
    from bot.config import load

    path = asyncio.run(papers.weekly(load(config), week, out))
    typer.echo(f"Đã lập {path}")


@app.command()
@_plainly
def understand(
    file: Annotated[
        str, typer.Argument(help='Tệp JSON Lines, mỗi dòng có "text"; "-" là đọc từ bàn phím.')
    ],
    day: Annotated[
        str, typer.Option("--day", help="Ngày báo cáo; không ghi thì chấp nhận mọi ngày.")
    ] = "",
    form: Annotated[str, typer.Option(help="Biểu mẫu.")] = "daily_one_stop",
) -> None:
    """Thử xem bot hiểu các tin báo cáo thế nào, mỗi tin một dòng JSON."""
    from bot.profile import read_form
    from bot.understand import NotMessages, understood

    reporting_day = _day(day) if day else datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    try:
        lines = sys.stdin if file == "-" else Path(file).read_text(encoding="utf-8").split("\n")
        for line in understood(lines, read_form(form), day=reporting_day, any_day=not day):
            typer.echo(line)
    except NotMessages as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except UnicodeDecodeError as error:
        typer.echo(f'{file} không phải mã UTF-8. Đề nghị lưu tệp kiểu "UTF-8".', err=True)
        raise typer.Exit(1) from error


@app.command()
@_plainly
def chat(
    person: Annotated[
        str, typer.Option("--as", help="Địa chỉ trong kênh có sẵn; đầu mối dùng mã đơn vị.")
    ],
    group: Annotated[str, typer.Option(help="Nói trong nhóm này thay vì nhắn riêng.")] = "",
    config: ConfigPath = _CONFIG,
) -> None:
    """Nhắn tin với bot ngay trong cửa sổ này, qua kênh có sẵn."""
    from bot.chat import stdin_lines, talk
    from bot.config import load

    local = load(config).local
    conversation = talk(
        f"http://{local.host}:{local.port}",
        sender=person,
        chat=group or person,
        name=person,
        typed=stdin_lines(),
        show=typer.echo,
        group=bool(group),
    )
    asyncio.run(conversation)


@app.command()
@_plainly
def doctor(
    plan: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--plan", help="Chỉ tính số bot Zalo cần chuẩn bị theo danh mục đơn vị."),
    ] = False,
    config: ConfigPath = _CONFIG,
) -> None:
    """Kiểm tra cơ sở dữ liệu, hàng tin, các kênh và nhóm; chỉ xem, không thay đổi gì."""
    from bot.config import load

    if plan:
        from bot.plan import plan_text, planned

        typer.echo(plan_text(asyncio.run(planned(load(config)))))
        return
    from bot.doctor import conclusion, examine

    findings = asyncio.run(examine(load(config)))
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(conclusion(findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
@_plainly
def demo(
    resume: Annotated[bool, typer.Option("--resume", help="Làm tiếp lần chạy dở.")] = False,  # noqa: FBT002
    seed: Annotated[int, typer.Option(help="Cùng số này thì cùng số liệu.")] = 2020,
    folder: Annotated[Path, typer.Option(help="Nơi để dữ liệu.")] = Path("var/demo"),
) -> None:
    """Chạy thử cả một tuần của tỉnh Vĩnh Phúc (10 đến 17/4/2020) với người giả định."""
    from bot.demo import conductor

    asyncio.run(conductor.play(folder, seed=seed, resume=resume, show=typer.echo))


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        from bot.app import CannotStart

        raise CannotStart(f'"{said}" không phải là ngày; ví dụ đúng: 2020-04-15') from error
