"""What goes wrong on purpose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from .errors import PREFIXES, ApiError, flood


class Ending(Enum):
    """How the connection of a call ends."""

    ANSWER = "answer"
    RESET = "reset"
    HALF = "half an answer"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call.

    Attributes:
        carried_out: whether the method does its work all the same.
        error: answered instead of what the method gives.
        wait: seconds between the work and the answer.
    """

    name: str
    carried_out: bool = False
    error: ApiError | None = None
    wait: float = 0.0
    ending: Ending = Ending.ANSWER

    @classmethod
    def custom(cls, code: int, description: str, **parameters: int) -> "Fault":
        return cls(f"error {code}", error=ApiError(code, description, **parameters))

    @classmethod
    def flood(cls, retry_after: int) -> "Fault":
        return cls("flood", error=flood(retry_after))

    @classmethod
    def server_error(cls, code: int = 500) -> "Fault":
        return cls.custom(code, PREFIXES.get(code, "Bad Gateway"))

    @classmethod
    def restart(cls) -> "Fault":
        return cls.custom(500, "Internal Server Error: restart")

    @classmethod
    def reset_before(cls) -> "Fault":
        """The connection dies, and nothing was done."""
        return cls("reset before", ending=Ending.RESET)

    @classmethod
    def reset_after(cls) -> "Fault":
        """Done, and then the connection dies."""
        return cls("reset after", carried_out=True, ending=Ending.RESET)

    @classmethod
    def malformed(cls) -> "Fault":
        """Done, but the answer breaks off in the middle of its JSON."""
        return cls("malformed", carried_out=True, ending=Ending.HALF)

    @classmethod
    def frozen(cls) -> "Fault":
        """Nothing is done, and no answer ever comes."""
        return cls("frozen", ending=Ending.SILENCE)

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        """Done at once, answered late."""
        return cls("slow", carried_out=True, wait=seconds)


class Faults:
    """Which calls go wrong, and how."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        fault: Fault,
        *,
        method: str | None,
        times: int,
        after: int,
        where: Callable[[Mapping[str, str]], bool] | None,
    ) -> None:
        name = method.lower() if method else None
        self._rules.append(_Rule(fault, name, where or (lambda _: True), after, times))

    def clear(self) -> None:
        self._rules.clear()

    def strike(self, method: str, fields: Mapping[str, str]) -> Fault | None:
        """The fault that befalls a call, if any; the rule stated first strikes first."""
        for rule in self._rules:
            if rule.method in (None, method) and rule.where(fields):
                if rule.spare:
                    rule.spare -= 1
                elif rule.times:
                    rule.times -= 1
                    return rule.fault
        return None


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str | None
    where: Callable[[Mapping[str, str]], bool]
    spare: int
    times: int
