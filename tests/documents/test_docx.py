import os
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.blkcntnr import BlockItemContainer
from docx.document import Document as Word
from docx.table import Table

from bot.core.paper import (
    Appendix,
    Column,
    Heading,
    Item,
    Paper,
    Para,
    Row,
    printed,
)
from bot.core.paper import Table as Figures
from bot.core.weekly_tables import ABSENCE_COLUMNS, FIGURE_COLUMNS
from bot.documents.child import RenderError, render
from bot.documents.docx import WEEKLY_FORM, FormFault, render_docx


def _appendix(label: str, columns: tuple[Column, ...], rows: int) -> Appendix:
    cells = [tuple(f"{label} {n}.{m}" for m in range(len(columns))) for n in range(rows)]
    return Appendix(
        label,
        "TIÊU ĐỀ",
        "(Kèm theo Báo cáo số    /BC-VPUBND)",
        "(Số liệu tuần)",
        Figures(columns, tuple(Row(c, strong=n % 3 == 0) for n, c in enumerate(cells))),
        ("Ghi chú thứ nhất.", "Ghi chú thứ hai."),
    )


PAPER = Paper(
    id="bao-cao-tuan-2020-W16",
    parent="UBND TỈNH VĨNH PHÚC",
    body=("VĂN PHÒNG", "ỦY BAN NHÂN DÂN TỈNH"),
    number="Số:\u00a0\u00a0/BC\u2011VPUBND",
    place_date="Vĩnh Phúc, ngày\u00a0\u00a0tháng 4 năm 2020",
    kind="BÁO CÁO",
    subject=("Kết quả duy trì hoạt động", "(từ ngày 10/4/2020 đến ngày 16/4/2020)"),
    addressees=("- Tỉnh ủy;", "- Ban chỉ đạo tỉnh."),
    blocks=(
        Para("Mở đầu."),
        Heading("I. KẾT QUẢ", 1),
        Heading("1. Tiếp nhận", 2),
        Item("- Xã A: {{ 7*7 }} <b>&amp;</b> “nháy” ' \" {% endfor %}."),
        Para("Ặ Ậ Ộ Ợ ữ 1.068; 92,5%; Nghị định số 61/2018/NĐ\u2011CP."),
    ),
    closing="Trên đây là kết quả./.",
    recipients=("- Như trên;", "- Lưu: VT."),
    authority=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
    signer="Nguyễn Văn A",
    appendices=(
        _appendix("Phụ lục I", FIGURE_COLUMNS, rows=40),
        _appendix("Phụ lục II", ABSENCE_COLUMNS, rows=4),
    ),
)


def opened(drawn: bytes) -> Word:
    return Document(BytesIO(drawn))


def texts(container: BlockItemContainer | Word) -> Iterator[str]:
    """Yield the texts of a document or cell in reading order, a merged cell once."""
    for content in container.iter_inner_content():
        if not isinstance(content, Table):
            yield content.text
            continue
        seen = set()
        for cell in (cell for row in content.rows for cell in row.cells):
            start = cell.paragraphs[0].paragraph_format.element
            if start not in seen:
                seen.add(start)
                yield from texts(cell)


def letters(said: Iterator[str] | list[str]) -> str:
    """Return the texts without white space: layout may break lines, never change words."""
    return "".join(unicodedata.normalize("NFC", "".join(said)).split())


@pytest.mark.parametrize(
    "paper",
    [
        PAPER,
        replace(PAPER, parent="", signer="", addressees=("Tỉnh ủy.",)),
        replace(
            PAPER,
            appendices=(
                PAPER.appendices[0],
                replace(PAPER.appendices[1], table=Figures(ABSENCE_COLUMNS, ())),
            ),
        ),
    ],
    ids=["a full paper", "a committee's paper without a signer", "nobody absent"],
)
def test_the_word_file_says_exactly_what_the_paper_says(paper: Paper):
    drawn = opened(render_docx(paper))

    assert letters(texts(drawn)) == letters(printed(paper))


