"""The weekly written report, from a week's snapshots to a paper ready to be printed.

Source: the letters of UBND tỉnh Vĩnh Phúc, 2020, /UBND-KSTT2: "V/v đảm bảo giải quyết thủ tục hành
chính thời kỳ phòng, chống dịch COVID-19" (L1; item 3 orders the report) and "V/v tập trung ứng dụng
CNTT..." (L0). No form is prescribed for it: the parts follow Thông tư 01/2018/TT-VPCP Điều 11
and Nghị định 63/2010/NĐ-CP Điều 35, the layout Nghị định 30/2020/NĐ-CP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.core import text
from bot.core.form import Form
from bot.core.paper import Appendix, Block, Heading, Item, Paper, Para, guarded
from bot.core.rollup import DaySnapshot
from bot.core.weekly_record import WeekRecord, gather
from bot.core.weekly_results import (
    difficulties,
    overdue,
    results,
    urgent_unresolved,
    without_notice,
)
from bot.core.weekly_tables import absence_table, figures_notes, figures_table

_SUBJECT = (
    "Kết quả duy trì hoạt động, giải quyết thủ tục hành chính",
    "tại Bộ phận Một cửa trong thời kỳ phòng, chống dịch COVID-19",
)
# The clerk writes number and day by hand: blanks that neither break nor stretch.
_NUMBER_BLANK, _DAY_BLANK = "\u00a0" * 8, "\u00a0" * 6
_STANDING_DUTIES = (
    (  # L1.2
        "Duy trì hoạt động của Trung tâm Phục vụ Hành chính công, Bộ phận Một cửa các cấp theo "
        "hướng giảm tối đa tiếp xúc trực tiếp; bố trí nhân sự trực hợp lý để giải quyết 100% TTHC "
        "cấp thiết"
    ),
    (  # L1.1
        "Phân công cán bộ, công chức, viên chức trực, tiếp nhận hồ sơ dịch vụ công trực tuyến mức "
        "độ 3, mức độ 4"
    ),
    (  # L1.2
        "Tăng cường giao dịch TTHC qua mạng, tiếp nhận hồ sơ qua đường bưu điện; thông báo rộng "
        "rãi để tổ chức, cá nhân biết"
    ),
    (  # L0.3
        "Đẩy mạnh thanh toán trực tuyến phí, lệ phí và các nghĩa vụ tài chính khác trong giải "
        "quyết TTHC"
    ),
    # L0.4
    "Bảo đảm các điều kiện cần thiết cho việc phòng, chống lây nhiễm tại Bộ phận Một cửa",
    (  # L1.3, L1.4
        "Tiếp tục kiểm tra, đôn đốc các đơn vị; duy trì chế độ báo cáo hàng ngày và báo cáo bằng "
        "văn bản trước 16 giờ thứ Sáu hàng tuần"
    ),
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who reports to whom, as an office signs.

    Attributes:
        parent: the body above, in capitals; "" for a People's Committee, which has none.
        body: the issuing body in capitals, line by line.
        body_in_text: the same as written in a sentence.
        suffix: what follows the number: "BC-VPUBND".
        addressees, recipients: without hyphens and end marks.
        authority: lines above the signature: "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG".
        signer: "" when it is not known who will sign.
        bases: the documents carried out, as cited for the first time.
    """

    parent: str
    body: tuple[str, ...]
    body_in_text: str
    suffix: str
    place: str
    addressees: tuple[str, ...]
    authority: tuple[str, ...]
    signer: str
    recipients: tuple[str, ...]
    bases: tuple[str, ...]


def build(
    form: Form,
    days: Sequence[DaySnapshot],
    previous: Sequence[DaySnapshot],
    letterhead: Letterhead,
    *,
    week: str,
    first: date,
    last: date,
    issue: date,
) -> Paper:
    """Return the weekly report as a draft: number, day of issue and signature are left blank.

    Args:
        days: the week's reporting days, oldest first.
        previous: those of the week before, for the dossiers carried over; may be empty.
        week: names the week by its day of issue: "2020-W16".
        first, last: the period reported on.
        issue: the day on which the paper is due; only its month and year are printed.

    Raises:
        ValueError: the week has no reporting day.
    """
    record = gather(form, days, previous)
    period = f"từ ngày {text.day_full(first)} đến ngày {text.day_full(last)}"
    on = f"ngày{_DAY_BLANK}{text.day_official(issue)[len('ngày 01') :]}"
    blocks = [
        _opening(letterhead, period),
        Heading("I. KẾT QUẢ THỰC HIỆN", 1),
        *results(record),
        Heading("II. KHÓ KHĂN, VƯỚNG MẮC", 1),
        *difficulties(record),
        Heading("III. KIẾN NGHỊ, ĐỀ XUẤT", 1),
        *_proposals(record, letterhead),
        Heading("IV. NHIỆM VỤ TRỌNG TÂM TUẦN TỚI", 1),
        *map(Item, _listed(_STANDING_DUTIES)),
    ]
    return guarded(
        Paper(
            id=f"bao-cao-tuan-{week}",
            parent=letterhead.parent,
            body=letterhead.body,
            number=f"Số:{_NUMBER_BLANK}/{letterhead.suffix}",
            place_date=f"{letterhead.place}, {on}",
            kind="BÁO CÁO",
            subject=(*_SUBJECT, f"({period})"),
            addressees=_addressed(letterhead.addressees),
            blocks=tuple(blocks),
            closing=f"Trên đây là kết quả thực hiện {period}, {letterhead.body_in_text} trân trọng "
            "báo cáo./.",
            recipients=_listed(letterhead.recipients),
            authority=letterhead.authority,
            signer=letterhead.signer,
            appendices=_appendices(record, letterhead, period, on),
        )
    )


