"""Signing in to one's own page by a one-time code, and proving identifiers (clause 7.1; design: claimed and proven)."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from omonat.consent import Choice, Consents
from omonat.crypto import keyed_tag, new_token
from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound, TooManyRequests
from omonat.kernel.ids import ChallengeId, SessionId, SubjectId, new_id, to_id
from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.kernel.secret import Sealed
from omonat.keystore import SubjectKeys
from omonat.policy import sign_in_notice
from omonat.rights import codes, rules
from omonat.rights import sign_in_store as store
from omonat.rights import store as cases_store
from omonat.rights.addresses import Addresses, opened
from omonat.rights.model import Answered, Candidate, Session, WrongCode
from omonat.rights.ports import Post, Wanted
from omonat.storage import Database
from omonat.vault import Candidate as Opens
from omonat.vault import Erasure, HeldIdentifier, Vault, WrongValue, masked, normalise, rows
from omonat.vault.merging import Evidence, Merging
from omonat.vault.sealing import open_value

SESSION_HOURS = 2
IDENTIFIER_LENGTH = 320
SIGN_IN, CONFIRM = "sign_in", "confirm"

log = logging.getLogger(__name__)


class _Right(NamedTuple):
    """A code was right: whom it may open, and where the session stands."""

    session: store.StoredSession
    found: list[Opens]


class SignIn:
    """Codes, sessions, "who are you?"."""

    def __init__(
        self, database: Database, vault: Vault, erasure: Erasure, outbox: Outbox, *, consents: Consents, post: Post,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._outbox = outbox
        self._consents = consents
        self._post = post
        self._clock = clock
        self._merging = Merging(vault, erasure)
        self._addresses = Addresses(vault)

    # --- asking for a code ------------------------------------------------------------------------------------------

    def start(
        self, kind: str | None, identifier_text: str, browser_tag: bytes, language: str, now: datetime
    ) -> ChallengeId:
        """Ask for a code. The answer is the same whether the address is held or not, and whether a limit was reached.

        `kind` email, phone or None (looks like which?). Raises InvalidInput for what is no address at all.
        """
        kind, value = _read_identifier(kind, identifier_text)

        def unit(tx: Connection) -> ChallengeId:
            tag = self._vault.index.at(tx).write(tx, kind, value)
            limited = codes.is_limited(tx, kind, tag, now)
            found = rows.candidates(tx, kind, tag)
            held = None if limited or not found else sorted(found, key=lambda each: not each.proven)[0]
            asked = store.Challenge(
                challenge_id=new_id(), kind=kind, tag=tag, browser_tag=browser_tag,
                subject_id=held.subject_id if held else None, identifier_id=held.identifier_id if held else None,
                language=language, intent=SIGN_IN, expires_at=codes.expiry(now), used_at=None,
            )  # fmt: skip
            return self._insert(tx, asked, now)

        return self._database.write(unit)

    def _insert(self, tx: Connection, asked: store.Challenge, now: datetime) -> ChallengeId:
        store.insert_challenge(tx, asked, now)
        key = f"sign_in_code:{asked.challenge_id}"
        payload = {"challenge": str(asked.challenge_id)}
        self._outbox.add(tx, kind="sign_in_code", business_key=key, payload=payload, now=now)
        return ChallengeId(asked.challenge_id)

    def send_sign_in_code(self, payload: dict[str, str]) -> None:
        """Work of the outbox: write the letter of a challenge, if there is anybody to write to."""
        now = self._clock.now()
        with self._database.read() as tx:
            asked = store.find_challenge(tx, UUID(payload["challenge"]))
        self._database.write(lambda tx: store.prune(tx, now - codes.HOUR, now))
        if asked is None or asked.subject_id is None or asked.used_at is not None or asked.expires_at <= now:
            return
        keys = self._addresses.find_keys(SubjectId(asked.subject_id))
        identifier_id = asked.identifier_id
        if keys is None or identifier_id is None:
            return
        chosen = self._database.write(
            lambda tx: self._addresses.choose(
                tx, keys, identifier_id, purpose="services", reason=f"code:{asked.challenge_id}", now=now
            )
        )
        if chosen is None:
            return
        wanted = Wanted(
            letter="sign_in_code" if asked.intent == SIGN_IN else "confirm_identifier",
            message_id=f"code:{asked.challenge_id}", facts={"minutes": str(codes.CODE_MINUTES)},
            code=Sealed(codes.code_of(self._vault.keystore, asked)),
        )  # fmt: skip
        self._post.send(opened(keys, chosen, asked.language), wanted)

    # --- answering it -----------------------------------------------------------------------------------------------

    def answer(self, challenge_id: UUID | str, browser_tag: bytes, code: str | Sealed[str], now: datetime) -> Answered:
        """A right code proves the identifier. One candidate: the session is open; several: `choose` first.

        Raises WrongCode for everything else, in the same words.
        """
        token = new_token()
        right = self._database.write(
            lambda tx: self._answer(tx, _challenge_id(challenge_id), browser_tag, _sealed(code), token, now=now)
        )
        if right is None:
            raise WrongCode()
        waits = right.session.subject_id is None
        shown = self._shown(right.found, now) if waits else ()
        return Answered(session_token=Sealed(token), candidates=shown)

    def _answer(
        self, tx: Connection, challenge_id: UUID, browser_tag: bytes, code: Sealed[str], token: str, *, now: datetime
    ) -> _Right | None:
        asked = codes.spend(
            tx, self._vault.keystore, challenge_id, intent=SIGN_IN, browser_tag=browser_tag, code=code, now=now
        )
        if asked is None:
            return None
        found = rows.candidates(tx, asked.kind, asked.tag)  # as things stand now, not when the code was sent
        if not found:
            return None
        alone = found[0] if len(found) == 1 else None
        session = store.StoredSession(
            session_id=asked.challenge_id, subject_id=alone.subject_id if alone else None, kind=asked.kind,
            tag=asked.tag, created_at=now, expires_at=now + timedelta(hours=SESSION_HOURS),
        )  # fmt: skip
        if alone is not None:
            self._enter(tx, alone, asked.language, shared=False, now=now)
        store.insert_session(tx, self._token_tag(token), session)
        return _Right(session, found)

    def _enter(self, tx: Connection, opens: Opens, language: str, *, shared: bool, now: datetime) -> None:
        """The first proof makes the subject this person's: whoever was in before, by a proof that is gone, is out."""
        keys = self._vault.keystore.open_subject(opens.subject_id)
        if not opens.proven:
            store.end_sessions_of(tx, opens.subject_id)
            self._vault.prove(tx, keys, opens.identifier_id, shared=shared, now=now)
            proven = rows.find_identifier(tx, opens.subject_id, opens.identifier_id)
            if proven is not None:
                self._consents.answered(tx, keys, proven.kind, now)
            self._owe_notices(tx, opens.subject_id, now)
        self._accept(tx, keys, language, now)

    def _accept(self, tx: Connection, keys: SubjectKeys, language: str, now: datetime) -> None:
        """Whoever signs in accepts the version in force (clause 1.2): which, in which language, by which exact text."""
        version = self._vault.policies.in_force(tx)
        notice = self._consents.remember_text(tx, language, sign_in_notice(version.facts, language), now)
        facts: dict[str, object] = {"policy": version.hash, "language": language, "notice": notice}
        self._vault.events.append(tx, keys, "signed_in", at=now, facts=facts)

    def _owe_notices(self, tx: Connection, subject_id: SubjectId, now: datetime) -> None:
        """Notices of disclosures that could go nowhere while nothing was proven (Art. 23) are due now."""
        for row in cases_store.disclosures_of(tx, subject_id):
            if row.notified_at is None:
                payload = {"subject": str(subject_id), "disclosure": str(row.disclosure_id), "letter": "disclosed"}
                key = f"disclosure:{row.disclosure_id}:{now:%Y-%m-%dT%H:%M:%S}"
                self._outbox.add(tx, kind="notice", business_key=key, payload=payload, now=now)

    # --- who are you? -----------------------------------------------------------------------------------------------

    def candidates(self, session_token: str | Sealed[str], now: datetime) -> tuple[Candidate, ...]:
        """The choice of a session that is not open yet; empty when it is. Raises NotFound without a session."""
        with self._database.read() as tx:
            session = self._get(tx, session_token, now)
            found = rows.candidates(tx, session.kind, session.tag) if session.subject_id is None else []
        return self._shown(found, now)

    def _shown(self, found: Iterable[Opens], now: datetime) -> tuple[Candidate, ...]:
        return tuple(shown for opens in found if (shown := self._show(opens, now)) is not None)

    def _show(self, opens: Opens, now: datetime) -> Candidate | None:
        """Form, date, masked name, and nothing else; opening the name is journalled first."""
        keys = self._addresses.find_keys(opens.subject_id)
        if keys is None:
            return None

        def unit(tx: Connection) -> tuple[tuple[str, datetime] | None, UUID | None]:
            name_id = store.find_name_record(tx, opens.subject_id, now)
            if name_id is not None:
                self._vault.journal(
                    tx, keys, "use", actor="system", purpose="services", categories=["name"],
                    reason="sign_in_choice", now=now,
                )  # fmt: skip
            return store.newest_submission(tx, opens.subject_id), name_id

        sent, name_id = self._database.write(unit)
        with self._database.read() as tx:
            held = next((r for r in rows.records_of(tx, opens.subject_id) if r.record_id == name_id), None)
        known = held is not None and keys.has(held.compartment)
        form, submitted_at = sent or ("", opens.created_at)
        return Candidate(
            subject_id=opens.subject_id, form=form, submitted_at=submitted_at, proven=opens.proven,
            name=masked("name", open_value(keys, held)) if held is not None and known else "",
        )  # fmt: skip

    def choose(self, session_token: str | Sealed[str], subject_ids: Iterable[UUID | str], now: datetime) -> Session:
        """Open the session for one person; other claimed submissions that he ticked are merged into his.

        Raises NotFound for what was not offered, Denied for two different persons, Conflict when somebody proved the
        identifier meanwhile: sign in again then.
        """
        ids = [to_id(each) for each in subject_ids]
        token_tag = self._token_tag(session_token)

        def unit(tx: Connection) -> tuple[store.StoredSession, Opens, list[Opens]]:
            session = self._get(tx, session_token, now)
            found = rows.candidates(tx, session.kind, session.tag)
            main, others = rules.choose(found, ids, session.kind)
            asked = store.find_challenge(tx, session.session_id)
            language = asked.language if asked is not None else DEFAULT_LANGUAGE
            self._enter(tx, main, language, shared=_saw_holders(tx, session), now=now)
            if not store.give_session(tx, token_tag, main.subject_id):
                raise Conflict()
            return session._replace(subject_id=main.subject_id), main, others

        session, main, others = self._database.write(unit)
        self._merge(session, main, others, now)
        return _session(session)

    def _merge(self, session: store.StoredSession, main: Opens, others: list[Opens], now: datetime) -> None:
        """Each on its own; one that changed hands meanwhile stays as it is, and is offered again next time."""
        evidence = Evidence(session.kind, session.tag, session.session_id)
        for other in others:
            try:
                self._merging.merge(other.subject_id, main.subject_id, now, evidence=evidence)
            except (Conflict, Denied, NotFound) as error:
                log.info("a submission was not merged: %s", error.code)
        if others:
            self._database.write(lambda tx: self._owe_notices(tx, main.subject_id, now))

    def take_along(self, session_token: str | Sealed[str], choice: Choice | None, now: datetime) -> int:
        """The choice of this browser about cookies comes along to whoever signed in with it, and only then (8.2)."""
        session = self.find_session(session_token, now)
        if choice is None or session is None or session.subject_id is None:
            return 0
        keys = self._vault.keystore.open_subject(session.subject_id)
        return self._database.write(lambda tx: self._consents.take_along(tx, keys, choice, now))

    # --- sessions ---------------------------------------------------------------------------------------------------

    def find_session(self, session_token: str | Sealed[str], now: datetime) -> Session | None:
        """The session of a token, while it lasts (two hours)."""
        with self._database.read() as tx:
            found = store.find_session(tx, self._token_tag(session_token), now)
        return _session(found) if found is not None else None

    def end(self, session_token: str | Sealed[str]) -> None:
        """Sign out."""
        tag = self._token_tag(session_token)
        self._database.write(lambda tx: store.end_session(tx, tag))

    def _get(self, tx: Connection, session_token: str | Sealed[str], now: datetime) -> store.StoredSession:
        found = store.find_session(tx, self._token_tag(session_token), now)
        if found is None:
            raise NotFound()
        return found

    def _token_tag(self, session_token: str | Sealed[str]) -> bytes:
        token = session_token.reveal() if isinstance(session_token, Sealed) else session_token
        return keyed_tag(self._vault.keystore.secret("token"), b"session", token.encode())

    # --- a further identifier of a signed-in person -------------------------------------------------------------------

    def confirm_start(
        self, subject_id: SubjectId, record_id: UUID | str, browser_tag: bytes, language: str, now: datetime
    ) -> ChallengeId:
        """Send a code to an identifier that the person claims. `record_id`: the value, as his file lists it.

        Raises NotFound, Conflict when it is proven, TooManyRequests.
        """

        def unit(tx: Connection) -> ChallengeId:
            held = _claimed(tx, subject_id, to_id(record_id))
            if codes.is_limited(tx, held.kind, held.tag, now):
                raise TooManyRequests(seconds=int(codes.HOUR.total_seconds()))
            asked = store.Challenge(
                challenge_id=new_id(), kind=held.kind, tag=held.tag, browser_tag=browser_tag, subject_id=subject_id,
                identifier_id=held.identifier_id, language=language, intent=CONFIRM, expires_at=codes.expiry(now),
                used_at=None,
            )  # fmt: skip
            return self._insert(tx, asked, now)

        return self._database.write(unit)

    def confirm_answer(
        self, subject_id: SubjectId, challenge_id: UUID | str, browser_tag: bytes, code: str | Sealed[str],
        now: datetime,
    ) -> None:  # fmt: skip
        """A right code proves that identifier. Raises WrongCode, or Conflict when somebody else has proven it."""
        keys = self._vault.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> str:
            asked = codes.spend(
                tx, self._vault.keystore, _challenge_id(challenge_id), intent=CONFIRM, browser_tag=browser_tag,
                code=_sealed(code), now=now,
            )  # fmt: skip
            if asked is None or asked.subject_id != subject_id or asked.identifier_id is None:
                return "wrong"
            held = rows.find_identifier(tx, subject_id, asked.identifier_id)  # type: ignore[arg-type]  # an id from the row
            if held is None:
                return "wrong"
            if held.state != "proven" and rows.holders(tx, held.kind, held.tag):
                return "taken"
            self._vault.prove(tx, keys, held.identifier_id, shared=False, now=now)
            self._consents.answered(tx, keys, held.kind, now)
            self._owe_notices(tx, subject_id, now)
            return "proven"

        outcome = self._database.write(unit)
        if outcome == "wrong":
            raise WrongCode()
        if outcome == "taken":
            raise Conflict()


