"""Makes the Word form of the weekly report: `python -m bot.documents.forms.make_form`.

Run once, when the form is designed anew. Afterwards the .docx itself is the form: the office edits
it in Word, and running this again would overwrite what it changed.

Every paragraph has a named style ("VB ..."), so that it is restyled without touching a tag. Sizes
and places: Nghị định 30/2020/NĐ-CP, Phụ lục I.
"""

from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from bot.core.paper import COPIES, COUNTRY, MOTTO, TO, Column, head_rows
from bot.core.weekly_tables import ABSENCE_COLUMNS, FIGURE_COLUMNS
from bot.documents.docx import WEEKLY_FORM

_FONT = "Times New Roman"
_LEFT, _CENTER = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
_RIGHT, _JUSTIFY = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY
_FIGURE_WIDTHS = (10, 48, *(16.5 for _ in range(10)), 24)
_ABSENCE_WIDTHS = (10, 60, 15, 35, 15, 20)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a paragraph style looks; sizes and spaces in points, indents in mm."""

    name: str
    size: float
    align: WD_ALIGN_PARAGRAPH
    bold: bool = False
    italic: bool = False
    before: float = 0
    after: float = 0
    left: float = 0
    first: float = 0
    right: float = 0
    keep: bool = False


_LOOKS = (
    _Look("VB Cơ quan chủ quản", 12, _CENTER),
    _Look("VB Cơ quan ban hành", 12, _CENTER, bold=True),
    _Look("VB Quốc hiệu", 12, _CENTER, bold=True),
    _Look("VB Tiêu ngữ", 13, _CENTER, bold=True),
    _Look("VB Kẻ cơ quan", 2, _CENTER, left=23, right=23, after=6),
    _Look("VB Kẻ tiêu ngữ", 2, _CENTER, left=18.5, right=18.5, after=6),
    _Look("VB Số", 13, _CENTER),
    _Look("VB Ngày", 13, _CENTER, italic=True),
    _Look("VB Tên loại", 14, _CENTER, bold=True, before=18),
    _Look("VB Trích yếu", 14, _CENTER, bold=True),
    _Look("VB Kẻ trích yếu", 2, _CENTER, left=60, right=60, before=2, after=12),
    _Look("VB Kính gửi", 14, _CENTER, after=12),
    _Look("VB Kính gửi nhiều nơi", 14, _LEFT, left=28, keep=True),
    _Look("VB Nơi kính gửi", 14, _LEFT, left=50, first=-3, after=3),
    _Look("VB Thân", 14, _JUSTIFY, first=10, before=3, after=3),
    _Look("VB Dòng", 14, _JUSTIFY, first=10, before=3, after=3),
    _Look("VB Kết", 14, _JUSTIFY, first=10, before=3, after=12, keep=True),
    _Look("VB Nơi nhận", 12, _LEFT, bold=True, italic=True),
    _Look("VB Dòng nơi nhận", 11, _LEFT),
    _Look("VB Quyền hạn", 14, _CENTER, bold=True, keep=True),
    _Look("VB Người ký", 14, _CENTER, bold=True, before=64),
    _Look("VB Ngắt", 1, _LEFT),
    _Look("VB Phụ lục", 14, _CENTER, bold=True),
    _Look("VB Kèm theo", 13, _CENTER, italic=True),
    _Look("VB Kỳ số liệu", 13, _CENTER, italic=True, after=6),
    _Look("VB Bảng đầu", 11, _CENTER, bold=True),
    _Look("VB Bảng số cột", 10, _CENTER, italic=True),
    _Look("VB Bảng thứ tự", 11, _CENTER),
    _Look("VB Bảng chữ", 11, _LEFT),
    _Look("VB Bảng số", 11, _RIGHT),
    _Look("VB Bảng chữ đậm", 11, _LEFT, bold=True, keep=True),
    _Look("VB Bảng số đậm", 11, _RIGHT, bold=True, keep=True),
    _Look("VB Ghi chú", 11, _JUSTIFY, before=2),
    _Look("VB Số trang", 13, _CENTER),
)
_RULES = ("VB Kẻ cơ quan", "VB Kẻ tiêu ngữ", "VB Kẻ trích yếu")


def make_form() -> Word:
    """Return the form with its tags."""
    form = Document()
    _language(form)
    _styles(form)
    _page(form)
    _letterhead(form)
    _title(form)
    _addressees(form)
    _body(form)
    _signature(form)
    _appendix(form, 0, FIGURE_COLUMNS, _FIGURE_WIDTHS, landscape=True)
    _appendix(form, 1, ABSENCE_COLUMNS, _ABSENCE_WIDTHS, landscape=False)
    _own_page_numbers(form)
    _whole_rows(form)
    _properties(form)
    return form


def _language(form: Word) -> None:
    """Say in the defaults that the text is Vietnamese, so that Word does not mark each word."""
    for lang in form.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), "vi-VN")


def _styles(form: Word) -> None:
    normal = form.styles["Normal"]
    _font(normal, 14)
    normal.paragraph_format.space_after = Pt(0)
    for look in _LOOKS:
        _style(form, look)
    # Real headings, so that Word's navigation pane shows the parts.
    for level in (1, 2):
        heading = _Look(f"Heading {level}", 14, _JUSTIFY, bold=True, before=6, after=3, first=10)
        _style(form, heading)
        form.styles[heading.name].paragraph_format.keep_with_next = True
    for name in _RULES:
        _rule(form.styles[name])
    _grid(form)


def _style(form: Word, look: _Look) -> None:
    known = look.name in {style.name for style in form.styles}
    style: Any = (
        form.styles[look.name]
        if known
        else form.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
    )
    style.base_style = form.styles["Normal"]
    style.quick_style = True
    _font(style, look.size)
    style.font.bold, style.font.italic = look.bold, look.italic
    laid = style.paragraph_format
    laid.alignment = look.align
    laid.space_before, laid.space_after = Pt(look.before), Pt(look.after)
    laid.left_indent, laid.right_indent = Mm(look.left), Mm(look.right)
    laid.first_line_indent = Mm(look.first)
    laid.line_spacing = 1.0
    laid.keep_with_next = look.keep


def _font(style: Any, size: float) -> None:
    style.font.name = _FONT
    style.font.size = Pt(size)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), _FONT)
    for color in style.element.rPr.findall(qn("w:color")):
        style.element.rPr.remove(color)


def _rule(style: Any) -> None:
    """Draw a line above the paragraph: the rule under a name, as long as the indents leave."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/>'
        "</w:pBdr>"
    )
    # Word refuses a file whose paragraph properties are out of the schema's order.
    style.element.pPr.insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def _grid(form: Word) -> None:
    """Add the style of the tables of figures: thin lines, narrow margins in the cells."""
    style: Any = form.styles.add_style("VB Bảng kẻ", WD_STYLE_TYPE.TABLE)
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = "".join(f'<w:{side} w:w="57" w:type="dxa"/>' for side in ("left", "right"))
    style.element.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders>{lines}</w:tblBorders>"
            f"<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
        )
    )
    bare: Any = form.styles.add_style("VB Bảng trơn", WD_STYLE_TYPE.TABLE)
    none = '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/>'
    bare.element.append(
        parse_xml(f"<w:tblPr {nsdecls('w')}><w:tblCellMar>{none}</w:tblCellMar></w:tblPr>")
    )


