"""The first page of the console: what waits, and how things stand; only what the account's rights show."""

from typing import Any

from litestar import Response, get

from omonat.kernel.errors import NotFound
from omonat.kernel.language import translate
from omonat.ledger import BadNote, Published, open_checkpoint
from omonat.registers import Counted, Overview
from omonat.staff import APPROVAL_KINDS
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import DOMAIN, console_page, csv_file, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.visit import AnyRequest

LETTERS = (
    "notice", "recipient_notice", "sign_in_code", "staff_mail", "case_reply", "staff_invitation", "receipt_mail",
)  # fmt: skip
"""Background work that sends something: given up means that it could not be delivered."""

_GUIDED = ("staff.administer", "policy.publish")
DECIDES = tuple(sorted(set(APPROVAL_KINDS.values())))


@get("/", right=SIGNED_IN, sync_to_thread=True)
def overview(request: AnyRequest) -> Response[Any]:
    """What waits for this account."""
    visit = console_visit(request)
    found = visit.omonat.registers.overview(visit.account, visit.now)
    if wants_csv(visit):
        return _file(visit, found)
    return console_page(
        visit,
        "console/overview.html",
        title=translate(visit.language, DOMAIN, "Overview"),
        found=found,
        given=_given(found.consents or ()),
        coming=_by_first(found.due or (), 1),
        late=sum(one.counts[0] for one in found.due or ()),
        disclosed=_by_first(found.disclosures or (), 0),
        approvals=_approvals(visit),
        failed=_failed(found),
        runs={one.kind: one for one in found.last_runs or ()},
        signed=_signed(visit) if visit.may("ledger.verify") else None,
        silent_webhooks=_silent_webhooks(visit),
        first_steps=len(visit.omonat.first_run.unfinished(visit.version.number)) if any(map(visit.may, _GUIDED)) else 0,
    )


def _file(visit: ConsoleVisit, found: Overview) -> Response[Any]:
    """Consents given by month; the other tables of the page are the beginnings of lists with files of their own."""
    heads = [translate(visit.language, DOMAIN, "Purpose"), *(month.name for month in found.months)]
    rows = ((visit.names.purpose(purpose), *counts) for purpose, counts in _given(found.consents or ()).items())
    return csv_file(visit, "consents", heads, rows)


def _given(consents: tuple[Counted, ...]) -> dict[str, tuple[int, ...]]:
    """Consents given, by purpose: a number for each month."""
    return {one.key[0]: one.counts for one in consents if one.key[1] == "granted"}


def _by_first(counted: tuple[Counted, ...], start: int) -> dict[str, int]:
    """Totals by the first word of the key; `start` leaves out what is counted by itself."""
    found: dict[str, int] = {}
    for one in counted:
        number = sum(one.counts[start:])
        if number:
            found[one.key[0]] = found.get(one.key[0], 0) + number
    return found


def _failed(found: Overview) -> dict[str, int]:
    """Given up: letters that could not be delivered, and other work."""
    work = found.work or ()
    letters = sum(one.failed for one in work if one.kind in LETTERS)
    return {"letters": letters, "other": sum(one.failed for one in work) - letters}


def _approvals(visit: ConsoleVisit) -> int:
    """How many acts of others wait for this account."""
    if not any(visit.may(right) for right in DECIDES):
        return 0
    waiting = visit.omonat.approvals.list(rights=visit.account.rights, open_at=visit.now)
    return len([one for one in waiting if one.is_open(visit.now) and one.asked_by != visit.actor])


def _signed(visit: ConsoleVisit) -> int | None:
    """How many entries are signed; None before the first, or when the head cannot be read."""
    key = visit.omonat.verifier_key()
    try:
        return open_checkpoint(Published(visit.omonat.settings.ledger, key).checkpoint(), key).size
    except (NotFound, BadNote):
        return None


def _silent_webhooks(visit: ConsoleVisit) -> int:
    """Endpoints that were switched off because nobody answered."""
    return len(visit.omonat.webhooks.switched_off()) if visit.may("webhook.administer") else 0


HANDLERS = (overview,)
