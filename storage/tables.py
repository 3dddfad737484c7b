"""The tables. What must never be broken is repeated here as constraints.

Datetimes are aware and stored as UTC; a naive one is refused when it is bound. Days are local.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    String,
    Text,
    UniqueConstraint,
    inspect,
    literal_column,
    or_,
    text,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


def _nothing_yet() -> Any:
    """Return a column of JSON for what few rows have."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows; a query uses it only if it repeats the condition literally."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _while_valid(name: str, *columns: str) -> Index:
    """A unique index over the rows that are valid now."""
    return _partial(name, *columns, where="valid_until IS NULL", unique=True)


# Who there is


class Unit(SQLModel, table=True):
    """A reporting unit, whatever it is called at a time."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)


class UnitVersion(SQLModel, table=True):
    """What a unit was from a day on: its name, place and whether it reports and counts."""

    __tablename__ = "unit_version"
    __table_args__ = (
        _one_of("level", "province", "district", "commune"),
        _one_of("counts", "own", "inside", "aggregate"),
        CheckConstraint("(counts = 'inside') = (counted_in_id IS NOT NULL)", name="counted_in"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="validity"),
        _while_valid("uq_unit_version_current", "unit_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    name: str
    level: str
    parent_id: int | None = Field(default=None, foreign_key="unit.id")
    gso_code: str = ""
    aliases: list[str] = _json()
    reports: bool
    counts: str
    counted_in_id: int | None = Field(default=None, foreign_key="unit.id")
    place: int = 0  # order in the directory
    valid_from: date
    valid_until: date | None = None


class Person(SQLModel, table=True):
    """Somebody who reports, reads or runs the bot."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    created_at: datetime