def _page(form: Word) -> None:
    section = form.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(25), Mm(20)
    section.left_margin, section.right_margin = Mm(35), Mm(20)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.style = "VB Số trang"
    for kind in ("begin", None, "end"):
        run = number.add_run()
        tag = f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'
        field = f"<w:instrText {nsdecls('w')}>PAGE</w:instrText>"
        run.element.append(parse_xml(tag if kind else field))


def _letterhead(form: Word) -> None:
    left, right, below_left, below_right = _bare(form, 2, 60, 95)
    _say(
        left, "VB Cơ quan chủ quản", "{%p if paper.parent %}", "{{ paper.parent }}", "{%p endif %}"
    )
    _each(left, "VB Cơ quan ban hành", "line in paper.body", "{{ line }}")
    _say(left, "VB Kẻ cơ quan", "")
    _say(right, "VB Quốc hiệu", COUNTRY)
    _say(right, "VB Tiêu ngữ", MOTTO)
    _say(right, "VB Kẻ tiêu ngữ", "")
    _say(below_left, "VB Số", "{{ paper.number }}")
    _say(below_right, "VB Ngày", "{{ paper.place_date }}")


def _title(form: Word) -> None:
    _say(form, "VB Tên loại", "{{ paper.kind }}")
    _each(form, "VB Trích yếu", "line in paper.subject", "{{ line }}")
    _say(form, "VB Kẻ trích yếu", "")


