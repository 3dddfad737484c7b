"""The directory of units: refused whole when a line is wrong, found by the names people use."""

from pathlib import Path

import pytest

from bot.core.directory import Directory, Problem, UnitRow, decode, find_units, read_directory
from bot.core.rollup import Counts

EXAMPLE = Path(__file__).parents[2] / "bot/examples/vinh-phuc-2020-units.csv"

HEADER = "unit_code,name,level,parent_code,gso_code,aliases,reports,counts,counted_in"
PROVINCE = "VP,Tỉnh Vĩnh Phúc,province,,26,Vĩnh Phúc|UBND tỉnh,no,aggregate,"
CENTRE = "VP-TTHCC,Trung tâm Phục vụ Hành chính công tỉnh,province,VP,,TTHCC,yes,own,"
JUSTICE = "VP-STP,Sở Tư pháp,province,VP,,STP,yes,inside,VP-TTHCC"


def csv(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def example() -> tuple[UnitRow, ...]:
    text = decode(EXAMPLE.read_bytes())
    assert isinstance(text, str)
    directory = read_directory(text)
    assert isinstance(directory, Directory)
    return directory.units


def test_a_sound_file_gives_its_units_in_order():
    directory = read_directory(csv(PROVINCE, CENTRE, JUSTICE))

    assert isinstance(directory, Directory)
    assert [u.code for u in directory.units] == ["VP", "VP-TTHCC", "VP-STP"]
    assert directory.units[2] == UnitRow(
        code="VP-STP",
        name="Sở Tư pháp",
        level="province",
        parent="VP",
        gso_code="",
        aliases=("STP",),
        reports=True,
        counts=Counts.INSIDE,
        counted_in="VP-TTHCC",
    )


def test_the_order_of_lines_and_columns_does_not_matter():
    header = "name,unit_code,level,parent_code,gso_code,aliases,counts,counted_in,reports"
    lines = ["Phường Tích Sơn,TS,commune,VY,08707,,own,,yes", "Vĩnh Yên,VY,district,,243,,own,,yes"]

    directory = read_directory("\n".join((header, *lines)))

    assert isinstance(directory, Directory)
    assert [(u.code, u.parent) for u in directory.units] == [("TS", "VY"), ("VY", None)]


def test_a_file_saved_by_vietnamese_excel_is_read_the_same():
    plain = csv(PROVINCE, CENTRE, JUSTICE)
    excel = "\ufeff" + plain.replace(",", ";").replace("\n", "\r\n") + ";;;;;;;;\r\n"

    text = decode(excel.encode())

    assert isinstance(text, str)
    assert read_directory(text) == read_directory(plain)


def test_names_typed_in_decomposed_unicode_are_composed():
    decomposed = csv(PROVINCE.replace("ỉ", "i\u0309"))

    assert read_directory(decomposed) == read_directory(csv(PROVINCE))


def test_bytes_that_are_not_utf8_are_refused_with_their_line():
    data = csv(PROVINCE).encode() + "VP-STP,Sở Tư pháp".encode("utf-16")

    problem = decode(data)

    assert isinstance(problem, Problem)
    assert str(problem) == (
        'Dòng 3: có ký tự không phải mã UTF-8. Trong Excel, hãy lưu tệp kiểu "CSV UTF-8".'
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "",
            [f"Dòng 1: thiếu cột {HEADER.replace(',', ', ')}."],
        ),
        (HEADER, ["Dòng 1: dưới dòng tiêu đề chưa có đơn vị nào."]),
        (
            HEADER.replace("level", "cấp"),
            ["Dòng 1: thiếu cột level.", 'Dòng 1: có cột không dùng đến: "cấp".'],
        ),
        (HEADER + ",name", ["Dòng 1: lặp cột name."]),
        (
            csv(PROVINCE, "VP-SNV,Sở Nội vụ", JUSTICE + ",x"),
            ["Dòng 3: có 2 ô, cần đúng 9 ô.", "Dòng 4: có 10 ô, cần đúng 9 ô."],
        ),
        (
            csv(PROVINCE, 'VP-SNV,"Sở Nội vụ,province,VP,,,yes,own,'),
            ["Dòng 3: không đúng dạng CSV, có thể do dấu ngoặc kép chưa đóng."],
        ),
    ],
)
def test_a_table_of_the_wrong_shape_is_refused(text: str, problems: list[str]):
    found = read_directory(text)

    assert isinstance(found, list)
    assert list(map(str, found)) == problems


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (CENTRE, "mã VP-TTHCC đã dùng ở dòng 3."),
        (
            ",Sở A,province,VP,,,yes,own,",
            'mã đơn vị "" chỉ được gồm chữ không dấu, số và gạch nối.',
        ),
        (
            "SỞ A,Sở A,province,VP,,,yes,own,",
            'mã đơn vị "SỞ A" chỉ được gồm chữ không dấu, số và gạch nối.',
        ),
        ("A,,province,VP,,,yes,own,", "thiếu tên đơn vị."),
        (
            "A,Sở A,sở,VP,,,yes,own,",
            'cột level ghi "sở", cần một trong: province, district, commune.',
        ),
        ("A,Sở A,province,VP,,,có,own,", 'cột reports ghi "có", cần một trong: yes, no.'),
        (
            "A,Sở A,province,VP,,,yes,,",
            'cột counts ghi "", cần một trong: own, inside, aggregate.',
        ),
        ("A,Sở A,province,B,,,yes,own,", "không có đơn vị cấp trên mang mã B."),
        ("A,Sở A,province,,,,yes,own,", "thiếu đơn vị cấp trên; chỉ dòng 2 được để trống."),
        ("A,Sở A,province,A,,,yes,own,", "đơn vị cấp trên đi vòng: A → A."),
        (
            "A,Sở A,province,VP,,,yes,inside,",
            "counts là inside thì cột counted_in phải có mã đơn vị.",
        ),
        (
            "A,Sở A,province,VP,,,yes,own,VP-TTHCC",
            "chỉ ghi cột counted_in khi counts là inside.",
        ),
        (
            "A,Sở A,province,VP,,,yes,inside,B",
            "cột counted_in: không có đơn vị mang mã B.",
        ),
        (
            "A,Sở A,province,VP,,,yes,inside,VP-STP",
            "cột counted_in: counts của VP-STP phải là own.",
        ),
        (
            "A,Sở A,province,VP,,,yes,inside,A",
            "cột counted_in: counts của A phải là own.",
        ),
    ],
)
def test_a_wrong_line_refuses_the_whole_file(line: str, says: str):
    found = read_directory(csv(PROVINCE, CENTRE, JUSTICE, line))

    assert found == [Problem(5, says)]


