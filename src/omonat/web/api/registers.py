"""Registers: disclosures, the journal, holds, certificates, sweeps, visits (clauses 5.1, 6.2, 6.3, 8.1)."""

import base64
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from omonat.documents import Names
from omonat.kernel.clock import local_date
from omonat.kernel.codec import to_builtins
from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import SubjectId
from omonat.law import read_rule_pack
from omonat.receipts import Wanted, receipt_pdf
from omonat.registers import Asked, cursor
from omonat.staff import Waiting
from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.consents import Purpose
from omonat.web.api.operations import operation
from omonat.web.api.runs import RunShape
from omonat.web.api.shapes import Day, Moment, Page, PageQuery, Reason, Sent, Shape, Word

DISCLOSURES, JOURNAL, RETENTION, STATISTICS = "Disclosures", "Journal", "Retention", "Statistics"
SWEEP = "sweep"
LONGEST_SPAN = timedelta(days=400)


class DisclosureLine(Shape, frozen=True, kw_only=True):
    """Who received what, when, on which ground."""

    disclosure_id: UUID
    subject_id: UUID
    at: Moment
    recipient: Annotated[str, Meta(examples=["beeline"])]
    purpose: Purpose
    ground: Annotated[str, Meta(examples=["contract"])]
    categories: list[str]
    actor: str
    notice_due_at: Moment
    notified_at: Moment | None


class DisclosurePage(Page, frozen=True, kw_only=True):
    """Disclosures, the newest first."""

    items: list[DisclosureLine]


class DisclosureQuery(PageQuery, frozen=True, kw_only=True):
    """Which disclosures."""

    recipient: Word | None = None
    purpose: Word | None = None


class DisclosureSent(Sent, frozen=True, kw_only=True):
    """Whose data go to whom; without `categories`, all that the recipient may have."""

    subject_id: UUID
    recipient: Word
    purpose: Purpose
    categories: Annotated[list[Word], Meta(min_length=1, max_length=40)] | None = None
    reason: Reason


class DisclosureShape(Shape, frozen=True, kw_only=True):
    """A package for the recipient, base64 of a JSON document; the person is told by `notice_due_at`."""

    disclosure_id: UUID
    file_name: str
    package: str
    notice_due_at: Moment


class RecipientShape(Shape, frozen=True, kw_only=True):
    """A recipient that the policy in force names."""

    recipient: str
    country: str
    purposes: list[str]
    categories: list[str]
    ground: str
    label: str


class RecipientList(Shape, frozen=True, kw_only=True):
    """Every registered recipient."""

    items: list[RecipientShape]


class JournalLine(Shape, frozen=True, kw_only=True):
    """Who read, used, exported or corrected what."""

    journal_id: UUID
    subject_id: UUID
    at: Moment
    actor: str
    operation: Annotated[str, Meta(examples=["read"])]
    purpose: Purpose
    categories: list[str]


class JournalPage(Page, frozen=True, kw_only=True):
    """Lines of the journal, the newest first."""

    items: list[JournalLine]


class JournalQuery(PageQuery, frozen=True, kw_only=True):
    """Which lines."""

    actor: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\u0000]*$")] | None = None
    operation: Word | None = None
    purpose: Word | None = None


class HoldLine(Shape, frozen=True, kw_only=True):
    """A law that keeps a person's data; without purpose or category, every one."""

    hold_id: UUID
    subject_id: UUID
    law: Annotated[str, Meta(examples=["accounting"])]
    purpose: str | None
    category: str | None
    until_on: Day
    placed_by: str
    placed_at: Moment


class HoldPage(Page, frozen=True, kw_only=True):
    """Holds in force, the newest first."""

    items: list[HoldLine]


class HoldSent(Sent, frozen=True, kw_only=True):
    """Which law keeps what, counted from which day."""

    subject_id: UUID
    law: Word
    from_on: Day
    purpose: Purpose | None = None
    category: Word | None = None
    reason: Reason