def _addressees(form: Word) -> None:
    """Print a single addressee on the line of the greeting, several below it (NĐ 30, II.9)."""
    _say(form, "VB Kính gửi", "{%p if paper.addressees|length == 1 %}")
    _say(form, "VB Kính gửi", f"{TO} {{{{ paper.addressees[0] }}}}")
    _say(form, "VB Kính gửi", "{%p else %}")
    _say(form, "VB Kính gửi nhiều nơi", TO)
    _each(form, "VB Nơi kính gửi", "line in paper.addressees", "{{ line }}")
    _say(form, "VB Kính gửi", "{%p endif %}")


def _body(form: Word) -> None:
    _say(form, "VB Thân", "{%p for block in paper.blocks %}")
    for condition, style in (
        ("if block.kind == 'heading' and block.level == 1", "Heading 1"),
        ("elif block.kind == 'heading'", "Heading 2"),
        ("elif block.kind == 'item'", "VB Dòng"),
        ("else", "VB Thân"),
    ):
        _say(form, style, f"{{%p {condition} %}}", "{{ block.text }}")
    _say(form, "VB Thân", "{%p endif %}", "{%p endfor %}")
    _say(form, "VB Kết", "{{ paper.closing }}")


def _signature(form: Word) -> None:
    left, right = _bare(form, 1, 75, 80)
    _say(left, "VB Nơi nhận", COPIES)
    _each(left, "VB Dòng nơi nhận", "line in paper.recipients", "{{ line }}")
    _each(right, "VB Quyền hạn", "line in paper.authority", "{{ line }}")
    _say(right, "VB Người ký", "{{ paper.signer }}")


def _appendix(
    form: Word,
    at: int,
    columns: tuple[Column, ...],
    widths: tuple[float, ...],
    *,
    landscape: bool,
) -> None:
    _section(form, landscape=landscape)
    _say(form, "VB Phụ lục", f"{{%p set appendix = paper.appendices[{at}] %}}")
    for style, field in (
        ("VB Phụ lục", "label"),
        ("VB Phụ lục", "title"),
        ("VB Kèm theo", "reference"),
        ("VB Kỳ số liệu", "period"),
    ):
        _say(form, style, f"{{{{ appendix.{field} }}}}")
    _say(form, "VB Bảng chữ", "{%p if appendix.table.rows %}")
    _table(form, columns, widths)
    _say(form, "VB Bảng chữ", "{%p endif %}")
    _each(form, "VB Ghi chú", "note in appendix.notes", "{{ note }}")


def _section(form: Word, *, landscape: bool) -> None:
    section = form.add_section(WD_SECTION.NEW_PAGE)
    # Word keeps the section before in a paragraph of its own; small, lest it opens a page.
    form.paragraphs[-1].style = "VB Ngắt"
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    sizes = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.page_width, section.page_height = sizes
    section.top_margin, section.bottom_margin = (Mm(20) if landscape else Mm(25)), Mm(20)
    section.left_margin, section.right_margin = (Mm(30) if landscape else Mm(35)), Mm(20)