def _opening(letterhead: Letterhead, period: str) -> Para:
    says = (
        "báo cáo kết quả duy trì hoạt động, giải quyết thủ tục hành chính (TTHC) tại Bộ phận Một "
        f"cửa {period} như sau:"
    )
    bases = f"Thực hiện {'; '.join(letterhead.bases)}, " if letterhead.bases else ""
    return Para(f"{bases}{letterhead.body_in_text} {says}")


def _proposals(record: WeekRecord, letterhead: Letterhead) -> list[Block]:
    """Return only what follows from the week's figures; anything else is the drafter's to add."""
    asked: list[str] = []
    if absent := sum(bool(w.missed) for w in record.weeks):
        asked.append(
            f"{text.number(absent)} đơn vị không gửi đủ báo cáo (mục I.1, Phụ lục II) thực hiện "
            "nghiêm chế độ báo cáo ngày"
        )
    if behind := [n for w in record.weeks if (n := overdue(w))]:
        asked.append(
            f"{text.number(len(behind))} đơn vị có hồ sơ quá hạn (mục I.4) tập trung giải quyết "
            f"{text.number(sum(behind))} hồ sơ, xin lỗi và hẹn lại ngày trả kết quả theo Điều 19 "
            "Nghị định số 61/2018/NĐ-CP"
        )
    if urgent := sum(map(urgent_unresolved, record.weeks)):
        asked.append(
            f"{text.number(urgent)} đơn vị chưa giải quyết hết TTHC cấp thiết (mục I.5) bảo đảm "
            "đạt 100%"
        )
    if silent := sum(map(without_notice, record.weeks)):
        asked.append(
            f"{text.number(silent)} đơn vị chưa niêm yết (mục I.2) thông báo rộng rãi để tổ chức, "
            "cá nhân biết"
        )
    if not asked:
        return [Para(f"({letterhead.body_in_text} bổ sung)")]
    *others, last = letterhead.addressees
    above = f"{'; '.join(others)} và {last}" if others else last
    return [Para(f"Đề nghị {above} quan tâm, chỉ đạo:"), *map(Item, _listed(asked))]


def _appendices(
    record: WeekRecord, letterhead: Letterhead, period: str, on: str
) -> tuple[Appendix, ...]:
    reference = (
        f"(Kèm theo Báo cáo số{_NUMBER_BLANK}/{letterhead.suffix} {on} của "
        f"{letterhead.body_in_text})"
    )
    absences = absence_table(record)
    nobody_absent = (
        "Trong kỳ, tất cả các đơn vị gửi báo cáo đầy đủ, đúng thời hạn."
        if record.totals.expected
        else "Trong kỳ không có đơn vị phải gửi báo cáo."
    )
    return (
        Appendix(
            "Phụ lục I",
            "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH THEO ĐƠN VỊ",
            reference,
            f"(Số liệu {period}; đơn vị tính: hồ sơ)",
            figures_table(record),
            figures_notes(record),
        ),
        Appendix(
            "Phụ lục II",
            "ĐƠN VỊ KHÔNG GỬI ĐỦ BÁO CÁO NGÀY HOẶC GỬI CHẬM",
            reference,
            f"(Số liệu {period})",
            absences,
            () if absences.rows else (nobody_absent,),
        ),
    )


def _addressed(addressees: Sequence[str]) -> tuple[str, ...]:
    return (f"{addressees[0]}.",) if len(addressees) == 1 else _listed(addressees)


def _listed(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a list as a paper prints them: "- a;", "- b."."""
    ends = [*(";" for _ in lines[1:]), "."]
    return tuple(f"- {line}{end}" for line, end in zip(lines, ends, strict=False))
