"""A consent that a person gave by phone, in a message, at the desk or on paper, recorded with its proof (Art. 31).

Nobody gives it for him: what is recorded is his own word, and what proves it. Scans are sealed as files of the person,
under the duty to prove consent, in the same transaction. A consent that is older than what he said since is refused.
"""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.consent import ANY_PROVABLE, OFFER, PERSON, SAID, WRITTEN, Evidence, evidence_problems
from omonat.contracts import media_of
from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import RecordId, SubjectId
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Policies
from omonat.rights import Rights
from omonat.staff import Actor, require
from omonat.vault import Origin, Value, Vault
from omonat.vault.files import add_file

RIGHT = "person.correct"
PROOF_PURPOSE = "legal"
VIA = "staff"
_LONGEST_REFERENCE, _LONGEST_SCRIPT = 120, 60


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded. `offer`: by accepting an offer. `paper`, `proof`: scans of the consent, of the authority of a
    representative; PDF, PNG, JPEG or DOCX up to 5 MB.
    """

    purpose: str
    channel: str
    language: str
    method: str
    given_at: datetime
    given_by: str = PERSON
    offer: bool = False
    reference: str = ""
    offset_seconds: int | None = None
    script: str = ""
    paper: bytes = b""
    proof: bytes = b""


class Recording:
    """Takes down consents for the staff and for programs."""

    def __init__(self, vault: Vault, rights: Rights, policies: Policies) -> None:
        self._vault = vault
        self._rights = rights
        self._policies = policies

    def record(self, actor: Actor, subject_id: SubjectId, said: Said, now: datetime) -> None:
        """Raises NotAllowed, InvalidInput, WrongFile, WrongConsentForm, NotFound for what is not offered."""
        require(actor, RIGHT)
        problems = self._problems(said, now)
        if problems:
            raise InvalidInput(problems)
        part = self._part() if said.paper or said.proof else None
        if part is not None:
            for content in filter(None, (said.paper, said.proof)):
                media_of(content)
            self._vault.keystore.add_compartments(self._vault.keystore.open_subject(subject_id), [part], now)

        def prove(tx: Connection, keys: SubjectKeys) -> Evidence:
            self._refuse_older(tx, subject_id, said, now)
            kept = {
                f"{name}_record_id": self._seal(tx, keys, part, getattr(said, name), now)
                for name in ("paper", "proof")
                if part is not None and getattr(said, name)
            }
            return msgspec.structs.replace(_evidence(said, actor.actor), **kept)

        self._rights.grant(subject_id, said.purpose, said.channel, said.language, now, via=VIA, prove=prove)

    def _problems(self, said: Said, now: datetime) -> dict[str, str]:
        problems = dict(evidence_problems(_evidence(said, "")))
        if said.method not in SAID:
            problems["method"] = "Choose how the consent was given."
        if said.given_at > now:
            problems["given_at"] = "This day has not come yet."
        if said.method == "paper" and not said.paper:
            problems["paper"] = "Add the scan of the paper."
        if said.given_by != PERSON and not said.proof:
            problems["proof"] = "Add the paper by which the representative acts."
        if len(said.reference) > _LONGEST_REFERENCE or len(said.script) > _LONGEST_SCRIPT:
            problems["reference"] = "This is too long."
        if (said.paper or said.proof) and self._part() is None:
            problems["paper"] = "The policy declares nothing under which a paper could be kept."
        return problems

    def _part(self) -> Compartment | None:
        """Where proofs lie: the duty by law, a category of free text."""
        facts = self._policies.in_force().facts
        declared = facts.purposes.get(PROOF_PURPOSE)
        names = declared.categories if declared is not None and "law" in declared.grounds else ()
        found = next((name for name in names if facts.categories[name].kind == "text"), None)
        return Compartment(PROOF_PURPOSE, found) if found is not None else None

    def _seal(
        self, tx: Connection, keys: SubjectKeys, part: Compartment | None, content: bytes, now: datetime
    ) -> RecordId:
        assert part is not None  # checked before
        value = Value("consent_paper", part.category, "text", Sealed(f"consent.{media_of(content)}"))
        origin = Origin(purpose=part.purpose, ground="law", source=VIA)
        (record_id,) = self._vault.collect(tx, keys, [value], origin, now=now)
        add_file(tx, keys, record_id, part, content)
        return record_id

    def _refuse_older(self, tx: Connection, subject_id: SubjectId, said: Said, now: datetime) -> None:
        last = self._vault.state(tx, subject_id, now).consents.get((said.purpose, said.channel))
        if last is not None and last.at > said.given_at:
            raise InvalidInput({"given_at": "The person has said something newer about this."})


def _evidence(said: Said, actor: str) -> Evidence:
    form = WRITTEN if said.method in ("paper", "e_document") else OFFER if said.offer else ANY_PROVABLE
    return Evidence(
        form=form, method=said.method, given_at=said.given_at, actor=actor, given_by=said.given_by,
        reference=said.reference.strip(), offset_seconds=said.offset_seconds, script=said.script.strip(),
    )  # fmt: skip
