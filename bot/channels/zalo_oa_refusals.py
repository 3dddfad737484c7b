"""What a refusal of Zalo's means for the message: one line of Vietnamese that says what to do.

Source of the codes: reference zalo.md §2.6.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.channels.zalo_oa_http import Refusal
from bot.core.messaging import NotSetUp, PersonGone, SendError

_LONGEST_TOLD = 3600.0  # seconds
# When the quota is refilled is not published (by day, or by month): a private message is tried
# again until it is, or is no longer useful.
_QUOTA = frozenset({-211, -218})

_NOT_SET_UP = {
    -221: "OA chưa được Zalo xác thực nên không gửi được tin. Hãy xác thực OA tại oa.zalo.me.",
    -224: "Gói dịch vụ của OA không cho gửi tin này. Hãy nâng cấp hoặc gia hạn gói tại oa.zalo.me.",
    -237: "Nhóm Zalo này đã bị khóa hoặc hết hạn. Hãy gia hạn nhóm (GMF) tại oa.zalo.me.",
    -403: "OA không còn trong nhóm Zalo này. Hãy thêm OA vào nhóm rồi gõ /ketnoi trong nhóm.",
}
_WRONG_TYPE_GROUP = (
    "Loại OA này không được Zalo cho gửi tin vào nhóm. Hãy hỏi Zalo bằng văn bản, "
    "hoặc dùng kênh khác cho nhóm."
)
# Answered to Official Accounts of state agencies (zalo.md §2.2).
_WRONG_TYPE = (
    "Loại OA này (OA cơ quan nhà nước) không được Zalo cho nhắn tin riêng. "
    "Hãy chuyển đầu mối sang kênh khác hoặc biểu mẫu web."
)
_NO_QUOTA_GROUP = "OA đã hết hạn mức gửi tin vào nhóm. Hãy mua thêm hạn mức tại oa.zalo.me."
_NO_QUOTA = (
    "OA đã hết hạn mức nhắn tin. Hãy mua thêm hạn mức tại oa.zalo.me; "
    "khi có hạn mức, bot tự gửi tiếp."
)

# Heard of again, the person counts as there again: handlers see to that.
_GONE = {
    -213: "Người nhận chưa quan tâm OA. Đề nghị họ bấm Quan tâm OA rồi nhắn cho OA một tin.",
    -230: "Người nhận đã 7 ngày không nhắn cho OA. Đề nghị họ nhắn cho OA một tin bất kỳ.",
    -232: "Người nhận đã 7 ngày không nhắn cho OA. Đề nghị họ nhắn cho OA một tin bất kỳ.",
}
_FOR_GOOD = {
    -100: "Zalo báo tệp đã hết hạn dù vừa tải lên lại (mã -100). Hãy gửi tệp bằng kênh khác.",
    -201: "Zalo không nhận tin này (mã -201). Hãy kiểm tra người nhận hoặc nhóm còn đúng không.",
    -210: "Tin hoặc tệp vượt giới hạn của Zalo (mã -210). Hãy rút gọn rồi gửi lại.",
    -248: "Zalo từ chối nội dung theo chính sách (mã -248). Hãy sửa câu chữ rồi gửi lại.",
}


def meaning(refusal: Refusal, *, in_group: bool) -> SendError:
    """Return the end of a message that Zalo refused, whatever the reason but two: a token that can
    be renewed, and too much speed.
    """
    code = refusal.code
    if code in _QUOTA:
        return NotSetUp(_NO_QUOTA_GROUP if in_group else _NO_QUOTA)
    if code == -235:
        return NotSetUp(_WRONG_TYPE_GROUP if in_group else _WRONG_TYPE)
    if code in _NOT_SET_UP:
        return NotSetUp(_NOT_SET_UP[code])
    if code in _GONE and not in_group:
        return PersonGone(_GONE[code])
    unknown = f"Zalo từ chối tin này (mã lỗi {code}). Hãy gửi bằng kênh khác và báo người quản trị."
    return SendError(_FOR_GOOD.get(code, unknown))


def told_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Return how many seconds Zalo asks to wait, at most an hour; 0 when it does not say.

    What X-RateLimit-Reset counts is not published: seconds, or a moment in seconds or milliseconds.
    """
    for name in ("Retry-After", "X-RateLimit-Reset"):
        try:
            told = float(headers.get(name, ""))
        except ValueError:
            continue
        moment = told / 1000 if told > 1e11 else told
        wait = moment - now.timestamp() if moment > 1e8 else told
        if wait > 0:
            return min(wait, _LONGEST_TOLD)
    return 0.0
