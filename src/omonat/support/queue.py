"""The queue of cases: paged in the database, counted by tab, with the views that a member keeps for himself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import new_id, to_id
from omonat.staff import StaffAccounts
from omonat.storage import Database
from omonat.support import rules, store
from omonat.support.model import CaseFilter, Counts, Member, QueuePage, QueueRow, SavedView

PAGE = 40
MOST = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Queue:
    """Lists cases. It shows no value of anybody: those are opened in a case, for its purpose."""

    def __init__(self, database: Database, staff: StaffAccounts) -> None:
        self._database = database
        self._staff = staff

    def page(
        self, wanted: CaseFilter, *, now: datetime, me: UUID | None = None, after: str = "", limit: int = PAGE
    ) -> QueuePage:
        """One page. `after` is what the page before gave. Raises NotFound for an `after` that is none of ours."""
        cursor = _read_cursor(after) if after else None
        limit = max(1, min(limit, MOST))
        with self._database.read() as tx:
            rows = store.queue(tx, wanted, _moments(now, me), after=cursor, limit=limit + 1)
        more = _cursor(rows[limit - 1], wanted.sort) if len(rows) > limit else ""
        return QueuePage(tuple(rows[:limit]), more)

    def counts(self, *, now: datetime, me: UUID | None = None) -> Counts:
        """How many cases each tab holds."""
        with self._database.read() as tx:
            return store.counts(tx, _moments(now, me))

    def rows(self, case_ids: Sequence[UUID]) -> tuple[QueueRow, ...]:
        """These cases, first due first; those that are not there are left out."""
        with self._database.read() as tx:
            return tuple(store.rows_of(tx, case_ids))

    def members(self) -> tuple[Member, ...]:
        """Whom a case may be given to: active, with the right to work on cases."""
        return tuple(
            Member(each.staff_id, each.name) for each in self._staff.list() if "case.work" in each.rights
        )  # fmt: skip

    # --- saved views ------------------------------------------------------------------------------------------------

    def views(self, staff_id: UUID) -> tuple[SavedView, ...]:
        """A member's own, by name."""
        with self._database.read() as tx:
            return tuple(store.views_of(tx, staff_id))

    def save_view(self, staff_id: UUID, name: str, wanted: CaseFilter, now: datetime) -> SavedView:
        """Keep a filter under a name; a name that is there takes the new filter. Raises InvalidInput."""
        name = " ".join(name.split())
        if not name:
            raise InvalidInput({"name": "Please fill this in."})
        if len(name) > rules.VIEW_NAME_LENGTH:
            raise InvalidInput({"name": "This is too long."})

        def unit(tx: Connection) -> SavedView:
            there = store.views_of(tx, staff_id)
            same = next((view for view in there if view.name == name), None)
            if same is not None:
                store.set_view_words(tx, same.view_id, wanted.words())
                return msgspec.structs.replace(same, words=wanted.words())
            if len(there) >= rules.VIEWS:
                raise InvalidInput({"name": "You have twenty views already. Delete one first."})
            view = SavedView(view_id=new_id(), name=name, words=wanted.words())
            store.insert_view(tx, staff_id, view, now)
            return view

        return self._database.write(unit)

    def delete_view(self, staff_id: UUID, view_id: str | UUID) -> None:
        """Raises NotFound for another member's: nobody learns that it is there."""
        if not self._database.write(lambda tx: store.delete_view(tx, staff_id, to_id(view_id))):
            raise NotFound()


def _moments(now: datetime, me: UUID | None) -> store.Moments:
    return store.Moments(now, now + rules.SOON, me)


def _cursor(row: QueueRow, sort: str) -> str:
    moment = row.opened_at if sort == "opened" else row.due_at
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}.{row.case_id}"


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    moment, _, case_id = text.partition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), UUID(case_id)
    except (ValueError, OverflowError):
        raise NotFound() from None
