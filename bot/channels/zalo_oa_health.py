"""What Zalo and the kept tokens say of the Official Account.

It only asks, and never renews the tokens: the bot that runs beside it does, and each pair is good
once.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.channels.zalo_oa_http import Http, Refusal
from bot.channels.zalo_oa_tokens import Grants
from bot.core.grant import TokenPair
from bot.core.messaging import ChannelBusy, FateUnknown

_PATIENCE = 10.0  # seconds for one answer
_STATE_AGENCY = 4


@dataclass(frozen=True, slots=True)
class Account:
    """The Official Account as Zalo shows it.

    Attributes:
        state_agency: its type may be kept from private messages and groups (zalo.md §2.2).
        verified: None when Zalo does not say.
    """

    name: str
    state_agency: bool
    verified: bool | None


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the account.

    Attributes:
        pair: the newest tokens, of which it shows the times; None before there are any.
        account: None when Zalo was not asked, for want of a good token, or did not say.
        failure: why Zalo did not say; "" when it was not asked.
    """

    pair: TokenPair | None
    account: Account | None = None
    failure: str = ""


async def look_up(grants: Grants, *, api_url: str, now: datetime) -> Health:
    """Return what the kept tokens, and Zalo if one of them is good, say of the account."""
    pair = await grants.load()
    if pair is None or not pair.good(now):
        return Health(pair)
    http = Http()
    try:
        answer = await http.call(
            "GET",
            f"{api_url}/v2.0/oa/getoa",
            headers={"access_token": pair.access_token},
            patience=_PATIENCE,
        )
    except (Refusal, ChannelBusy, FateUnknown) as error:
        return Health(pair, failure=str(error))
    finally:
        await http.close()
    return Health(pair, account_in(answer.get("data")))


def account_in(told: object) -> Account | None:
    """Return the account that an answer describes; None when it describes none."""
    if not isinstance(told, dict) or not told.get("name"):
        return None
    verified = told.get("is_verified")
    return Account(
        name=str(told["name"]),
        state_agency=str(told.get("oa_type", "")) == str(_STATE_AGENCY),
        verified=verified if isinstance(verified, bool) else None,
    )
