"""How much a messenger's plan lets one bot carry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """What one bot may carry.

    Source: reference of Zalo's basic plan (50 users, 3,000 messages a month, 3 groups); which
    messages count is not published, so that both readings are provided for.

    Attributes:
        messages: in a calendar month of the office's zone.
        people: who talk to the bot.
        groups: that it may be in.
        reserve: messages of the month kept back for digests: below it nobody is asked or reminded.
        both_ways: what people write counts as well.
    """

    messages: int = 3000
    people: int = 50
    groups: int = 3
    reserve: int = 300
    both_ways: bool = False