class ReasonSent(Sent, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class WaitingShape(Shape, frozen=True, kw_only=True):
    """Either it was done (`done`), or it waits for a second person under `approval_id`."""

    done: bool
    approval_id: UUID
    expires_at: Moment | None


class CertificateLine(Shape, frozen=True, kw_only=True):
    """What was destroyed, as counts; never a value."""

    number: UUID
    subject_id: UUID
    finished_at: Moment
    trigger: Annotated[str, Meta(examples=["term"])]
    actor: str
    certificate: dict[str, Any]


class CertificatePage(Page, frozen=True, kw_only=True):
    """Certificates of destruction, the newest first."""

    items: list[CertificateLine]


class ReceiptQuery(Sent, frozen=True, kw_only=True):
    """How a receipt is written down."""

    format: Literal["json", "pdf"] = "json"


class ReceiptFile(Shape, frozen=True, kw_only=True):
    """A signed file, base64. `proven`: whether the proof of inclusion is in it."""

    name: Annotated[str, Meta(examples=["receipt-destruction-01935a10-7c00-7000-8000-000000000001.json"])]
    media: Annotated[str, Meta(examples=["application/json"])]
    content: Annotated[str, Meta(examples=["eyJmb3JtYXQiOiJvbW9uYXQtcmVjZWlwdC8xIn0="])]
    proven: bool


class DueShape(Shape, frozen=True, kw_only=True):
    """How many people have something whose term has run out."""

    people: Annotated[int, Meta(ge=0)]


class DayShape(Shape, frozen=True):
    """One day of consenting visitors."""

    day: Day
    visitors: int
    views: int


class ShareShape(Shape, frozen=True):
    """How many views fall to one page, language, kind of device or kind of source."""

    name: str
    views: int


class PathShape(Shape, frozen=True):
    """How often one page led to the next, on the same day and by a link of the site."""

    page: Annotated[str, Meta(examples=["/{language}"])]
    next_page: Annotated[str, Meta(examples=["/{language}/order"])]
    views: int


class FunnelShape(Shape, frozen=True):
    """Visitors (each once a day) who saw a form, began to fill it in, and sent it."""

    form: str
    seen: int
    started: int
    finished: int


class AnswersShape(Shape, frozen=True):
    """What visitors answered on one day to the question whether visits may be analysed."""

    day: Day
    granted: int
    refused: int
    withdrawn: int


class StatisticsShape(Shape, frozen=True, kw_only=True):
    """Counts of consenting visitors; no row belongs to anybody.

    `different_visitors` is null when the days reach further back than visits are kept. Sources and paths of fewer
    visits than `smallest_group` are left out; `hidden` says whether any were.
    """

    from_on: Day
    to_on: Day
    days: list[DayShape]
    pages: list[ShareShape]
    languages: list[ShareShape]
    devices: list[ShareShape]
    sources: list[ShareShape]
    paths: list[PathShape]
    forms: list[FunnelShape]
    consents: list[AnswersShape]
    different_visitors: int | None
    smallest_group: int
    hidden: bool


class StatisticsQuery(Sent, frozen=True, kw_only=True):
    """Which days, both ends in it; the last 30 unless named."""

    from_on: Day | None = None
    to_on: Day | None = None


# --- disclosures ----------------------------------------------------------------------------------------------------


@operation("GET", "/disclosures", id="listDisclosures", right="disclosure.read", tag=DISCLOSURES)
def list_disclosures(call: Call, query: DisclosureQuery) -> DisclosurePage:
    """Who received what, the newest first."""
    asked = Asked(
        recipient=query.recipient or "", purpose=query.purpose or "", after=call.after(query.cursor) or "",
        limit=query.limit + 1,
    )  # fmt: skip
    found = call.omonat.registers.disclosures(call.key, asked)
    shown, following = call.page(found, query.limit, lambda line: cursor(line.at, line.disclosure_id))
    return DisclosurePage(items=each_shaped(shown, DisclosureLine), next=following)


@operation(
    "POST", "/disclosures", id="disclose", right="disclose", tag=DISCLOSURES, status=201, once=True, errors=("denied",)
)
def disclose(call: Call, sent: DisclosureSent) -> DisclosureShape:
    """Give a registered recipient a person's values of one purpose.

    Decided, journalled and owed to the person as a notice before anything is opened. The key must carry the purpose.
    """
    call.require_purpose(sent.purpose)
    done = call.omonat.disclosures.disclose(
        SubjectId(sent.subject_id), sent.recipient, sent.purpose, tuple(sent.categories) if sent.categories else None,
        actor=call.actor, reason=sent.reason, now=call.now,
    )  # fmt: skip
    package = base64.b64encode(done.package).decode()
    return DisclosureShape(
        disclosure_id=done.disclosure_id, file_name=done.file_name, package=package, notice_due_at=done.notice_due_at
    )


@operation("GET", "/recipients", id="listRecipients", right="disclosure.read", tag=DISCLOSURES)
def list_recipients(call: Call) -> RecipientList:
    """The recipients that the policy in force names, and what each may have."""
    items = [
        RecipientShape(
            recipient=name, country=one.country, purposes=list(one.purposes), categories=list(one.categories),
            ground=one.ground, label=one.labels.get(call.language, name),
        )
        for name, one in call.omonat.policies.in_force().facts.recipients.items()
    ]  # fmt: skip
    return RecipientList(items=items)


# --- the journal ----------------------------------------------------------------------------------------------------


@operation("GET", "/journal", id="listJournal", right="journal.read", tag=JOURNAL)
def list_journal(call: Call, query: JournalQuery) -> JournalPage:
    """Who read, used, exported and corrected what, the newest first."""
    asked = Asked(
        actor=query.actor or "", operation=query.operation or "", purpose=query.purpose or "",
        after=call.after(query.cursor) or "", limit=query.limit + 1,
    )  # fmt: skip
    found = call.omonat.registers.journal(call.key, asked)
    shown, following = call.page(found, query.limit, lambda line: cursor(line.at, line.journal_id))
    return JournalPage(items=each_shaped(shown, JournalLine), next=following)


# --- retention ------------------------------------------------------------------------------------------------------


@operation("GET", "/retention/due", id="countDue", right="retention.read", tag=RETENTION)
def count_due(call: Call) -> DueShape:
    """How many people have something whose term has run out."""
    return DueShape(people=call.omonat.retention.count_due(call.now))


@operation("POST", "/retention/sweeps", id="startSweep", right="retention.sweep", tag=RETENTION, status=202)
def start_sweep(call: Call) -> RunShape:
    """Destroy everything whose term has run out; goes on in the background (see `getRun`)."""
    return shaped(call.omonat.runs.start(SWEEP, {}, actor=call.actor, now=call.now), RunShape)


@operation("GET", "/holds", id="listHolds", right="retention.read", tag=RETENTION)
def list_holds(call: Call, query: PageQuery) -> HoldPage:
    """Laws that keep data, in force now."""
    asked = Asked(after=call.after(query.cursor) or "", limit=query.limit + 1)
    found = call.omonat.registers.holds(call.key, asked)
    shown, following = call.page(found, query.limit, lambda line: cursor(line.placed_at, line.hold_id))
    return HoldPage(items=each_shaped(shown, HoldLine), next=following)


@operation(
    "POST", "/holds", id="placeHold", right="hold.place", tag=RETENTION, status=201, errors=("unknown_rule",)
)  # fmt: skip
def place_hold(call: Call, sent: HoldSent) -> HoldLine:
    """Keep a person's data until the named law lets them go."""
    if not date(1990, 1, 1) <= sent.from_on <= local_date(call.now):
        raise InvalidInput({"from_on": "Choose a day that has come, not before 1990."})
    hold = call.omonat.retention.holds.place(
        SubjectId(sent.subject_id), sent.law, sent.from_on, purpose=sent.purpose, category=sent.category,
        actor=call.actor, reason=sent.reason, now=call.now,
    )  # fmt: skip
    return shaped(hold, HoldLine)


@operation(
    "POST", "/holds/{hold_id}/release", id="releaseHold", right="hold.release", tag=RETENTION, status=202,
    errors=("conflict", "second_person_missing"),
)  # fmt: skip
def release_hold(call: Call, hold_id: UUID, sent: ReasonSent) -> WaitingShape:
    """End a hold before its day, or put that before a second person."""
    if not any(hold.hold_id == hold_id for hold in call.omonat.retention.holds.list()):
        raise NotFound
    done = call.omonat.approvals.act(call.key, "release_hold", {"hold": str(hold_id)}, sent.reason, call.now)
    return waiting(done)


def waiting(done: Any) -> WaitingShape:
    """What became of an act that may need a second person."""
    waits = isinstance(done, Waiting)
    return WaitingShape(done=not waits, approval_id=done.approval_id, expires_at=done.expires_at if waits else None)


@operation("GET", "/certificates", id="listCertificates", right="retention.read", tag=RETENTION)
def list_certificates(call: Call, query: PageQuery) -> CertificatePage:
    """What was destroyed, with number, ground and counts."""
    asked = Asked(after=call.after(query.cursor) or "", limit=query.limit + 1)
    found = call.omonat.registers.certificates(call.key, asked)
    shown, following = call.page(found, query.limit, lambda line: cursor(line.finished_at, line.event_id))
    return CertificatePage(items=[_certificate(line) for line in shown], next=following)


@operation("GET", "/certificates/{certificate_id}", id="getCertificate", right="retention.read", tag=RETENTION)
def get_certificate(call: Call, certificate_id: UUID) -> CertificateLine:
    """One certificate of destruction by its number."""
    return _certificate(call.omonat.registers.certificate(call.key, certificate_id))


@operation(
    "GET", "/certificates/{certificate_id}/receipt", id="getCertificateReceipt", right="retention.read", tag=RETENTION
)
def get_certificate_receipt(call: Call, certificate_id: UUID, query: ReceiptQuery) -> ReceiptFile:
    """The certificate as a file that proves itself: signature, ledger event, proof of inclusion and checkpoint.

    `omonat verify` and the page `/verify` check it; it names nobody. As PDF, in the language of `Accept-Language`, the
    same file is attached. While the event has no place in the signed tree, `proven` is false: ask again.
    """
    line = call.omonat.registers.certificate(call.key, certificate_id)
    made = call.omonat.receipts.make(
        Wanted(kind="destruction", subject_id=SubjectId(line.subject_id), id=line.event_id), call.now
    )
    content, media = made.content, "application/json"
    if query.format == "pdf":
        policy = call.omonat.policies.in_force().facts
        names = Names(call.language, policy, read_rule_pack(policy.law))
        content, media = receipt_pdf(made, names), "application/pdf"
    name = f"receipt-destruction-{line.event_id}{'' if made.proven else '-without-proof'}.{query.format}"
    return ReceiptFile(name=name, media=media, content=base64.b64encode(content).decode(), proven=made.proven)


def _certificate(line: Any) -> CertificateLine:
    return CertificateLine(
        number=line.event_id, subject_id=line.subject_id, finished_at=line.finished_at, trigger=line.trigger,
        actor=line.actor, certificate=to_builtins(line.whole),
    )  # fmt: skip


# --- statistics -----------------------------------------------------------------------------------------------------


@operation("GET", "/statistics", id="getStatistics", right="stats.read", tag=STATISTICS)
def get_statistics(call: Call, query: StatisticsQuery) -> StatisticsShape:
    """Visits of consenting visitors, as counts."""
    to_on = query.to_on or local_date(call.now)
    from_on = query.from_on or to_on - min(timedelta(days=29), to_on - date.min)
    if not from_on <= to_on <= from_on + min(LONGEST_SPAN, date.max - from_on):
        raise InvalidInput({"from_on": "Choose at most 400 days, the first before the last."})
    return shaped(call.omonat.statistics.summary(from_on, to_on), StatisticsShape)