def test_a_directory_without_a_top_goes_in_a_circle():
    found = read_directory(csv(PROVINCE.replace(",,26", ",VP-TTHCC,26"), CENTRE))

    assert found == [Problem(2, "đơn vị cấp trên đi vòng: VP → VP-TTHCC → VP.")]


def test_figures_may_not_lie_inside_a_unit_that_never_reports():
    found = read_directory(csv(PROVINCE, CENTRE.replace("yes", "no"), JUSTICE))

    assert found == [Problem(4, "cột counted_in: VP-TTHCC không phải đơn vị báo cáo.")]


def test_all_wrong_lines_are_told_at_once_in_their_order():
    found = read_directory(csv(PROVINCE, "A,,province,B,,,yes,own,", "A,Sở A,x,VP,,,yes,own,"))

    assert isinstance(found, list)
    assert [p.line for p in found] == [3, 3, 4, 4]


def test_lines_are_counted_over_cells_with_line_breaks():
    found = read_directory(csv(PROVINCE, 'VP-A,"Sở\nA",province,VP,,,yes,own,', "", "B"))

    assert found == [Problem(6, "có 1 ô, cần đúng 9 ô.")]


def test_a_circle_of_three_is_told_once():
    found = read_directory(
        csv(
            PROVINCE,
            "A,Huyện A,district,C,,,yes,own,",
            "B,Huyện B,district,A,,,yes,own,",
            "C,Huyện C,district,B,,,yes,own,",
            "D,Huyện D,district,C,,,yes,own,",
        )
    )

    assert found == [Problem(3, "đơn vị cấp trên đi vòng: A → C → B → A.")]


def test_the_example_directory_is_sound_and_complete():
    units = example()

    levels = [u.level for u in units]
    assert [levels.count(x) for x in ("province", "district", "commune")] == [25, 9, 136]
    assert [u.code for u in units if not u.reports] == ["VP"]
    assert [u.code for u in units if u.reports and u.counts is Counts.AGGREGATE] == ["VP-VPUB"]
    inside = [(u.code, u.counted_in) for u in units if u.counts is Counts.INSIDE]
    assert inside == [("VP-STP", "VP-TTHCC")]


def test_every_unit_of_the_example_is_found_by_each_of_its_names():
    units = example()

    mistaken = [
        name
        for unit in units
        for name in (unit.code, unit.name, *unit.aliases)
        if find_units(units, name) != [unit]
    ]

    assert mistaken == []


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("sở tư pháp", ["VP-STP"]),
        ("Xã Xuân Hòa, Huyện Lập Thạch", ["VP-LT-XH09"]),
        ("xuân hoà, phúc yên", ["VP-PY-XH05"]),
        ("xuân hoà, vĩnh yên", []),
        ("So Tu phap", ["VP-STP"]),
        ("vp-stp", ["VP-STP"]),
        ("Sở KHĐT", ["VP-SKHDT"]),
        ("so kh&dt", ["VP-SKHDT"]),
        ("TP.Vĩnh Yên", ["VP-VY"]),
        ("Sở Tư pha\u0301p", ["VP-STP"]),
        ("xã lũng hòa", ["VP-VT-LH11"]),
        ("xã lũng hoà", ["VP-VT-LH11"]),
        ("Như Thuỵ", ["VP-SL-NT12"]),
        ("Phú Thịnh", ["VP-VT-TP16"]),
        ("Lập Thạch", ["VP-LT"]),
        ("tam dao", ["VP-TDA"]),
        ("Yên Lạc", ["VP-YL"]),
        ("vĩnh tường", ["VP-VT"]),
        ("thị trấn Lập Thạch", ["VP-LT-LT01"]),
        ("Xuân Hòa", ["VP-PY-XH05", "VP-LT-XH09"]),
        ("xuân hoà", ["VP-PY-XH05", "VP-LT-XH09"]),
        ("xã Xuân Hoà", ["VP-LT-XH09"]),
        ("hoà", []),
        ("Trà Vinh", []),
        ("|", []),
        ("", []),
        ("\u202e\u200b😀", []),
    ],
)
def test_a_unit_is_found_by_what_people_call_it(words: str, codes: list[str]):
    assert [u.code for u in find_units(example(), words)] == codes
