"""A stand-in for Zalo's Official Account servers, for tests.

It knows Zalo's API (reference zalo.md §2) and nothing of any bot. Errors come with HTTP 200, each
refresh token is good once, and events are posted again until they are answered with 200:

    async with ZaloOa() as zalo:
        first = zalo.consent()
        zalo.hook = "http://127.0.0.1:8000/zalo-oa"
        await zalo.posts(zalo.event("user_send_text", sender="lan", text="/baocao"))
        print(zalo.sent)
"""

from .faults import Fault
from .server import Call, Sent, ZaloOa

__all__ = ["Call", "Fault", "Sent", "ZaloOa"]
