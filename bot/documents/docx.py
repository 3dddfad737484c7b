"""A paper as a Word file, drawn with the office's own form.

The form is an ordinary .docx with Jinja tags; the office restyles it in Word. What the tags
may name is the paper of `bot/core/paper.py`.
"""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from bot.core.paper import Paper

WEEKLY_FORM = Path(__file__).parent / "forms" / "bao_cao_tuan.docx"
_BRACES = (("{{", "}}"), ("{%", "%}"))


class FormFault(Exception):
    """The Word form cannot be used as it is; the message says what is wrong with it."""


def render_docx(paper: Paper, form_path: Path | None = None) -> bytes:
    """Return the paper as the bytes of a .docx file.

    A form is a file that people edit and upload: it runs in a sandbox, and a name that does not
    exist is an error instead of an empty place.

    Args:
        form_path: the office's form; None takes the one of the weekly report.

    Raises:
        FormFault: the form is not a Word file, has a tag left open or names what does not exist.
    """
    # Half a second to import, needed only in the process that draws.
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    path = form_path or WEEKLY_FORM
    try:
        form = DocxTemplate(path)
        _check_braces(path.name, form.get_docx().element.body)
        environment = SandboxedEnvironment(undefined=StrictUndefined)
        form.render({"paper": paper}, jinja_env=environment, autoescape=True)
    except (BadZipFile, KeyError, PackageNotFoundError, TemplateError) as error:
        raise FormFault(f"Không dùng được mẫu {path.name}: {error}") from error
    written = BytesIO()
    form.save(written)
    return written.getvalue()


def _check_braces(name: str, body: Any) -> None:
    """Refuse a form with a tag that is not closed in its paragraph.

    docxtpl would take the text up to the next closing brace for the tag, and drop it unsaid.
    """
    for paragraph in body.xpath(".//w:p"):
        said = "".join(paragraph.xpath("./w:r/w:t/text()"))
        if any(said.count(begin) != said.count(end) for begin, end in _BRACES):
            raise FormFault(f"Không dùng được mẫu {name}: thẻ không khép dấu ngoặc: {said}")