class Address(SQLModel, table=True):
    """Where a person can be reached on one channel."""

    __table_args__ = (_while_valid("uq_address_current", "channel", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str
    external_id: str
    last_used_at: datetime
    gone_since: datetime | None = None  # blocked the bot; heard of again, it is None
    valid_from: date
    valid_until: date | None = None


class Duty(SQLModel, table=True):
    """What a person does for a unit."""

    __table_args__ = (
        _one_of("role", "focal_point", "deputy", "coordinator", "committee", "office", "admin"),
        _while_valid("uq_duty_current", "person_id", "unit_id", "role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    role: str
    valid_from: date
    valid_until: date | None = None


class Leave(SQLModel, table=True):
    """Days on which a person does not report for a unit, and who does instead.

    A leave that was changed or ended keeps the days it had; one that was taken back before it
    began is gone, and stands in the record.
    """

    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="validity"),
        CheckConstraint("stand_in_id IS NULL OR stand_in_id <> person_id", name="stand_in"),
        Index("ix_leave_until", "valid_until", "unit_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    stand_in_id: int | None = Field(default=None, foreign_key="person.id")
    valid_from: date
    valid_until: date  # exclusive: the first day back


class GroupChat(SQLModel, table=True):
    """A group that gets the digest of a unit: the province's committee, a district."""

    __tablename__ = "group_chat"
    __table_args__ = (_while_valid("uq_group_chat_current", "channel", "chat"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    chat: str
    thread: str = ""  # the topic in which it was bound
    title: str = ""
    unit_id: int = Field(foreign_key="unit.id")
    gone_since: datetime | None = None  # the bot was removed; let in again, it is None
    by_hand: bool = False  # somebody posts there what the bot gives them
    valid_from: date
    valid_until: date | None = None


class HandPost(SQLModel, table=True):
    """A post that the duty officer was given to put into a group by hand."""

    __tablename__ = "hand_post"
    __table_args__ = (_partial("ix_hand_post_open", "person_id", where="posted_at IS NULL"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)  # of the post that was meant for the group
    group_id: int = Field(foreign_key="group_chat.id")
    person_id: int = Field(foreign_key="person.id")
    given_at: datetime
    posted_at: datetime | None = None
    posted_by_id: int | None = Field(default=None, foreign_key="person.id")


class Invite(SQLModel, table=True):
    """A one-time code by which a person or a group joins; only its hash is kept.

    One with the role "address" is a person's own, by which they add a messenger to those at which
    they can be reached.
    """

    __table_args__ = (
        CheckConstraint("(role = 'address') = (person_id IS NOT NULL)", name="person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id")
    role: str  # a duty's role, "group" or "address"
    person_id: int | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime
    used_at: datetime | None = None


class JoinRequest(SQLModel, table=True):
    """Somebody who wants to join, or a group that showed its code: an admin decides.

    One that nobody decided is closed when the person joined by a code (`accepted`), or asked anew.
    """

    __tablename__ = "join_request"
    __table_args__ = (
        _one_of("role", "focal_point", "group"),
        CheckConstraint("(role = 'group') = (invite_id IS NOT NULL)", name="invite"),
        _partial(
            "uq_join_request_open", "channel", "chat", where="decided_at IS NULL", unique=True
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    chat: str
    thread: str = ""
    role: str
    name: str  # as the messenger gives it: of the person, or of who showed the group's code
    title: str = ""  # of the group
    said: str = ""  # the unit as the person named it
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    invite_id: int | None = Field(default=None, foreign_key="invite.id")
    phone: str = ""
    phone_asked_by: list[int] = _json()  # ids of the admins who may see it
    asked_at: datetime
    decided_at: datetime | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    accepted: bool = False

    @property
    def number(self) -> int:
        """By which the admins name it; 0 before it is kept."""
        return self.id or 0


# Updates in, messages out


class InboxUpdate(SQLModel, table=True):
    """An update, durable before it is acknowledged; emptied once handled."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        _one_of("state", "waiting", "done", "failed"),
        _partial("ix_inbox_waiting", "id", where="state = 'waiting'"),
        _partial("ix_inbox_chat", "channel", "chat", "id", where="state = 'waiting'"),
        _partial("ix_inbox_message", "message_id", "chat", where="stood IS NOT NULL"),
        Index("ix_inbox_received", "channel", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    update_id: str
    chat: str
    message_id: str = ""
    payload: dict[str, Any] = _json()
    received_at: datetime
    state: str = "waiting"
    # Where its sender stood when it was heard: an edited message is heard there again.
    stood: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class OutboxMessage(SQLModel, table=True):
    """A message that wants to leave, and what became of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        _one_of(
            "fate",
            *("pending", "waiting", "sending", "sent", "refused", "gone", "unknown", "expired"),
        ),
        _one_of("repeat", "once", "ask"),
        CheckConstraint("fate <> 'sent' OR external_id IS NOT NULL", name="sent_id"),
        _partial("ix_outbox_pending", "priority", "id", where="fate = 'pending'"),
        _partial("ix_outbox_chat", "chat", "channel", "priority", "id", where="fate = 'pending'"),
        _partial(
            "ix_outbox_useful_until",
            "useful_until",
            where="fate = 'pending' AND useful_until IS NOT NULL",
        ),
        _partial("ix_outbox_waiting", "useful_until", where="fate = 'waiting'"),
        _partial("ix_outbox_asks", "asks", where="fate = 'pending' AND asks IS NOT NULL"),
        _partial("ix_outbox_sending", "channel", "chat", where="fate = 'sending'"),
        _partial("ix_outbox_screen", "screen", where="screen IS NOT NULL"),
        _partial("ix_outbox_asked", "external_id", "chat", where="asks IS NOT NULL"),
        _partial("ix_outbox_edits", "edits", where="edits IS NOT NULL"),
        Index("ix_outbox_posts", "chat", "channel", "id"),
        _partial("ix_outbox_sent", "channel", "settled_at", where="fate IN ('sent', 'unknown')"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    channel: str
    chat: str
    text: str = _text()
    buttons: list[list[Any]] = _json()  # the values of each `Button`
    in_group: bool
    priority: int
    repeat: str
    useful_until: datetime | None = None
    after: str | None = None
    asks: str | None = None
    edits: str | None = None
    instead: str = Field(default="", sa_column=Column(Text, nullable=False))
    tap: str | None = None
    passing: bool = False
    thread: str = ""
    file: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    screen: str | None = None  # only of a message with buttons
    numbered: bool = False
    due_at: datetime
    fate: str = "pending"
    attempts: int = 0
    external_id: str | None = None
    failure: str | None = None
    settled_at: datetime | None = None


class Grant(SQLModel, table=True):
    """The pair of tokens by which an Official Account is used; each refresh gives a new pair.

    The refresh token is good once: the pair is kept before it is used.
    """

    __tablename__ = "oa_grant"

    channel: str = Field(primary_key=True)
    access_token: str
    refresh_token: str
    expires_at: datetime  # of the access token
    refreshed_at: datetime
    seed: str = ""  # SHA-256 of the configured token with which the chain of pairs began
    dead_since: datetime | None = None  # nothing but a person's consent gives a new pair


class KeptFile(SQLModel, table=True):
    """The bytes of a file that messages carry."""

    __tablename__ = "kept_file"

    sha256: str = Field(primary_key=True)
    body: bytes
    kept_at: datetime


# Reports


class DraftRow(SQLModel, table=True):
    """What a unit has answered for a day but not sent."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("unit_id", "form_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    form_id: str
    day: date
    answers: dict[str, Any] = _json()
    doubts: dict[str, str] = _json()
    reason: str = ""  # of a correction
    version: int
    updated_at: datetime
    raised: dict[str, list[str]] = _nothing_yet()  # doubts of others, each with ids of its fields


class CursorRow(SQLModel, table=True):
    """Where a person stands in a chat."""

    __tablename__ = "cursor"
    __table_args__ = (UniqueConstraint("person_id", "channel", "chat"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    channel: str
    chat: str
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    step: str
    day: date | None = None
    asked: list[str] = _json()
    seen: str = ""
    screens: list[str] = _json()  # `Outbound.screen` of the messages that still ask this
    posted: str = ""  # key of the message that showed it last
    # A command that waits for its reason, and since when.
    ordered: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    # The unit and day whose report the person enters for it, why, and until when.
    enters: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class Report(SQLModel, table=True):
    """One unit's report of one day: its life so far (DESIGN §5)."""

    __table_args__ = (
        UniqueConstraint("unit_id", "form_id", "day"),
        CheckConstraint("revisions >= 0", name="revisions"),
        CheckConstraint("(revisions > 0) = (first_sent_at IS NOT NULL)", name="first_sent_at"),
        CheckConstraint("revisions > 0 OR NOT on_time", name="on_time"),
        Index("ix_report_day", "day", "unit_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    form_id: str
    day: date
    first_sent_at: datetime | None = None
    on_time: bool = False
    revisions: int = 0
    returned: bool = False
    entered_for: bool = False
    reopened: bool = False
    amended: bool = False
    exempt_reason: str | None = None
    open_until: datetime | None = None
    reason: str = ""
    awaits: bool = False


class Revision(SQLModel, table=True):
    """What was sent; never changed, only followed by the next one.

    The counts that totals need stand in columns of their own beside the answers.
    """

    __table_args__ = (
        UniqueConstraint("report_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("overdue <= pending", name="overdue"),
        CheckConstraint("staff_on_duty <= staff_total", name="staff_on_duty"),
        CheckConstraint(
            "received_direct >= 0 AND received_online >= 0 AND received_postal >= 0"
            " AND resolved_on_time >= 0 AND resolved_late >= 0 AND pending >= 0 AND overdue >= 0"
            " AND urgent_received >= 0 AND urgent_resolved >= 0 AND online_payments >= 0"
            " AND staff_on_duty >= 0",
            name="counts",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id")
    number: int
    form_version: int
    answers: dict[str, Any] = _json()
    stated_on: dict[str, str] = _json()
    doubts: dict[str, str] = _json()
    person_id: int = Field(foreign_key="person.id")
    channel: str
    sent_at: datetime
    reason: str = ""  # why it was corrected, or entered for the unit
    for_another: bool = False  # the person does not report for the unit
    counter_status: str | None = None
    staff_on_duty: int | None = None
    staff_total: int | None = None
    received_direct: int | None = None
    received_online: int | None = None
    received_postal: int | None = None
    resolved_on_time: int | None = None
    resolved_late: int | None = None
    pending: int | None = None
    overdue: int | None = None
    urgent_received: int | None = None
    urgent_resolved: int | None = None
    online_payments: int | None = None
    doubt_fields: dict[str, list[str]] = _nothing_yet()  # ids of the fields of each doubt


class UsualRow(SQLModel, table=True):
    """What is usual for a unit by its last reports: derived from them whenever it sends one."""

    __tablename__ = "usual"

    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    form_id: str = Field(primary_key=True)
    figures: dict[str, list[int]] = _json()  # for each field the values of a `Usual`


# The clock and the record


class OccurrenceRow(SQLModel, table=True):
    """A due moment, computed once and done once."""

    __tablename__ = "occurrence"
    __table_args__ = (UniqueConstraint("slot", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    slot: str
    day: date
    due_at: datetime
    useful_until: datetime | None = None
    done_at: datetime | None = None
    outcome: str | None = None


class SnapshotRow(SQLModel, table=True):
    """Figures as they stood when an edition was made; never changed."""

    __tablename__ = "snapshot"
    __table_args__ = (
        UniqueConstraint("kind", "period", "edition"),
        _one_of("kind", "day", "week"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    period: str
    edition: int
    sha256: str
    body: str = _text()
    taken_at: datetime


class AuditEvent(SQLModel, table=True):
    """Who did what, when, to what; by which channel."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    channel: str
    what: str
    subject: str
    detail: dict[str, Any] = _json()


class Setting(SQLModel, table=True):
    """An office setting; machine settings are in config.toml."""

    key: str = Field(primary_key=True)
    value: Any = _json()


class Outage(SQLModel, table=True):
    """A time in which the bot did not run, from its last heartbeat to the first one after."""

    __table_args__ = (CheckConstraint("until > since", name="duration"),)

    since: datetime = Field(primary_key=True)
    until: datetime = Field(index=True)


class Heartbeat(SQLModel, table=True):
    """When a part of the running bot was last alive."""

    name: str = Field(primary_key=True)
    at: datetime


def literally(value: str) -> ColumnElement[str]:
    """Return a constant that stands in the statement itself, so that a partial index is used."""
    return literal_column(f"'{value}'", String)


def columns(table: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """Return the columns of a table, for statements that go past the models."""
    found: ReadOnlyColumnCollection[str, Column[Any]] = inspect(table).local_table.c
    return found


def valid_on(table: type[SQLModel], day: date | BindParameter[date]) -> tuple[Any, Any]:
    """Return the conditions that a row of a table with validity dates holds on a day."""
    c = columns(table)
    return c.valid_from <= day, or_(c.valid_until.is_(None), c.valid_until > day)
