"""The card of a person: opened for a stated purpose, everything else masked with the reason."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput
from omonat.people import NotOpened
from omonat.web.console.pages import csv_file, part_of, wants_csv
from omonat.web.console.people.pages import page, reason_field, said, to_card, to_subject
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted, filled
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.people import Card, History

Subject = FromPath[str]
_LINES = 100


@get("/people/{subject_id:str}", right="person.read", sync_to_thread=True)
def card_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """The card, or the question for which purpose it is opened."""
    visit = console_visit(request)
    try:
        card = visit.omonat.people.card(visit.account, to_subject(subject_id), visit.now, policy=visit.policy)
    except NotOpened:
        return _ask(visit, subject_id, {}, {})
    return page(visit, "card", title="Person", subject_id=subject_id, card=card, groups=_groups(visit, card))


def _groups(visit: ConsoleVisit, card: "Card") -> list[tuple[str, list[Any]]]:
    """Values by purpose, the stated one first, then in the order of the policy."""
    order = [card.opening.purpose, *visit.policy.purposes, *(line.purpose for line in card.lines)]
    by_purpose: dict[str, list[Any]] = {purpose: [] for purpose in dict.fromkeys(order)}
    for line in card.lines:
        by_purpose[line.purpose].append(line)
    return [(purpose, lines) for purpose, lines in by_purpose.items() if lines]


@post("/people/{subject_id:str}/open", right="person.read", sync_to_thread=True)
def open_card(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """State purpose and reason; the journal line is written before anything is shown."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.people.open(
            visit.account, to_subject(subject_id), purpose=posted.get("purpose", ""), reason=posted.get("reason", ""),
            now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _ask(visit, subject_id, posted, error.problems, status=422)
    return to_card(visit, subject_id, done="opened")


@post("/people/{subject_id:str}/close", right="person.read", sync_to_thread=True)
def close_card(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Done with it."""
    visit = console_visit(request, posted)
    visit.omonat.people.close(visit.account, to_subject(subject_id))
    return to_card(visit, subject_id, done="closed")


def _ask(
    visit: ConsoleVisit, subject_id: str, typed: dict[str, str], problems: dict[str, str], status: int = 200
) -> Response[Any]:  # fmt: skip
    to_subject(subject_id)
    fields = (
        reason_field(visit, said(visit, "Why you open it")),
    )  # fmt: skip
    return page(
        visit, "open", title="Open the card of a person", status=status, subject_id=subject_id, typed=typed,
        problems=problems, fields=filled(fields, typed, problems, language=visit.language),
    )  # fmt: skip


@get("/people/{subject_id:str}/history", right="person.read", sync_to_thread=True)
def history_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """Who read or used what, who received what, what was consented to: the lines that the person sees, too."""
    visit = console_visit(request)
    try:
        history = visit.omonat.people.history(visit.account, to_subject(subject_id), visit.now)
    except NotOpened:
        return to_card(visit, subject_id)
    if wants_csv(visit):
        return _history_file(visit, history)
    return page(
        visit, "history", title="What was done with the data", subject_id=subject_id, history=history, most=_LINES
    )


def _history_file(visit: ConsoleVisit, history: "History") -> Response[Any]:
    """One of the three lists: who read, who received, what was consented to."""
    names, part = visit.names, part_of(visit)
    heads: tuple[str, ...] = ("When", "Who", "What was done", "Data", "Purpose", "Reason")
    rows: list[tuple[object, ...]] = [
        (line.at, names.actor(line.actor), names.word("operation", line.operation),
         names.categories(line.categories), names.purpose(line.purpose), names.reason(line.reason))
        for line in history.journal
    ]  # fmt: skip
    if part == "disclosures":
        heads = ("When", "Recipient", "Data", "Purpose", "The person was told")
        rows = [
            (line.at, names.recipient(line.recipient), names.categories(line.categories), names.purpose(line.purpose),
             line.notified_at) for line in history.disclosures
        ]  # fmt: skip
    if part == "consents":
        heads = ("When", "What happened", "Purpose", "How", "Came by", "Policy")
        rows = [
            (line.at, names.word("action", line.word), names.purpose(line.purpose), names.channel(line.channel),
             names.source(line.via), line.policy_number) for line in history.consents
        ]  # fmt: skip
    name = part if part in ("disclosures", "consents") else "journal"
    return csv_file(visit, name, [said(visit, head) for head in heads], rows)


@get(
    ["/people/{subject_id:str}/open", "/people/{subject_id:str}/close", "/people/{subject_id:str}/act",
     "/people/{subject_id:str}/export"],
    right="person.read", sync_to_thread=False,
)  # fmt: skip
def no_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """What a button does is no page."""
    return to_card(console_visit(request), subject_id)


HANDLERS = (card_page, open_card, close_card, history_page, no_page)
