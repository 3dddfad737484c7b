"""What words of a Vietnamese office mean in a report, whatever its form: folded, by their sort.

Source: vn-formats.md §8 of the project's references; messages of officials.
"""

from collections.abc import Mapping
from enum import StrEnum


class Sort(StrEnum):
    """What a word, or a group of words, is in a message."""

    TERM = "term"  # speaks of figures of the form
    LABEL = "label"  # names a field that is no figure
    OPTION = "option"  # one answer of a choice
    NUMBER = "number"  # one whole number, or several parted by a slash
    BAD = "bad"  # a number that cannot be read for certain
    PERCENT = "percent"
    NONE = "none"  # "không có": nothing of what stands beside it
    DAY = "day"  # a date
    OTHER_NUMBER = "other number"  # an hour, a telephone, a document, a sum of money
    TOTAL = "total"  # "tổng số"
    INSIDE = "inside"  # "trong đó": what follows is part of what precedes
    OF = "of"  # "trên", "/": parts a pair
    RECTIFY = "rectify"  # "nhầm": what follows replaces what was said
    ASTRAY = "astray"  # "ghi ngược", "mới đúng": figures said before are wrong, which is not said
    RATHER = "rather"  # "chứ không phải": what follows is the figure that was wrong
    BECOMES = "becomes"  # "thành", "→"
    RESPECTIVELY = "respectively"
    ALL = "all"  # "tất cả", "đều"
    ELSEWHEN = "elsewhen"  # "hôm qua", "lũy kế": figures that are not the day's
    TODAY = "today"
    REASON = "reason"  # "do", "vì": why what was said is so
    ABOUT = "about"  # "khoảng": the figure is no exact one
    TROUBLE = "trouble"  # a word of a difficulty
    ALARM = "alarm"  # a sign before a difficulty: "❗"
    DURATION = "duration"  # "buổi", "ngày", "%": what is counted is no figure of a form
    NTH = "nth"  # "tháng", "lần": the number behind it only names
    PLACE = "place"  # a name of an office follows
    FILLER = "filler"  # changes nothing
    UNKNOWN = "unknown"
    COLON = "colon"
    OPENS = "opens"  # "("
    CLOSES = "closes"  # ")"
    COMMA = "comma"  # parts clauses
    STOP = "stop"  # parts sentences
    SEMICOLON = "semicolon"
    CELL = "cell"  # parts cells of a table
    SLASH = "slash"