def _table(form: Word, columns: tuple[Column, ...], widths: tuple[float, ...]) -> None:
    """Draw the head with its merged cells, the column numbers, and the rows, plain and strong."""
    head = head_rows(columns)
    table = form.add_table(len(head) + 8, len(columns), style="VB Bảng kẻ")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    # Before merging, which adds up the widths of the merged cells.
    _widths(table, [Mm(width) for width in widths])
    rows = iter([row.cells for row in table.rows])
    for level, cells in enumerate(head):
        for at, across, down in cells:
            cell = table.cell(level, at).merge(table.cell(level + down - 1, at + across - 1))
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _say(cell, "VB Bảng đầu", f"{{{{ appendix.table.columns[{at}].titles[{level}] }}}}")
        next(rows)
    for n, cell in enumerate(next(rows)):
        _say(cell, "VB Bảng số cột", f"{{{{ appendix.table.columns[{n}].number }}}}")
    _control(next(rows), "for row in appendix.table.rows")
    _control(next(rows), "if row.strong")
    _cells(next(rows), columns, ("VB Bảng số đậm", "VB Bảng chữ đậm"))
    _control(next(rows), "else")
    plain = next(rows)
    _cells(plain, columns, ("VB Bảng số", "VB Bảng chữ"))
    plain[0].paragraphs[0].style = "VB Bảng thứ tự"
    _control(next(rows), "endif")
    _control(next(rows), "endfor")


def _control(cells: tuple[_Cell, ...], tag: str) -> None:
    _say(cells[0], "VB Bảng chữ", f"{{%tr {tag} %}}")


def _cells(cells: tuple[_Cell, ...], columns: tuple[Column, ...], styles: tuple[str, str]) -> None:
    """Fill a row of tags; the styles are those of figures and of words."""
    figures, words = styles
    for n, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        _say(cell, figures if column.figures else words, f"{{{{ row.cells[{n}] }}}}")
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _bare(form: Word, rows: int, left: float, right: float) -> list[_Cell]:
    """Return the cells of a table of two columns without lines, row by row; widths in mm."""
    table = form.add_table(rows, 2, style="VB Bảng trơn")
    _widths(table, [Mm(left), Mm(right)])
    return [cell for row in table.rows for cell in row.cells]


def _widths(table: Table, widths: list[Length]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _say(place: Word | _Cell, style: str, *texts: str) -> None:
    """Add a paragraph for each text; the empty one that each new cell holds is used first."""
    for said in texts:
        _next_paragraph(place, style).add_run(said)


def _next_paragraph(place: Word | _Cell, style: str) -> Paragraph:
    if isinstance(place, _Cell) and not place.paragraphs[0].runs:
        unused: Paragraph = place.paragraphs[0]
        unused.style = style
        return unused
    return place.add_paragraph(style=style)


def _each(place: Word | _Cell, style: str, loop: str, said: str) -> None:
    _say(place, style, f"{{%p for {loop} %}}", said, "{%p endfor %}")


def _own_page_numbers(form: Word) -> None:
    """Let each appendix start at page 1 (NĐ 30, III.1.đ)."""
    body: Any = form.element.body
    for section in body.iter(qn("w:sectPr")):
        numbers = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
        section.insert_element_before(numbers, "w:cols", "w:titlePg", "w:docGrid")


def _whole_rows(form: Word) -> None:
    """Keep every row on one page, and repeat the heads of tables on each."""
    body: Any = form.element.body
    for row in body.iter(qn("w:tr")):
        marks = row.get_or_add_trPr()
        marks.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        if "appendix.table.columns" in "".join(row.itertext()):
            marks.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))


def _properties(form: Word) -> None:
    form.core_properties.author = ""
    form.core_properties.comments = ""
    form.core_properties.language = "vi-VN"
    form.core_properties.identifier = "{{ paper.id }}"


if __name__ == "__main__":
    make_form().save(str(WEEKLY_FORM))