def test_the_page_is_that_of_decree_30():
    first, figures, absences = opened(render_docx(PAPER)).sections

    margins = (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    assert [round(margin.mm) for margin in margins] == [25, 20, 35, 20]
    assert figures.page_width > figures.page_height
    assert absences.page_width < absences.page_height
    assert all(s.different_first_page_header_footer for s in (first, figures, absences))


def test_each_appendix_counts_its_own_pages():
    body = opened(render_docx(PAPER)).element.body

    assert body.xpath(".//w:sectPr/w:pgNumType/@w:start") == ["1", "1", "1"]


def test_the_head_of_a_table_is_repeated_on_each_page():
    body = opened(render_docx(PAPER)).element.body

    # Three rows of headings and one of numbers; two and one.
    assert len(body.xpath(".//w:tr[w:trPr/w:tblHeader]")) == 4 + 3


def test_the_text_is_marked_as_vietnamese():
    styles = opened(render_docx(PAPER)).styles.element

    assert styles.xpath("w:docDefaults//w:lang/@w:val") == ["vi-VN"]


def test_the_file_carries_the_name_of_the_paper():
    properties = opened(render_docx(PAPER)).core_properties

    assert properties.identifier == "bao-cao-tuan-2020-W16"


def edited(tmp_path: Path, old: str, new: str | None) -> Path:
    """Return the weekly form with the first paragraph that holds `old` changed or removed."""
    form = Document(str(WEEKLY_FORM))
    found = next(p for p in form.paragraphs if old in p.text)
    if new is None:
        element = found.paragraph_format.element
        element.getparent().remove(element)
    else:
        found.runs[0].text = found.text.replace(old, new)
    path = tmp_path / "sua.docx"
    form.save(str(path))
    return path


def test_a_restyled_form_keeps_its_words(tmp_path: Path):
    form = edited(tmp_path, "{{ paper.kind }}", "{{ paper.kind }}")

    assert letters(texts(opened(render_docx(PAPER, form)))) == letters(printed(PAPER))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("paper.kind", "paper.knid", "knid"),
        ("{%p endfor %}", None, "endfor|endif|end of"),
        ("{{ paper.kind }}", "{{ paper.__class__.__mro__ }}", "unsafe"),
        ("{{ paper.kind }}", "{{ paper.kind }", "ngoặc"),
    ],
    ids=["a misspelt name", "a loop left open", "a way out of the sandbox", "a brace lost"],
)
def test_a_form_spoilt_by_an_edit_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str | None, says: str
):
    form = edited(tmp_path, old, new)

    with pytest.raises(FormFault, match=says):
        render_docx(PAPER, form)


def test_a_file_that_is_not_a_word_file_is_refused_by_name(tmp_path: Path):
    form = tmp_path / "mau.docx"
    form.write_text("không phải tệp Word", "utf-8")

    with pytest.raises(FormFault, match=r"mau\.docx"):
        render_docx(PAPER, form)


def test_a_child_process_draws_the_same_words():
    drawn = render(PAPER)

    assert letters(texts(opened(drawn))) == letters(printed(PAPER))


def test_a_fault_of_the_form_comes_back_from_the_child_process(tmp_path: Path):
    form = edited(tmp_path, "paper.kind", "paper.knid")

    with pytest.raises(FormFault, match="knid"):
        render(PAPER, form)


def never_done(paper: Paper, form_path: Path | None) -> bytes:
    time.sleep(60)
    return b""


def dies(paper: Paper, form_path: Path | None) -> bytes:
    os._exit(7)


def test_a_drawing_that_takes_too_long_is_ended():
    began = time.monotonic()

    with pytest.raises(RenderError, match="not drawn within 1 s"):
        render(PAPER, renderer=never_done, seconds=1)

    assert time.monotonic() - began < 30


def test_a_drawing_that_dies_does_not_take_the_bot_along():
    with pytest.raises(RenderError, match="ended with 7"):
        render(PAPER, renderer=dies)
