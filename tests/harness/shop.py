"""A shop: one installation, used through commands inside this process; what visitors do goes through the services."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from harness import command
from harness.people import Invented
from omonat.app import Omonat
from omonat.intake import Evidence
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.vault import store as vault_store

Answer = TypeVar("Answer")


class Shop:
    """`data` and `keys` lie in `home`; the fixture `shop` of tests/cli makes them."""

    def __init__(self, folder: Path) -> None:
        self.home, self.data, self.keys = folder, folder / "data", folder / "keys"

    def run(self, *words: str | Path, stdin: str = "") -> str:
        """Standard output of a command that succeeds."""
        return command.done(*words, data=self.data, stdin=stdin)

    def json(self, *words: str | Path) -> Any:
        return json.loads(self.run(*words, "--json"))

    def refused(self, *words: str | Path, stdin: str = "") -> command.Said:
        """A command that ends with another exit code than 0."""
        said = command.omonat(*words, data=self.data, stdin=stdin)
        assert said.code, said.out
        return said

    def use(self, act: Callable[[Omonat], Answer]) -> Answer:
        omonat = Omonat.open(self.data)
        try:
            return act(omonat)
        finally:
            omonat.close()

    def sends(self, person: Invented, form: str = "order", *news: str) -> SubjectId:
        """Somebody sends a form; his id."""
        fields = {"name": person.name, "phone": person.phone}
        fields |= {"email": person.email, "service": "SIP"} if form == "order" else {}

        def act(omonat: Omonat) -> SubjectId:
            now = omonat.clock.now()
            prepared = omonat.intake.prepare(form, "uz-Latn", now)
            evidence = Evidence(Sealed("192.0.2.7"), Sealed("tests"))
            omonat.intake.submit(form, prepared.state, fields, frozenset(news), evidence=evidence, now=now)
            return omonat.rights.find_person("phone", person.phone)[-1][0]

        return self.use(act)

    def proves(self, subject_id: SubjectId, kind: str = "email") -> None:
        """He answers a code."""

        def act(omonat: Omonat) -> None:
            keys = omonat.keystore.open_subject(subject_id)

            def unit(tx):  # type: ignore[no-untyped-def]
                held = next(one for one in vault_store.identifiers_of(tx, subject_id) if one.kind == kind)
                omonat.vault.prove(tx, keys, held.identifier_id, shared=False, now=omonat.clock.now())

            omonat.database.write(unit)

        self.use(act)

    def become(self, *roles: str) -> None:
        """From now on the operating-system user is an account with these roles only."""

        def act(omonat: Omonat) -> None:
            from omonat.staff import os_user

            for account in omonat.staff.list():
                omonat.staff.deactivate(account.name)
            if roles:
                omonat.staff.add("Other", roles=roles, os_user=os_user(), now=omonat.clock.now())

        self.use(act)
