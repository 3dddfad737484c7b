"""What goes wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .parameters import Fields

Kind = Literal["error", "502", "504", "garbage", "reset", "held", "lost"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call.

    Attributes:
        kind: "error" answers what `error_code` and `description` say, with the HTTP `status` if
            there is one; "502" and "504" answer HTML, "garbage" the half of some JSON; "reset"
            closes the connection without an answer, "lost" does so after the work was done;
            "held" keeps the answer back.
        carried_out: whether the method does its work all the same; a held call that is answered
            does it after the wait if not before.
        wait: seconds before the answer or its failure; `ZaloApi.releases` ends it.
        then: what becomes of a held call in the end.
    """

    kind: Kind
    carried_out: bool = False
    wait: float = 0.0
    error_code: int = 500
    description: str = "Internal server error"
    status: int | None = None
    then: Literal["answer", "reset"] = "answer"

    @property
    def works_first(self) -> bool:
        return self.carried_out or self.kind == "lost"

    @property
    def resets(self) -> bool:
        return self.kind in ("reset", "lost") or (self.kind == "held" and self.then == "reset")


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    where: Callable[[Fields], object]
    spare: int
    times: int


class Faults:
    """Which calls go wrong, and how."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        fault: Fault,
        *,
        method: str,
        where: Callable[[Fields], object],
        after: int,
        times: int,
    ) -> None:
        self._rules.append(_Rule(fault, method, where, after, times))

    def clear(self) -> None:
        self._rules.clear()

    def strike(self, method: str, fields: Fields) -> Fault | None:
        """The fault that befalls a call, if any; the rule stated first strikes first."""
        for rule in self._rules:
            if rule.method in ("", method) and rule.where(fields):
                if rule.spare:
                    rule.spare -= 1
                elif rule.times:
                    rule.times -= 1
                    return rule.fault
        return None
