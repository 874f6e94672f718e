"""An installation with something in every register: people, consents, disclosures, holds, destructions, reads."""

import io
import zipfile
from datetime import date

from harness.people import Invented, invent
from harness.places import POLICY
from omonat.app import Omonat
from omonat.intake import Evidence
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.staff import StaffAccount
from omonat.vault import store as vault_store
from omonat.works import carry_out


def account(omonat: Omonat, *roles: str, name: str = "") -> StaffAccount:
    """A member of the staff with these roles."""
    return omonat.staff.add(name or " and ".join(roles), roles=roles, os_user=None, now=omonat.clock.now())


def order(omonat: Omonat, person: Invented, *news: str) -> SubjectId:
    """Somebody orders, and may tick news."""
    now = omonat.clock.now()
    state = omonat.intake.prepare("order", "uz-Latn", now).state
    fields = {"name": person.name, "phone": person.phone, "email": person.email, "service": "SIP"}
    omonat.intake.submit(
        "order", state, fields, frozenset(news), evidence=Evidence(Sealed("192.0.2.7"), Sealed("tests")), now=now
    )
    return omonat.rights.find_person("phone", person.phone)[-1][0]


def prove(omonat: Omonat, subject_id: SubjectId, kind: str = "email") -> None:
    """A code was answered."""
    keys = omonat.keystore.open_subject(subject_id)

    def unit(tx):  # type: ignore[no-untyped-def]
        held = next(one for one in vault_store.identifiers_of(tx, subject_id) if one.kind == kind)
        omonat.vault.prove(tx, keys, held.identifier_id, shared=False, now=omonat.clock.now())

    omonat.database.write(unit)


def fill(omonat: Omonat) -> list[Invented]:
    """Three who ordered: the first is in every register, the second did not confirm, the third is destroyed."""
    people = [invent() for _ in range(3)]
    ids = [order(omonat, people[0], "email"), order(omonat, people[1], "email"), order(omonat, people[2])]
    prove(omonat, ids[0])
    now = omonat.clock.now()
    omonat.disclosures.disclose(ids[0], "contractor", "contract", actor="staff:Sales", reason="mounting", now=now)
    omonat.retention.holds.place(
        ids[0], "accounting", date(2026, 1, 1), purpose="contract", actor="staff:Officer", reason="invoice 7", now=now
    )
    list(omonat.disclosures.mailing("news", "email", actor="staff:Marketing", reason="tariffs", now=now))
    intent = omonat.database.write(
        lambda tx: omonat.erasure.begin(tx, ids[2], None, trigger="demand", actor="staff:Officer", now=now)
    )
    omonat.erasure.carry_out(intent)
    return people


def runs(omonat: Omonat) -> None:
    """One run of every kind, carried out, and an uploaded policy that waits."""
    officer, now = account(omonat, "privacy_officer", name="Officer of the registers"), omonat.clock.now()
    started = [
        omonat.runs.start("sweep", {}, actor=officer.actor, now=now),
        omonat.runs.start("verify", {}, actor=officer.actor, now=now),
        omonat.mailing_lists.ask_count("news", "email", "New tariffs", by=officer, now=now),
    ]
    for run in started:
        carry_out(omonat, str(run.run_id))
    omonat.drafts.keep(archive("9.9", ('consent_term = "3 years"', 'consent_term = "2 years"')), by=officer, now=now)


def archive(number: str = "", *changes: tuple[str, str], folder: str = "") -> bytes:
    """The real policy as a zip, with another number and other pieces of policy.toml: (old, new)."""
    out = io.BytesIO()
    numbered = (('[policy]\nnumber = "3.2"', f'[policy]\nnumber = "{number}"'),) if number else ()
    with zipfile.ZipFile(out, "w") as made:
        for path in sorted(one for one in POLICY.rglob("*") if one.is_file()):
            text = path.read_text("utf-8")
            for old, new in (*numbered, *changes) if path.name == "policy.toml" else ():
                assert old in text, old
                text = text.replace(old, new)
            made.writestr(folder + path.relative_to(POLICY).as_posix(), text)
    return out.getvalue()