_WORDS = {
    Sort.NONE: (
        "không ai, không có ai, chưa ai, chưa có ai, không, ko, k, hok, hok co, ko co, k co, "
        "hk, hk có, hong có, hổng có, hông có, hong bộ nào, hổng bộ nào, "
        "không phát sinh, ko phát sinh, k phát sinh, chưa có, chưa phát sinh, không có phát "
        "sinh, ko có phát sinh, k có phát sinh, không còn, ko còn, k còn, chưa hồ sơ nào, chưa "
        "hs nào, chưa có hồ sơ nào, chưa có hs nào, không hồ sơ nào, ko hs nào, ko hồ sơ nào, "
        "chưa thấy, không thấy, không có hồ sơ nào"
    ),
    Sort.TOTAL: ("tổng, tổng số, tổng cộng, tổng là, tất cả là, cộng, ts"),
    Sort.INSIDE: ("trong đó, trong đó có, gồm, bao gồm, cụ thể, gồm có, cụ thể là"),
    Sort.OF: ("trên, trên tổng, trên tổng số, trong tổng số, trong số, trong tổng"),
    Sort.RECTIFY: (
        "quên, à quên, gửi lại, gửi lại cho đúng, báo lại cho đúng, cho đúng, nhầm, em nhầm, "
        "bị nhầm, "
        "đính chính, xin đính chính, sửa, sửa lại, xin sửa, xin sửa lại, cho em sửa, cho em sửa "
        "lại, ghi nhầm, viết nhầm, nhập nhầm, báo nhầm, gõ nhầm, gõ lộn, ghi lộn, viết lộn, báo "
        "lộn, nhập lộn, gõ sai, nhập sai, viết sai, cho em đính chính, chỉnh lại, điều chỉnh "
        "lại, báo lại, em báo lại, à không, nói lại, sai rồi, ghi sai, báo sai"
    ),
    Sort.ASTRAY: (
        "mới đúng, mới là đúng, mới chính xác, ngược, ghi ngược, viết ngược, báo ngược, nhập "
        "ngược, bị ngược, đổi chỗ, đổi chỗ cho nhau, hoán đổi, đảo lại, đảo ngược, bị đảo"
    ),
    Sort.RATHER: (
        "chứ không phải, không phải là, không phải, chứ ko phải, ko phải, k phải, thay vì, chứ "
        "k phải, chứ không phải là"
    ),
    Sort.BECOMES: ("thành, sang, đổi thành, sửa thành"),
    Sort.RESPECTIVELY: ("lần lượt, lần lượt là, theo thứ tự, theo thứ tự là"),
    Sort.ALL: ("tất cả, toàn bộ, đều, tất cả đều, toàn bộ đều, hết thảy, tất cả là"),
    Sort.ELSEWHEN: (
        "các ngày, những ngày, "
        "hôm qua, hôm kia, hôm trước, ngày hôm qua, ngày trước, ngày trước đó, ngày mai, mai, "
        "hôm sau, lũy kế, luỹ kế, cộng dồn, từ đầu tháng, từ đầu tuần, từ đầu năm, từ đầu mùa "
        "dịch, đầu kỳ, kỳ trước, kỳ trước chuyển sang, chuyển sang, mang sang, tuần trước, tuần "
        "này, trong tuần, tháng trước, tháng này, trong tháng, cùng kỳ, so với, dự kiến, kế "
        "hoạch, chỉ tiêu, ước, ước tính, tăng, giảm, tăng thêm, giảm đi, bình quân, trung bình, "
        "buổi sáng, buổi chiều, sáng, chiều, sáng nay, chiều nay, sáng mai, tối, cả tuần, tồn "
        "đầu ngày, tồn "
        "đầu kỳ, tồn kỳ trước, tồn cũ, tồn hôm trước, tồn hôm qua, tồn từ hôm qua, tồn ngày "
        "trước, năm ngoái, năm trước, quý trước, lúc trước, trước đây, trước đó"
    ),
    Sort.TODAY: (
        "hôm nay, hnay, bữa nay, "
        "ngày hôm nay, trong ngày, ngày, trong ngày hôm nay, nay, tính đến nay, hiện "
        "tại, hiện nay, hiện, đến nay, đến hiện tại, tính đến hiện tại, tới nay, cho đến nay"
    ),
    Sort.REASON: ("do, vì, bởi, bởi vì, vì lý do, do là"),
    # Beside a figure they are words of the form.
    Sort.UNKNOWN: ("mạng, sớm"),
    Sort.ABOUT: (
        "khoảng, chừng, gần, hơn, trên dưới, ngót, non, ít nhất, tối đa, tối thiểu, khoảng độ, "
        "vài, nửa, mỗi, từng, hoặc, hay, dưới, xấp xỉ, bớt, lĩnh vực, riêng lĩnh vực"
    ),
    Sort.TROUBLE: (
        "hỏng, bị hỏng, lỗi, bị lỗi, chậm, bị chậm, thiếu, mất điện, mất mạng, nghẽn, treo, bị "
        "treo, sập, quá tải, sự cố, gặp sự cố, không đăng nhập được, ko đăng nhập được, chưa có "
        "tài khoản, chưa quen, khó, không vào được, ko vào được, k vào được, trục trặc, chập "
        "chờn, yếu, kém, gián đoạn, không ổn định, phàn nàn, bức xúc, ách tắc, không truy cập "
        "được, mất kết nối, không có mạng, ko có mạng, không kết nối được, bất cập, lúng túng, "
        "e ngại, ngại, quá đông, ùn tắc, vướng, chưa đồng bộ, chưa được cấp, chưa cấp, hết mực, "
        "hết giấy, không in được, không scan được, chưa biết, không biết, không hoạt động, đứt "
        "cáp"
    ),
    Sort.DURATION: (
        "buổi, ngày, tháng, tuần, giờ, phút, tiếng, giây, đồng, triệu, tỷ, nghìn đồng, triệu "
        "đồng, vnđ, vnd, ca, máy, cái, chiếc, quầy, bàn, phòng, tầng, m, km, mét, độ c, chai, "
        "lít, hộp, thôn, xóm, tổ, lần, điểm, cửa, hộ, hộ dân, văn bản, công văn, bài, tờ, tin, "
        "loa, bảng, điện thoại"
    ),
    Sort.NTH: (
        "tháng, lần, ca, đợt, tổ, khu, phòng, tầng, quý, tuần, năm, số, quầy số, mẫu, mẫu số, "
        "thứ, điều, khoản, chỉ thị, nghị quyết, quyết định, công văn, cv, nghị định, kế hoạch "
        "số, văn bản, thông báo, kh, qđ, nđ, ct, nq, tb, đt, sđt, điện thoại, hotline, zalo, "
        "liên hệ, lh, covid, ncov, cúm a, h1n1, công điện, mục, phụ lục, thôn, ngõ, đường"
    ),
    Sort.PLACE: (
        "xã, phường, thị trấn, huyện, thành phố, tp, tx, thị xã, tỉnh, ubnd, ubnd tỉnh, ubnd "
        "huyện, ubnd xã, ubnd phường, ubnd tt, ubnd tp, vp, văn phòng, vp ubnd, văn phòng ubnd, "
        "sở, trung tâm, trung tâm hành chính công, trung tâm phục vụ hành chính công, ttpvhcc, "
        "tthcc, hcc, pvhcc, ban, ban quản lý, chi cục, cục, phòng, đơn vị, bộ phận, bộ phận một "
        "cửa, bộ phận 1 cửa, bp một cửa, bp 1 cửa, bpmc, bptn, bộ phận tiếp nhận và trả kết "
        "quả, bộ phận tiếp nhận, bộ phận tiếp nhận và trả kq, bp tiếp nhận và trả kết quả, một "
        "cửa, 1 cửa, mc, công an, tòa án, kho bạc, bhxh, thanh tra, ủy ban, ủy ban nhân dân, uỷ "
        "ban nhân dân"
    ),
    Sort.FILLER: (
        "chúng em, chúng tôi, bọn em, bên em, tụi em, đủ, đầy đủ, cũ, đến nộp, có ai, có "
        "ai gửi, gửi qua, gửi đường, như thường lệ, thường lệ, da, dạ, ạ, em, xin, xin lỗi, xl, "
        "r, bc, đc, dc, nhe, e, ac, giấy, vâng, ok, chào, kính, kính gửi, gửi, báo cáo, báo cáo "
        "nhanh, các, anh, chị, anh chị, lãnh đạo, ban chỉ đạo, cảm ơn, trân trọng, hết, nhé, "
        "rồi, thì, là, có, số, số lượng, của, cho, tại, ở, với, về, và, theo, đã, được, đang, "
        "gặp, gặp phải, cũng, vẫn, chỉ, còn có, ra, vào, lên, qua, đến, từ, như, sau, như sau, "
        "kết quả, tình hình, số liệu, ngày báo cáo, tổng hợp, thông tin, nội dung, trong, "
        "ngoài, riêng, này, nào, gì, ca, cả, luôn, thêm là, đạt, tỷ lệ, tỉ lệ, chiếm, bố trí, "
        "phân công, cử, sắp xếp, thực hiện, đảm bảo, bảo đảm, tiến hành, phục vụ, làm việc, làm "
        "thủ tục, tổ chức, cá nhân, doanh nghiệp, "
        "trường hợp, th, vụ, à, ah, nha, ak, đó, đây, thưa, các bác, bác, các đ/c, "
        "các đồng chí, loại, mức độ, mức, toàn, toàn tỉnh, toàn huyện, toàn xã, mới, cụ thể như "
        "sau, chung, bình thường ạ, yêu cầu, quy định, thủ tục hành chính nào, nhất, nữa, thêm, "
        "hồi, lúc, cuối ngày, cuối buổi, chốt, tính, mọi người, nhà nước, hành chính, công, "
        "cấp, cấp xã, cấp huyện, cấp tỉnh, kq, mà, mà là, các loại, phát sinh trong ngày, tt "
        "hành chính, ngành, giúp, nhập, kê khai, phí, lệ phí, mọi, hàng ngày, hằng ngày, để, "
        "bằng, hình thức, hệ thống, kênh, dịch vụ, lượng, phần mềm một cửa, chủ yếu, chuyển "
        "đến, chuyển, đi trực, vs, có mỗi, gởi, gởi qua, đường truyền, "
        "á, tiếp dân, đón dân, đón tiếp, tiếp đón, em bổ sung, "
        "xin bổ sung, cho em bổ sung"
    ),
}

MEASURE_WORDS = frozenset(
    {"khau trang", "than nhiet", "nhiet do", "khu khuan", "sat khuan", "gian cach", "rua tay"}
    | {"khoang cach", "phong dich", "phong chong dich", "niem yet", "y te"}
)
"""Words of a remark that something is done as it should be: nothing to ask about."""

CONTACT_WORDS = frozenset({"lien he", "hotline", "so dien thoai", "sdt"})
"""Words of a sentence that only says whom to call."""


def words_by_sort() -> Mapping[Sort, tuple[str, ...]]:
    """Return the words of each sort, as an office writes them."""
    return {sort: tuple(w.strip() for w in said.split(",")) for sort, said in _WORDS.items()}
