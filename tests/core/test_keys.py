"""Keys of messages, read back as an admin understands them."""

import pytest

from bot.core.keys import subject

NAMES = {"VP-VY": "Thành phố Vĩnh Yên", "VP-VY-TS01": "Phường Tích Sơn"}


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("digest@2020-04-16/1/telegram/-1001", "Tổng hợp ngày 16/4"),
        ("digest@2020-04-16/1/telegram/-1001/2", "Tổng hợp ngày 16/4"),
        ("digest@2020-04-16/2/telegram/-1001", "bản cập nhật Tổng hợp ngày 16/4"),
        ("prompt@2020-04-16/VP-VY-TS01/local/an", "mẫu báo cáo ngày 16/4 của Phường Tích Sơn"),
        ("prompt@2020-04-16/VP-MOI/local/an", "mẫu báo cáo ngày 16/4 của VP-MOI"),
        (
            "reminder_1@2020-04-16/VP-VY-TS01/local/an",
            "tin nhắc báo cáo ngày 16/4 của Phường Tích Sơn",
        ),
        (
            "reminder_2@2020-04-16/VP-VY-TS01/local/an",
            "tin nhắc báo cáo ngày 16/4 của Phường Tích Sơn",
        ),
        (
            "escalation@2020-04-16/VP-VY/local/an",
            "danh sách đơn vị chưa báo cáo ngày 16/4 của Thành phố Vĩnh Yên",
        ),
        ("week@2020-W16/local/an", "tin khóa số liệu tuần 2020-W16"),
        ("request/12/telegram/5", "tin về đề nghị số 12"),
        ("request/12/decided/telegram/5", "tin về đề nghị số 12"),
        ("reply/telegram/123456789/593495549", "tin trả lời"),
        ("reply/telegram/4711/tap", "tin trả lời"),
        ("undelivered/digest@2020-04-16/1/telegram/-1001/telegram/5", "thông báo"),
        ("error/prompt@2020-04-16/telegram/5", "thông báo"),
        ("left/telegram/88/VP-VY-TS01/telegram/5", "thông báo"),
        ("clock/2020-04-16T08:00:00+07:00/telegram/5", "thông báo"),
    ],
)
def test_a_key_tells_what_a_message_was(key: str, what: str):
    assert subject(key, NAMES) == what