def _read_identifier(kind: str | None, text: str) -> tuple[str, str]:
    kind = kind or ("email" if "@" in text else "phone")
    if kind not in ("email", "phone"):
        raise InvalidInput({"identifier": "Write an e-mail address or a phone number."})
    try:
        value = normalise(kind, text, IDENTIFIER_LENGTH)
    except WrongValue as wrong:
        raise InvalidInput({"identifier": str(wrong.args[0])}) from None
    if not value:
        raise InvalidInput({"identifier": "Please fill this in."})
    return kind, value


def _sealed(code: str | Sealed[str]) -> Sealed[str]:
    return code if isinstance(code, Sealed) else Sealed(code)


def _challenge_id(text: UUID | str) -> UUID:
    try:
        return to_id(text)
    except NotFound:
        raise WrongCode() from None


def _claimed(tx: Connection, subject_id: SubjectId, record_id: UUID) -> HeldIdentifier:
    records = rows.records_of(tx, subject_id)
    tag = next((held.tag for held in records if held.record_id == record_id), None)
    held = next((each for each in rows.identifiers_of(tx, subject_id) if tag and each.tag == tag), None)
    if held is None:
        raise NotFound()
    if held.state == "proven":
        raise Conflict()
    return held


def _saw_holders(tx: Connection, session: store.StoredSession) -> bool:
    """Whether whoever holds the identifier did so before this choice was shown: then another was chosen knowingly."""
    for _holder, subject_id in rows.holders(tx, session.kind, session.tag):
        for held in rows.identifiers_of(tx, subject_id):
            same = (held.kind, held.tag) == (session.kind, rows.newest_tag(tx, session.tag))
            if same and (held.proven_at is None or held.proven_at > session.created_at):
                return False
    return True


def _session(found: store.StoredSession) -> Session:
    return Session(
        session_id=SessionId(found.session_id), kind=found.kind, created_at=found.created_at,
        subject_id=SubjectId(found.subject_id) if found.subject_id else None, expires_at=found.expires_at,
    )  # fmt: skip
