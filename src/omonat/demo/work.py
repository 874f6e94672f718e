"""What the staff of the month do besides: take cases, answer and comment, conclude contracts, ask each other."""

import random
from collections.abc import Callable
from datetime import timedelta

from omonat.app import Omonat
from omonat.contracts import Given
from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId
from omonat.staff import StaffAccount
from omonat.support import CaseFilter

_ANSWERS = (
    "Assalomu alaykum! Ha, qoʻngʻiroqlar CRM kartasiga yoziladi. Ertaga soat 10:00 da qoʻngʻiroq qilamiz.",
    "Здравствуйте! Второй номер подключается за один рабочий день. Мы пришлём договор на подпись.",
    "Hello! Porting a number takes five to ten working days; we will keep you informed.",
)
_COMMENTS = (
    "Tarif boʻyicha savol, Sardor bilan kelishildi.",
    "Перезвонить после обеда, номер подтверждён.",
    "Asked for the invoice of last month, too.",
)
_SUBJECTS = ("IP telefoniya, 12 ish oʻrni", "Virtual ATS va qoʻngʻiroqlarni yozish", "CRM, 10 ta xodim")


class StaffWork:
    """The acts of one installation's staff. `acting`: the account of a role; `someone`: a person who signed in."""

    def __init__(
        self, omonat: Omonat, chance: random.Random, *, acting: Callable[[str], StaffAccount],
        someone: Callable[[], SubjectId],
    ) -> None:  # fmt: skip
        self._omonat, self._chance = omonat, chance
        self._acting, self._someone = acting, someone
        self._contracts = 0

    def take_case(self) -> None:
        """Support takes the first due case that is nobody's yet."""
        account, now = self._acting("support"), self._omonat.clock.now()
        waiting = self._omonat.support.queue.page(CaseFilter(assigned="nobody"), now=now, limit=1)
        for row in waiting.rows:
            self._omonat.support.desk.assign(row.case_id, account, account.staff_id, now=now)

    def answer(self) -> None:
        """Support answers a message in its thread, and leaves a word for the others."""
        account, now = self._acting("support"), self._omonat.clock.now()
        for case in self._omonat.rights.cases("open", 40):
            if case.kind == "contact":
                threads = self._omonat.support.threads
                threads.comment(case.case_id, account, self._chance.choice(_COMMENTS), now=now)
                threads.reply(case.case_id, account, self._chance.choice(_ANSWERS), now=now)
                return

    def conclude(self) -> None:
        """Sales conclude a contract with somebody, from today for a year."""
        account, now = self._acting("sales"), self._omonat.clock.now()
        self._contracts += 1
        today = local_date(now)
        given = Given(
            number=f"2026/{self._contracts:03d}-T", about=self._chance.choice(_SUBJECTS), starts_on=today.isoformat(),
            ends_on=(today + timedelta(days=365)).isoformat(),
        )  # fmt: skip
        drafted = self._omonat.contracts.draft(account, self._someone(), given, now)
        self._omonat.contracts.start(account, drafted.contract_id, now)

    def end_contract(self) -> None:
        """One of them ends early."""
        account, now = self._acting("sales"), self._omonat.clock.now()
        for running in self._omonat.contracts.page("running", limit=1):
            self._omonat.contracts.end(account, running.contract_id, local_date(now).isoformat(), now)
