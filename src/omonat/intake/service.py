"""Showing and taking a form; “I do not agree”."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.consent import Choice, ConsentGiven, Consents, ask_to_confirm, needs_writing
from omonat.consent.model import FORM
from omonat.crypto import keyed_tag, sign_field, verify_field
from omonat.crypto.fields import text_hash
from omonat.intake import rules
from omonat.intake.model import (
    Disagreed,
    Evidence,
    FieldShape,
    FormState,
    FormTexts,
    PreparedForm,
    SentForm,
    ShownText,
    Submitted,
    Taken,
)
from omonat.jobs import Outbox
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.errors import NotFound, OmonatError, PolicyChanged
from omonat.kernel.ids import EventId, SubjectId, SubmissionId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Form, Policies, Version, news_notice, notice
from omonat.rights import Case, Rights
from omonat.storage import Database
from omonat.vault import Brought, Certificate, Destruction, Erasure, Origin, Value, Vault, rows

STATE_HOURS = 48
TOKEN_DAYS = 30  # as long as the cookie that carries it (policy.toml)


class Intake:
    """The door of the site's forms."""

    def __init__(
        self, database: Database, vault: Vault, consents: Consents, *, rights: Rights, erasure: Erasure,
        policies: Policies, outbox: Outbox,
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._consents = consents
        self._rights = rights
        self._erasure = erasure
        self._policies = policies
        self._outbox = outbox

    # --- showing --------------------------------------------------------------------------------------------------

    def prepare(self, form_id: str, language: str, now: datetime) -> PreparedForm:
        """A form under the version in force, with the exact texts beside its button. Raises NotFound."""
        version = self._policies.in_force()
        form = _form(version, form_id)
        state = FormState(
            form_id=form_id, policy_hash=version.hash, language=language, submission_id=SubmissionId(new_id()),
            notice_hash=text_hash(notice(version.facts, form_id, language)), shown_at=now,
        )  # fmt: skip
        fields = tuple(FieldShape(n, f.kind, f.required, f.max_length) for n, f in form.fields.items())
        news_in_writing = form.news_channels if needs_writing(version.facts, form.news or "") else ()
        return PreparedForm(
            form_id=form_id,
            notice=notice(version.facts, form_id, language),
            news_notices={
                channel: news_notice(version.facts, channel, language)
                for channel in form.news_channels
                if channel not in news_in_writing
            },
            fields=fields,
            state=sign_field(self._secret("field"), "form", to_json(state)),
            in_writing=form.ground == "consent" and needs_writing(version.facts, form.purpose),
            news_in_writing=tuple(news_in_writing),
        )

    # --- taking ---------------------------------------------------------------------------------------------------

    def submit(
        self, form_id: str, state: str, fields: Mapping[str, str], channels: frozenset[str], *, evidence: Evidence,
        now: datetime, choice: Choice | None = None,
    ) -> Submitted:  # fmt: skip
        """Take a form: a claimed subject, sealed records, consents, a case; durable when this returns.

        `choice`: what this browser chose about cookies before; it comes along with the form, and only then.

        Sending the same shown form twice is taken once. Raises InvalidInput, UndeclaredCategory, PolicyChanged
        (also for a state that is too old or not ours), Overloaded.
        """
        version = self._policies.in_force()
        shown = self._read_state(state, form_id, version, now)
        act = _read_act(version, shown, fields, channels, evidence=evidence, now=now)
        (case,) = self._carry_out([msgspec.structs.replace(act, choice=choice)])
        return self._submitted(shown.submission_id, case)

    def texts(self, form_id: str, language: str) -> FormTexts:
        """The exact texts to show with a form under the version in force. Raises NotFound."""
        version = self._policies.in_force()
        form = _form(version, form_id)
        return FormTexts(
            _shown_text(notice(version.facts, form_id, language)),
            {each: _shown_text(news_notice(version.facts, each, language)) for each in form.news_channels},
        )

    def take(self, form_id: str, sent: SentForm, *, now: datetime) -> Taken:
        """Take a form that was shown and sent on a connected site; durable when this returns.

        Raises NotFound, PolicyChanged unless the hashes are those of the texts in force, and what `submit` raises.
        """
        (taken,) = self.take_many(form_id, [sent], now=now)
        if isinstance(taken, OmonatError):
            raise taken
        return taken

    def take_many(self, form_id: str, sent: Sequence[SentForm], *, now: datetime) -> list[Taken | OmonatError]:
        """Many forms at once, each taken or refused by itself: what became of each, in their order.

        They go through the doors together, in one transaction; where one of them is refused there, each by itself.
        Raises NotFound for an unknown form.
        """
        version = self._policies.in_force()
        outcomes: list[Taken | OmonatError | None] = [None] * len(sent)
        ready: dict[int, _Act] = {}
        for number, one in enumerate(sent):
            try:
                ready[number] = self._read_sent(version, form_id, one, now)
            except OmonatError as refused:
                outcomes[number] = refused
        for number, why in self._take_ready(ready).items():
            outcomes[number] = why
        return [
            outcome if outcome is not None else self._taken(ready[number].shown.submission_id)
            for number, outcome in enumerate(outcomes)
        ]

    def _read_sent(self, version: Version, form_id: str, sent: SentForm, now: datetime) -> "_Act":
        form, texts = _form(version, form_id), self.texts(form_id, sent.language)
        rules.check_shown(form_id, form, texts, sent)
        shown = FormState(
            form_id=form_id, policy_hash=version.hash, language=sent.language, submission_id=self._once(sent.once),
            notice_hash=sent.notice_hash, shown_at=now,
        )  # fmt: skip
        act = _read_act(version, shown, sent.fields, frozenset(sent.news_hashes), evidence=sent.evidence, now=now)
        return msgspec.structs.replace(act, choice=sent.choice)

    def _take_ready(self, ready: "Mapping[int, _Act]") -> dict[int, OmonatError]:
        """Those that were refused. Together first; one that is refused must not keep the others out."""
        if not ready:
            return {}
        try:
            self._carry_out(list(ready.values()))
        except OmonatError as refused:
            if len(ready) == 1:
                return dict.fromkeys(ready, refused)
            return {n: one for number, act in ready.items() for n, one in self._take_ready({number: act}).items()}
        return {}

    def _once(self, once: str) -> SubmissionId:
        """The id of a submission: derived from what makes it one act, so that a repeat has the same."""
        if not once:
            return SubmissionId(new_id())
        tag = keyed_tag(self._secret("token"), b"submission once", once.encode())
        return SubmissionId(UUID(bytes=tag[:16], version=4))

    def _taken(self, submission_id: SubmissionId) -> Taken:
        """What is held of a submission; of one that was destroyed meanwhile there is nothing to tell."""
        with self._database.read() as tx:
            subject_id = rows.find_submission_subject(tx, submission_id)
            if subject_id is None:
                raise NotFound()
            case = self._rights.case_of_submission(tx, subject_id, submission_id)
        return Taken(
            submission_id=submission_id, subject_id=subject_id, case_id=case.case_id if case else None,
            due_at=case.due_at if case else None,
        )  # fmt: skip

    def _carry_out(self, acts: "Sequence[_Act]") -> "list[Case | None]":
        """Make keys and store; None for a submission that was taken before."""
        with self._database.read() as tx:
            known = {
                act.shown.submission_id
                for act in acts
                if rows.find_submission_subject(tx, act.shown.submission_id) is not None
            }
        fresh = [act for act in acts if act.shown.submission_id not in known]
        if not fresh:
            return [None] * len(acts)
        keys = self._vault.create_keys_of_many([act.parts() for act in fresh], fresh[0].now)
        made = self._database.write(lambda tx: self._store(tx, list(zip(keys, fresh, strict=True))))
        return [made.get(act.shown.submission_id) for act in acts]

    def _store(self, tx: Connection, acts: "list[tuple[SubjectKeys, _Act]]") -> "dict[SubmissionId, Case | None]":
        """Everything of these submissions, in one transaction, under the version that is in force now."""
        new: dict[SubmissionId, tuple[SubjectKeys, _Act]] = {}
        for keys, act in acts:
            if rows.find_submission_subject(tx, act.shown.submission_id) is None:
                new.setdefault(act.shown.submission_id, (keys, act))
            # else the same form, sent twice at once; the keys just made are swept as orphans
        if not new:
            return {}
        if any(self._policies.in_force(tx).hash != act.version.hash for _keys, act in new.values()):
            raise PolicyChanged()
        brought = [Brought(keys, tuple(act.values), act.origin()) for keys, act in new.values()]
        self._vault.collect_many(tx, brought, now=acts[0][1].now, new="person")
        return {submission_id: self._follow_up(tx, *one) for submission_id, one in new.items()}

    def _follow_up(self, tx: Connection, keys: SubjectKeys, act: "_Act") -> Case | None:
        """What comes with the records: the submission, its consents, its case."""
        self._insert_submission(tx, keys, act)
        self._record_consents(tx, keys, act, act.origin())
        return self._open_case(tx, keys, act)

    def _insert_submission(self, tx: Connection, keys: SubjectKeys, act: "_Act") -> None:
        hash_ = self._consents.remember_text(tx, act.shown.language, act.notice(), act.now)
        event_id = self._vault.events.append(
            tx, keys, "collected", at=act.now,
            facts={
                "form": act.form_id, "purpose": act.form.purpose, "ground": act.form.ground,
                "policy": act.version.hash, "notice": hash_, "language": act.shown.language,
                "categories": sorted({value.category for value in act.values}),
            },
            personal={value.field: value.text.reveal() for value in act.values},
            about={"submission": str(act.shown.submission_id)},
        )  # fmt: skip
        row = {
            "subject_id": keys.subject_id, "submission_id": act.shown.submission_id, "form": act.form_id,
            "policy_number": act.version.number, "policy_hash": act.version.hash, "language": act.shown.language,
            "notice_hash": hash_, "submitted_at": act.now, "event_id": EventId(event_id),
        }  # fmt: skip
        token = self._token(act.shown.submission_id).reveal()
        rows.insert_submission(tx, row, self._token_tag(token), act.now + timedelta(days=TOKEN_DAYS))

    def _record_consents(self, tx: Connection, keys: SubjectKeys, act: "_Act", origin: Origin) -> None:
        """Consent by sending, where the form rests on consent; news only where its own box was ticked (clause 3.1)."""
        language, via = act.shown.language, f"form:{act.form_id}"
        if act.form.ground == "consent":
            given = ConsentGiven(
                purpose=act.form.purpose, channel=FORM, action="granted", language=language,
                text_hash=act.shown.notice_hash, via=via, submission_id=act.shown.submission_id,
            )  # fmt: skip
            self._consents.record(tx, keys, given, now=act.now)
        for channel in sorted(act.channels):
            text = news_notice(act.version.facts, channel, language)
            given = ConsentGiven(
                purpose=act.form.news or "", channel=channel, action="granted", language=language,
                text_hash=self._consents.remember_text(tx, language, text, act.now), via=via,
                submission_id=act.shown.submission_id,
            )  # fmt: skip
            if (waiting := self._consents.record_or_wait(tx, keys, given, now=act.now)) is not None:
                ask_to_confirm(self._outbox, tx, keys.subject_id, waiting, language=language, now=act.now)
        self._consents.take_along(tx, keys, act.choice, act.now)
        if act.news:
            news = msgspec.structs.replace(origin, purpose=act.form.news or "", ground="consent")
            self._vault.collect(tx, keys, act.news, news, now=act.now)

    def _open_case(self, tx: Connection, keys: SubjectKeys, act: "_Act") -> Case | None:
        """Each message becomes a tracked case with a term (clause 10.1); staff are told its number, nothing of it."""
        if act.form.term is None:
            return None
        kind = "contract" if act.form.ground == "contract" else "contact"
        details = {"form": act.form_id, "submission": str(act.shown.submission_id), "language": act.shown.language}
        case = self._rights.open_case(tx, keys, kind, act.form.term, details, now=act.now)
        self._outbox.add(
            tx, kind="staff_mail", business_key=f"staff_mail:{case.case_id}", payload={"case": case.case_id},
            now=act.now,
        )  # fmt: skip
        return case

    def _read_state(self, state: str, form_id: str, version: Version, now: datetime) -> FormState:
        value = verify_field(self._secret("field"), "form", state)
        if value is None:
            raise PolicyChanged()
        shown = from_json(value, FormState)
        fresh = shown.shown_at > now - timedelta(hours=STATE_HOURS)
        if shown.form_id != form_id or shown.policy_hash != version.hash or not fresh:
            raise PolicyChanged()
        return shown

    def _submitted(self, submission_id: SubmissionId, case: Case | None) -> Submitted:
        return Submitted(
            submission_id=submission_id,
            case_id=case.case_id if case else None,  # type: ignore[arg-type]  # a case's id travels as text
            due_at=case.due_at if case else None,
            token=self._token(submission_id),
        )

    # --- “I do not agree” (1.3) -----------------------------------------------------------------------------------

    def find_submission(self, token: str | None, now: datetime) -> tuple[SubjectId, SubmissionId] | None:
        """What the browser with this token sent, if it is still held."""
        if not token:
            return None
        with self._database.read() as tx:
            return rows.find_by_token(tx, self._token_tag(token), now)

    def disagree(self, token: str | None, choice: Choice | None, *, erase: bool, now: datetime) -> Disagreed:
        """Destroy what this browser sent (when `erase`), and its cookie choice with everything that hangs on it.

        What another identifier has proven, or what was joined with other submissions, belongs to a person who signs
        in: a browser alone does not reach it (`kept`).
        """
        found = self.find_submission(token, now) if erase else None
        certificate = self._destroy_alone(found[0], now) if found is not None else None
        if choice is not None:
            self._destroy(choice.visitor_id, now)
        return Disagreed(certificate=certificate, kept=found is not None and certificate is None)

    def _destroy_alone(self, subject_id: SubjectId, now: datetime) -> Certificate | None:
        """None: it belongs to somebody, as seen in the transaction that begins the destruction."""

        def unit(tx: Connection) -> Destruction | None:
            return self._begin(tx, subject_id, now) if self._is_alone(tx, subject_id, now) else None

        intent = self._database.write(unit)
        if intent is None:
            return None
        return self._erasure.carry_out(intent) or self._erasure.find_certificate(intent)

    def _is_alone(self, tx: Connection, subject_id: SubjectId, now: datetime) -> bool:
        proven = any(held.state == "proven" for held in rows.identifiers_of(tx, subject_id))
        held_by_law = bool(self._vault.state(tx, subject_id, now).holds)
        return not (proven or held_by_law) and len(rows.submissions_of(tx, subject_id)) == 1

    def _destroy(self, visitor_id: SubjectId, now: datetime) -> None:
        try:
            intent = self._database.write(lambda tx: self._begin(tx, visitor_id, now))
        except NotFound:
            return  # erased before: nothing is left of this browser
        self._erasure.carry_out(intent)

    def _begin(self, tx: Connection, subject_id: SubjectId, now: datetime) -> Destruction:
        keys = self._vault.keystore.open_subject(subject_id)
        keeps = self._consents.suppression.keep(tx, keys, now, all_spoken=True)
        return self._erasure.begin(tx, subject_id, None, trigger="disagree", actor="subject", now=now, keeps=keeps)

    # --- tokens ---------------------------------------------------------------------------------------------------

    def _token(self, submission_id: SubmissionId) -> Sealed[str]:
        """Derived, so that a form sent twice gets the same one."""
        tag = keyed_tag(self._secret("token"), b"submission", submission_id.bytes)
        return Sealed(base64.urlsafe_b64encode(tag).rstrip(b"=").decode())

    def _token_tag(self, token: str) -> bytes:
        return keyed_tag(self._secret("token"), b"submission-token", token.encode())

    def _secret(self, name: str) -> bytes:
        return self._vault.keystore.secret(name)


class _Act(msgspec.Struct, frozen=True):
    """One submission on its way into the database."""

    form_id: str
    form: Form
    version: Version
    shown: FormState
    channels: frozenset[str]
    values: list[Value]
    news: list[Value]
    now: datetime
    choice: Choice | None = None

    def parts(self) -> set[Compartment]:
        """What keys are needed for."""
        parts = {Compartment(self.form.purpose, value.category) for value in self.values}
        return parts | {Compartment(self.form.news or "", value.category) for value in self.news}

    def origin(self) -> Origin:
        """Where its values come from."""
        return Origin(
            purpose=self.form.purpose, ground=self.form.ground, source=f"form:{self.form_id}",
            submission_id=self.shown.submission_id,
        )  # fmt: skip

    def notice(self) -> str:
        """The exact text that stood beside the button."""
        return notice(self.version.facts, self.form_id, self.shown.language)


def _read_act(
    version: Version, shown: FormState, fields: Mapping[str, str], channels: frozenset[str], *, evidence: Evidence,
    now: datetime,
) -> _Act:  # fmt: skip
    """Read and check the fields. Raises InvalidInput, UndeclaredCategory."""
    form_id, form = shown.form_id, _form(version, shown.form_id)
    values = rules.read_fields(form_id, form, fields, channels)
    news = rules.news_values(values, channels)
    values += rules.evidence_values(form, evidence.ip_address, evidence.browser)
    return _Act(form_id, form, version, shown, channels, values, news, now)


def _form(version: Version, form_id: str) -> Form:
    form = version.facts.forms.get(form_id)
    if form is None:
        raise NotFound()
    return form


def _shown_text(text: str) -> ShownText:
    return ShownText(text, text_hash(text))
