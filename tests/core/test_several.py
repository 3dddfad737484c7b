import pytest

from bot.core.several import parted

UNITS = ["Phường Tích Sơn", "Phường Liên Bảo", "Huyện Lập Thạch", "Thị trấn Lập Thạch"]


@pytest.mark.parametrize(
    "heading",
    ["Phường Tích Sơn", "tich son:", "P. Tích Sơn -", "1. Tích Sơn,", "- UBND phường Tích Sơn:"],
)
def test_a_line_that_begins_with_a_unit_heads_its_part(heading: str) -> None:
    said = f"Em gửi báo cáo ạ\n{heading} trực tiếp 5\nonline 3\nLiên Bảo\ntrực tiếp 6"

    assert parted(said, UNITS) == [(0, "trực tiếp 5\nonline 3"), (1, "trực tiếp 6")]


@pytest.mark.parametrize(
    "said",
    [
        "trực tiếp 5\nTích Sơn: online 3",  # whose is the 5?
        "Tích Sơn: trực tiếp 5\nTích Sơn: trực tiếp 6",
        "Lập Thạch: trực tiếp 5",  # the district or its town
        "Tích Sơng: trực tiếp 5",
        "Khó khăn: đường vào Tích Sơn bị chặn",
        "",
    ],
)
def test_a_message_is_not_parted_when_it_cannot_be_known_whose_figures_they_are(said: str) -> None:
    assert parted(said, UNITS) == []


def test_nobody_but_the_units_of_the_sender_is_a_heading() -> None:
    assert parted("Tích Sơn: trực tiếp 5\nXuân Hòa: online 3", UNITS) == [
        (0, "trực tiếp 5\nXuân Hòa: online 3")
    ]
