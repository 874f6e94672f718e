"""Who read, used, exported and corrected what (clause 6.2): actors, purposes, kinds of data, opaque numbers."""

from typing import Any

from litestar import Response, get

from omonat.registers import JournalLine, cursor
from omonat.web.console.pages import wants_csv
from omonat.web.console.registers.pages import asked_of, listed, page, table_file
from omonat.web.console.visit import console_visit
from omonat.web.visit import AnyRequest

OPERATIONS = ("read", "use", "export", "correct")
_HEADS = ("When", "Who", "What", "Purpose", "Kinds of data", "Person")


@get("/journal", right="journal.read", sync_to_thread=True)
def journal(request: AnyRequest) -> Response[Any]:
    """The journal over everybody, newest first."""
    visit = console_visit(request)
    asked = asked_of(visit, "actor", "operation", "purpose")
    lines = visit.omonat.registers.journal(visit.account, asked)
    if wants_csv(visit):
        rows = ((one.at, one.actor, one.operation, one.purpose, " ".join(one.categories), one.subject_id)
                for one in lines)  # fmt: skip
        return table_file(visit, "journal", _HEADS, rows)
    return page(visit, "journal", title="Journal", list=listed(visit, lines, _end), operations=OPERATIONS)


def _end(line: JournalLine) -> str:
    return cursor(line.at, line.journal_id)


HANDLERS = (journal,)
