"""The operations of the API. Made by scripts/client_code.py from the description; never edit it by hand."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from omonat.client.calls import Answer, Call, Listing, Operation, place
from omonat.client.generated.shapes import (
    Approval,
    ApprovalPage,
    BrowserEvidence,
    Case,
    CaseItems,
    CaseLine,
    CasePage,
    CaseReading,
    CertificateLine,
    CertificatePage,
    Checkpoint,
    Concerned,
    ConcernedPage,
    ConsentHistory,
    Contract,
    ContractHolders,
    ContractLine,
    ContractPage,
    Decision,
    Decisions,
    DifferenceList,
    Disclosure,
    DisclosureLine,
    DisclosurePage,
    Document,
    DocumentFile,
    Draft,
    DraftLine,
    DraftList,
    Due,
    Entry,
    EntryPage,
    Erasure,
    Export,
    ExportedConsent,
    ExportPage,
    Form,
    FormList,
    GrantOf,
    HistoryItems,
    HolderList,
    HoldLine,
    HoldPage,
    ImportResults,
    ImportRow,
    Incident,
    IncidentLine,
    IncidentPage,
    JournalLine,
    JournalPage,
    Key,
    KeyPage,
    Lifted,
    List,
    ListAsked,
    Made,
    Measure,
    MeasureList,
    Member,
    MemberList,
    Message,
    MessagePage,
    Notice,
    PersonList,
    Preview,
    Question,
    ReceiptFile,
    RecipientList,
    Regrouping,
    Repeated,
    Role,
    RoleList,
    Run,
    ShownText,
    Statistics,
    Submission,
    SubmissionItems,
    SubmissionSent,
    ValueList,
    Version,
    VersionList,
    Waiting,
    Webhook,
    WebhookList,
    WebhookMade,
    WebhookTestSent,
    WithdrawalOf,
)


def _fetch_key_secret(key_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Made]:
    """The secret that a second person approved, once."""
    return Call("POST", f"/keys/{place(key_id)}/secret", Made, idempotency_key=idempotency_key, writes=True)


def _get_key(key_id: UUID | str) -> Call[Key]:
    """One key."""
    return Call("GET", f"/keys/{place(key_id)}", Key)


def _list_keys(*, limit: int | None = None, cursor: str | None = None) -> Call[KeyPage]:
    """Every key, revoked ones too."""
    return Call("GET", "/keys", KeyPage, query={"limit": limit, "cursor": cursor})


def _make_key(
    *,
    name: str,
    rights: list[str],
    purposes: list[str] | None = None,
    origins: list[str] | None = None,
    days: int | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Made]:
    """Make a key; one that reaches far waits for a second person."""
    return Call(
        "POST",
        "/keys",
        Made,
        sent={"name": name, "rights": rights, "purposes": purposes, "origins": origins, "days": days, "reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _revoke_key(key_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Key]:
    """A key does nothing any more, from the next call on."""
    return Call("DELETE", f"/keys/{place(key_id)}", Key, idempotency_key=idempotency_key, writes=True)


def _rotate_key(
    key_id: UUID | str,
    *,
    overlap_days: int | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Made]:
    """A new secret; the old one works for a while."""
    return Call(
        "POST",
        f"/keys/{place(key_id)}/rotate",
        Made,
        sent={"overlap_days": overlap_days, "reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _list_approvals(*, limit: int | None = None, cursor: str | None = None) -> Call[ApprovalPage]:
    """Acts that two people answer for; a key may ask, and never decides."""
    return Call("GET", "/approvals", ApprovalPage, query={"limit": limit, "cursor": cursor})


def _assign_case(
    case_id: UUID | str, *, to: UUID | None, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Case]:
    """Give an open case to a member of the staff, or to nobody."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/assign",
        Case,
        sent={"to": to},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _close_case(
    case_id: UUID | str,
    *,
    outcome: Literal[
        "answered",
        "carried_out",
        "corrected",
        "destroyed",
        "destroyed_in_part",
        "kept_by_law",
        "nothing_to_withdraw",
        "refused",
        "withdrawn",
    ],
    reason: Literal["harms_others", "informed_before", "not_a_demand", "not_identified", "public_source"] | None = None,
    if_match: str | Answer,
    idempotency_key: str | None = None,
) -> Call[Case]:
    """Close an open case; the person gets a written notice."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/close",
        Case,
        sent={"outcome": outcome, "reason": reason},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _comment_on_case(case_id: UUID | str, *, text: str, idempotency_key: str | None = None) -> Call[Case]:
    """A word to the other members: sealed with the case, never sent."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/comments",
        Case,
        sent={"text": text},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_case(case_id: UUID | str) -> Call[Case]:
    """A case with its steps."""
    return Call("GET", f"/cases/{place(case_id)}", Case)


def _list_cases(
    *, limit: int | None = None, cursor: str | None = None, state: Literal["done", "open", "refused"] | None = None
) -> Call[CasePage]:
    """Cases without their steps, the first due first."""
    return Call("GET", "/cases", CasePage, query={"limit": limit, "cursor": cursor, "state": state})


def _read_case(case_id: UUID | str) -> Call[CaseReading]:
    """Open the thread of a case and who wrote, as far as the key carries the purpose of the case.

    The reading is journalled before anything is opened, and the person sees it. `closed_to` says why values are shut.
    """
    return Call("POST", f"/cases/{place(case_id)}/read", CaseReading)


def _reopen_case(
    case_id: UUID | str, *, note: str | None = None, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Case]:
    """Take a wrong end back, within a day."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/reopen",
        Case,
        sent={"note": note},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _reply_to_case(case_id: UUID | str, *, text: str, idempotency_key: str | None = None) -> Call[Case]:
    """Answer the person: kept in the case, shown on his page, sent to the address that the case names."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/reply",
        Case,
        sent={"text": text},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _resend_reply(case_id: UUID | str, message_id: UUID | str, *, idempotency_key: str | None = None) -> Call[None]:
    """Try once more to send a reply that was given up."""
    return Call(
        "POST",
        f"/cases/{place(case_id)}/messages/{place(message_id)}/resend",
        None,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _export_consents(*, limit: int | None = None, cursor: str | None = None) -> Call[ExportPage]:
    """Every consent of everybody with its evidence, its ledger entry and its text, page by page.

    People appear by their ids only, as in `omonat consent export`. Each page is entered into the ledger. A key with
    this right is made by two people, as every other way out of all consents needs a second person.
    """
    return Call("GET", "/consents/export", ExportPage, query={"limit": limit, "cursor": cursor})


def _find_consents(*, kind: Literal["email", "phone"], value: str) -> Call[HolderList]:
    """The consents that stand of everybody who names an e-mail address or phone number.

    A POST, because an identifier is a personal value and does not belong into an address. Changes nothing.
    """
    return Call("POST", "/consents/find", HolderList, sent={"kind": kind, "value": value})


def _get_consent_text(
    channel: str, *, language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None
) -> Call[Notice]:
    """The exact text to show beside a button that grants consent to news by a channel, with its hash."""
    return Call("GET", f"/consents/texts/{place(channel)}", Notice, query={"language": language})


def _get_shown_text(hash: str) -> Call[ShownText]:
    """The exact text behind the `text_hash` of a consent, however old it is."""
    return Call("GET", f"/consents/shown/{place(hash)}", ShownText)


def _grant_consent(
    subject_id: UUID | str,
    *,
    purpose: str,
    channel: str,
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"],
    text: str,
    idempotency_key: str | None = None,
) -> Call[ConsentHistory]:
    """Record a consent by channel, with the proof of the text that was shown.

    Send the hash of `getConsentText` in the same language; another text is refused with `policy_changed`.
    The person needs an address for the channel.
    """
    return Call(
        "POST",
        f"/people/{place(subject_id)}/consents",
        ConsentHistory,
        sent={"purpose": purpose, "channel": channel, "language": language, "text": text},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _grant_consents(*, items: list[GrantOf], idempotency_key: str | None = None) -> Call[HistoryItems]:
    """Record up to 100 consents; each is taken or refused by itself."""
    return Call(
        "POST", "/consents/bulk", HistoryItems, sent={"items": items}, idempotency_key=idempotency_key, writes=True
    )


def _import_consents(
    *, items: list[ImportRow], dry_run: bool | None = None, idempotency_key: str | None = None
) -> Call[ImportResults]:
    """Take over consents that the company already has; each row by itself, each once, however often it is sent."""
    return Call(
        "POST",
        "/consents/import",
        ImportResults,
        sent={"items": items, "dry_run": dry_run},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _list_consents(subject_id: UUID | str) -> Call[ConsentHistory]:
    """Every word of a person about consent, with the hash of the text behind it."""
    return Call("GET", f"/people/{place(subject_id)}/consents", ConsentHistory)


def _record_consent(
    subject_id: UUID | str,
    *,
    purpose: str,
    channel: str,
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"],
    method: Literal["call", "desk", "e_document", "email", "paper", "sms", "telegram"],
    given_at: datetime,
    given_by: Literal["person", "representative"] | None = None,
    offer: bool | None = None,
    reference: str | None = None,
    offset_seconds: int | None = None,
    script: str | None = None,
    paper: str | None = None,
    proof: str | None = None,
    idempotency_key: str | None = None,
) -> Call[ConsentHistory]:
    """Record a consent that a person gave by phone, in a message, at the desk or on paper, with its proof.

    A consent on paper needs its scan, one by a representative the proof of the authority. What is older than the
    person's last word about it is refused.
    """
    return Call(
        "POST",
        f"/people/{place(subject_id)}/consents/record",
        ConsentHistory,
        sent={
            "purpose": purpose,
            "channel": channel,
            "language": language,
            "method": method,
            "given_at": given_at,
            "given_by": given_by,
            "offer": offer,
            "reference": reference,
            "offset_seconds": offset_seconds,
            "script": script,
            "paper": paper,
            "proof": proof,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _withdraw_consent(
    subject_id: UUID | str,
    *,
    purpose: str,
    channel: str | None = None,
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None,
    idempotency_key: str | None = None,
) -> Call[Case]:
    """Withdraw a consent, effective with this call everywhere; the person gets a written notice."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/consents/withdraw",
        Case,
        sent={"purpose": purpose, "channel": channel, "language": language},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _withdraw_consents(*, items: list[WithdrawalOf], idempotency_key: str | None = None) -> Call[CaseItems]:
    """Withdraw up to 100 consents; each takes effect by itself."""
    return Call(
        "POST",
        "/consents/withdrawals/bulk",
        CaseItems,
        sent={"items": items},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _add_contract_document(
    contract_id: UUID | str, *, name: str, content: str, idempotency_key: str | None = None
) -> Call[Document]:
    """Seal a file into a contract."""
    return Call(
        "POST",
        f"/contracts/{place(contract_id)}/documents",
        Document,
        sent={"name": name, "content": content},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _annul_contract(
    contract_id: UUID | str, *, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Contract]:
    """What was drafted or begun by mistake, or fell through."""
    return Call(
        "POST",
        f"/contracts/{place(contract_id)}/annul",
        Contract,
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _draft_contract(
    *,
    subject_id: UUID,
    number: str,
    about: str,
    starts_on: str,
    ends_on: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Contract]:
    """A contract that is being concluded; its number and subject are sealed."""
    return Call(
        "POST",
        "/contracts",
        Contract,
        sent={"subject_id": subject_id, "number": number, "about": about, "starts_on": starts_on, "ends_on": ends_on},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _end_contract(
    contract_id: UUID | str, *, ended_on: str, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Contract]:
    """The terms of what rested on it begin."""
    return Call(
        "POST",
        f"/contracts/{place(contract_id)}/end",
        Contract,
        sent={"ended_on": ended_on},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _find_contract(*, number: str) -> Call[ContractHolders]:
    """Whose contract has exactly this number; there is no search by a part of it."""
    return Call("POST", "/contracts/find", ContractHolders, sent={"number": number})


def _get_contract(contract_id: UUID | str) -> Call[Contract]:
    """One contract with the list of its documents."""
    return Call("GET", f"/contracts/{place(contract_id)}", Contract)


def _list_contracts(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    state: Literal["annulled", "draft", "ended", "running"] | None = None,
) -> Call[ContractPage]:
    """Contracts without documents, the latest first day first."""
    return Call("GET", "/contracts", ContractPage, query={"limit": limit, "cursor": cursor, "state": state})


def _read_contract_document(contract_id: UUID | str, record_id: UUID | str, *, reason: str) -> Call[DocumentFile]:
    """Open a document; the reading is journalled before. The key must carry the purpose `contract`."""
    return Call(
        "POST",
        f"/contracts/{place(contract_id)}/documents/{place(record_id)}/read",
        DocumentFile,
        sent={"reason": reason},
    )


def _start_contract(
    contract_id: UUID | str, *, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Contract]:
    """From now on it is a ground."""
    return Call(
        "POST",
        f"/contracts/{place(contract_id)}/start",
        Contract,
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _decide(
    *,
    operation: Literal["collect", "destroy", "disclose", "read", "use"],
    purpose: str,
    category: str,
    recipient: str | None = None,
    channel: str | None = None,
    ground: Literal["consent", "contract", "law"] | None = None,
    subject_id: UUID,
) -> Call[Decision]:
    """May this be done, and why or why not? Nothing is opened and nothing changes.

    The key must carry the purpose. The door itself asks again inside its own transaction: an answer of a moment ago is
    no permission.
    """
    return Call(
        "POST",
        "/decisions",
        Decision,
        sent={
            "operation": operation,
            "purpose": purpose,
            "category": category,
            "recipient": recipient,
            "channel": channel,
            "ground": ground,
            "subject_id": subject_id,
        },
    )


def _decide_on_many(*, questions: list[Question], subject_ids: list[UUID]) -> Call[Decisions]:
    """May this be done to each of up to 10,000 people? Every answer with its reasons, by its place in a legend.

    The key must carry every purpose that is asked about. One moment and one policy for all. Nothing is opened and
    nothing is journalled: a decision is no reading and no use. Whoever is not held (any more) is answered as erased.
    The door itself asks again.
    """
    return Call("POST", "/decisions/bulk", Decisions, sent={"questions": questions, "subject_ids": subject_ids})


def _disclose(
    *,
    subject_id: UUID,
    recipient: str,
    purpose: str,
    categories: list[str] | None = None,
    reason: str,
    idempotency_key: str | None = None,
) -> Call[Disclosure]:
    """Give a registered recipient a person's values of one purpose.

    Decided, journalled and owed to the person as a notice before anything is opened. The key must carry the purpose.
    """
    return Call(
        "POST",
        "/disclosures",
        Disclosure,
        sent={
            "subject_id": subject_id,
            "recipient": recipient,
            "purpose": purpose,
            "categories": categories,
            "reason": reason,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _list_disclosures(
    *, limit: int | None = None, cursor: str | None = None, recipient: str | None = None, purpose: str | None = None
) -> Call[DisclosurePage]:
    """Who received what, the newest first."""
    return Call(
        "GET",
        "/disclosures",
        DisclosurePage,
        query={"limit": limit, "cursor": cursor, "recipient": recipient, "purpose": purpose},
    )


def _list_recipients() -> Call[RecipientList]:
    """The recipients that the policy in force names, and what each may have."""
    return Call("GET", "/recipients", RecipientList)


def _get_form(form: str, *, language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None) -> Call[Form]:
    """A form with the exact texts to show.

    Show `notice.text` beside the button and, for each channel of `news`, its text beside a box that is not ticked.
    Send the hashes back with the submission. Read it again when a submission is answered with `policy_changed`.
    """
    return Call("GET", f"/forms/{place(form)}", Form, query={"language": language})


def _list_forms(*, language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None) -> Call[FormList]:
    """The forms that the policy in force declares."""
    return Call("GET", "/forms", FormList, query={"language": language})


def _submit_form(
    form: str,
    *,
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"],
    notice: str,
    fields: dict[str, str],
    news: dict[str, str] | None = None,
    evidence: BrowserEvidence | None = None,
    choice: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Submission]:
    """Take a form that a person sent on a connected site; durable when this answers.

    Consent by sending, where the form rests on it, is recorded with the hash of the notice that was shown. A hash
    that is not that of the text in force is refused with `policy_changed`: show the new text and ask again.
    With an `Idempotency-Key` a repeat is taken once, even after a crash.
    """
    return Call(
        "POST",
        f"/forms/{place(form)}/submissions",
        Submission,
        sent={
            "language": language,
            "notice": notice,
            "fields": fields,
            "news": news,
            "evidence": evidence,
            "choice": choice,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _submit_forms(
    form: str, *, items: list[SubmissionSent], idempotency_key: str | None = None
) -> Call[SubmissionItems]:
    """Take up to 100 submissions; each is taken or refused by itself, and durable when this answers.

    With an `Idempotency-Key` the repeat of the whole call takes each item once.
    """
    return Call(
        "POST",
        f"/forms/{place(form)}/submissions/bulk",
        SubmissionItems,
        sent={"items": items},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _assess_incident(
    incident_id: UUID | str,
    *,
    severity: Literal["high", "low", "medium"],
    kinds: list[Literal["access", "change", "disclosure", "loss", "unavailable"]],
    purposes: list[str] | None = None,
    categories: list[str] | None = None,
    happened_from: datetime | None = None,
    happened_until: datetime | None = None,
    note: str,
    if_match: str | Answer,
    idempotency_key: str | None = None,
) -> Call[Incident]:
    """How grave it is; may be repeated until those concerned were told."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/assessment",
        Incident,
        sent={
            "severity": severity,
            "kinds": kinds,
            "purposes": purposes,
            "categories": categories,
            "happened_from": happened_from,
            "happened_until": happened_until,
            "note": note,
        },
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _close_incident(
    incident_id: UUID | str, *, note: str, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Incident]:
    """What was learnt, and what was changed for it."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/close",
        Incident,
        sent={"note": note},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _contain_incident(
    incident_id: UUID | str, *, note: str, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Incident]:
    """It goes on no longer; the note says by what."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/containment",
        Incident,
        sent={"note": note},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _decide_duty(
    incident_id: UUID | str, whom: str, *, told: bool, note: str, idempotency_key: str | None = None
) -> Call[Incident]:
    """Told, and how; or not needed, and why. Once."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/duties/{place(whom)}",
        Incident,
        sent={"told": told, "note": note},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _find_concerned(
    incident_id: UUID | str,
    *,
    since: datetime,
    until: datetime,
    actor: str | None = None,
    purpose: str | Literal[""] | None = None,
    category: str | Literal[""] | None = None,
    recipient: str | Literal[""] | None = None,
    idempotency_key: str | None = None,
) -> Call[Incident]:
    """Find those concerned through journal and disclosures, and keep them with the incident; anew until letters go."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/people",
        Incident,
        sent={
            "since": since,
            "until": until,
            "actor": actor,
            "purpose": purpose,
            "category": category,
            "recipient": recipient,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _finish_telling(
    incident_id: UUID | str, *, note: str, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Incident]:
    """Everybody who has to know was told, or need not be."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/telling",
        Incident,
        sent={"note": note},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_incident(incident_id: UUID | str) -> Call[Incident]:
    """An incident with whom to tell by when, and its time line."""
    return Call("GET", f"/incidents/{place(incident_id)}", Incident)


def _list_concerned(
    incident_id: UUID | str, *, limit: int | None = None, cursor: str | None = None
) -> Call[ConcernedPage]:
    """Those whom an incident concerns, as they were found and kept with it; ids only."""
    return Call(
        "GET", f"/incidents/{place(incident_id)}/people", ConcernedPage, query={"limit": limit, "cursor": cursor}
    )


def _list_incidents(*, limit: int | None = None, cursor: str | None = None) -> Call[IncidentPage]:
    """Incidents, the newest first."""
    return Call("GET", "/incidents", IncidentPage, query={"limit": limit, "cursor": cursor})


def _open_incident(
    *, title: str, description: str, detected_at: datetime, idempotency_key: str | None = None
) -> Call[Incident]:
    """Detected: its clocks run from that moment on."""
    return Call(
        "POST",
        "/incidents",
        Incident,
        sent={"title": title, "description": description, "detected_at": detected_at},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _order_letters(
    incident_id: UUID | str,
    *,
    uz_latn: str | None = None,
    uz_cyrl: str | None = None,
    ru: str | None = None,
    en: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Incident]:
    """Tell those concerned, each in his language; once."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/letters",
        Incident,
        sent={"uz_latn": uz_latn, "uz_cyrl": uz_cyrl, "ru": ru, "en": en},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _remark_on_incident(incident_id: UUID | str, *, note: str, idempotency_key: str | None = None) -> Call[Incident]:
    """One more line on the time line."""
    return Call(
        "POST",
        f"/incidents/{place(incident_id)}/remarks",
        Incident,
        sent={"note": note},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _list_journal(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    actor: str | None = None,
    operation: str | None = None,
    purpose: str | None = None,
) -> Call[JournalPage]:
    """Who read, used, exported and corrected what, the newest first."""
    return Call(
        "GET",
        "/journal",
        JournalPage,
        query={"limit": limit, "cursor": cursor, "actor": actor, "operation": operation, "purpose": purpose},
    )


def _get_checkpoint() -> Call[Checkpoint]:
    """The newest signed head; keep one elsewhere."""
    return Call("GET", "/ledger/checkpoint", Checkpoint)


def _get_verification(run_id: UUID | str) -> Call[Run]:
    """How far a verification is, and what it found."""
    return Call("GET", f"/ledger/verifications/{place(run_id)}", Run)


def _list_ledger_entries(
    *, limit: int | None = None, cursor: str | None = None, kind: str | None = None
) -> Call[EntryPage]:
    """Entries, the newest first: kind and hash, never what they say."""
    return Call("GET", "/ledger/entries", EntryPage, query={"limit": limit, "cursor": cursor, "kind": kind})


def _verify_ledger(*, idempotency_key: str | None = None) -> Call[Run]:
    """Recompute the whole ledger: a job."""
    return Call("POST", "/ledger/verifications", Run, idempotency_key=idempotency_key, writes=True)


def _cancel_mailing_list(run_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Run]:
    """Stop a count or a list that waits or runs."""
    return Call("DELETE", f"/mailing-lists/{place(run_id)}", Run, idempotency_key=idempotency_key, writes=True)


def _count_mailing(*, purpose: str, channel: str, reason: str, idempotency_key: str | None = None) -> Call[Run]:
    """How many may be written to for a purpose by a channel: a job (see `getRun`)."""
    return Call(
        "POST",
        "/mailing-lists/counts",
        Run,
        sent={"purpose": purpose, "channel": channel, "reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _draw_mailing_list(count_id: UUID | str, *, idempotency_key: str | None = None) -> Call[ListAsked]:
    """Draw the list that was counted; more than one name needs a second person."""
    return Call(
        "POST", f"/mailing-lists/counts/{place(count_id)}/list", ListAsked, idempotency_key=idempotency_key, writes=True
    )


def _fetch_mailing_list(run_id: UUID | str, *, idempotency_key: str | None = None) -> Call[List]:
    """The drawn list, once, for the key that asked for it; then it is destroyed.

    Whoever withdrew since it was drawn is left out.
    """
    return Call("POST", f"/mailing-lists/{place(run_id)}/fetch", List, idempotency_key=idempotency_key, writes=True)


def _get_mailing_list(run_id: UUID | str) -> Call[Run]:
    """How far a count or a list is."""
    return Call("GET", f"/mailing-lists/{place(run_id)}", Run)


def _add_measure(
    *,
    kind: Literal["legal", "organisational", "technical"],
    title: str,
    description: str,
    status: Literal["dropped", "in_place", "planned", "under_review"],
    evidence: str | None = None,
    owner_id: UUID | None = None,
    review_on: date | None = None,
    idempotency_key: str | None = None,
) -> Call[Measure]:
    """A measure of the operator's own."""
    return Call(
        "POST",
        "/measures",
        Measure,
        sent={
            "kind": kind,
            "title": title,
            "description": description,
            "status": status,
            "evidence": evidence,
            "owner_id": owner_id,
            "review_on": review_on,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _change_measure(
    measure_id: UUID | str,
    *,
    kind: Literal["legal", "organisational", "technical"],
    title: str,
    description: str,
    status: Literal["dropped", "in_place", "planned", "under_review"],
    evidence: str | None = None,
    owner_id: UUID | None = None,
    review_on: date | None = None,
    note: str,
    if_match: str | Answer,
    idempotency_key: str | None = None,
) -> Call[Measure]:
    """Say a measure anew; the change is kept with its note."""
    return Call(
        "PUT",
        f"/measures/{place(measure_id)}",
        Measure,
        sent={
            "kind": kind,
            "title": title,
            "description": description,
            "status": status,
            "evidence": evidence,
            "owner_id": owner_id,
            "review_on": review_on,
            "note": note,
        },
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_measure(measure_id: UUID | str) -> Call[Measure]:
    """One measure."""
    return Call("GET", f"/measures/{place(measure_id)}", Measure)


def _list_measures() -> Call[MeasureList]:
    """The register of measures: legal, organisational, technical."""
    return Call("GET", "/measures", MeasureList)


def _correct_person(
    subject_id: UUID | str, *, record_id: UUID, value: str, idempotency_key: str | None = None
) -> Call[Case]:
    """Replace a wrong value; recipients of the old one are told."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/corrections",
        Case,
        sent={"record_id": record_id, "value": value},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _erase_person(subject_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Erasure]:
    """Destroy everything held about a person that no law keeps. It cannot be undone."""
    return Call("POST", f"/people/{place(subject_id)}/erasure", Erasure, idempotency_key=idempotency_key, writes=True)


def _export_person(
    subject_id: UUID | str, *, language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None, reason: str
) -> Call[Export]:
    """Everything held about a person in one document, to be handed to him; a line of his journal says so.

    The key must carry the purpose `legal`.
    """
    return Call("POST", f"/people/{place(subject_id)}/export", Export, sent={"language": language, "reason": reason})


def _find_people(*, kind: Literal["email", "phone"], value: str, purpose: str, reason: str) -> Call[PersonList]:
    """Everybody who names an e-mail address or phone number; there is no list of all people.

    The key must carry the purpose. Searches are counted per key and recorded, without what was sought.
    """
    return Call(
        "POST", "/people/find", PersonList, sent={"kind": kind, "value": value, "purpose": purpose, "reason": reason}
    )


def _join_people(
    subject_id: UUID | str,
    *,
    purpose: str,
    reason: str,
    other_id: UUID,
    evidence: Literal["called_back", "code_answered", "document_seen"],
    note: str,
    digest: str,
    idempotency_key: str | None = None,
) -> Call[Regrouping]:
    """Make the other one a part of the person; both are told where they have proven an address."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/joinings",
        Regrouping,
        sent={
            "purpose": purpose,
            "reason": reason,
            "other_id": other_id,
            "evidence": evidence,
            "note": note,
            "digest": digest,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _lift_objection(subject_id: UUID | str, purpose: str, *, idempotency_key: str | None = None) -> Call[Lifted]:
    """Take an objection back, on the person's word."""
    return Call(
        "DELETE",
        f"/people/{place(subject_id)}/objections/{place(purpose)}",
        Lifted,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _lift_suspension(subject_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Lifted]:
    """Resume the use of a person's data, on his word."""
    return Call(
        "DELETE", f"/people/{place(subject_id)}/suspension", Lifted, idempotency_key=idempotency_key, writes=True
    )


def _object_for_person(subject_id: UUID | str, *, purpose: str, idempotency_key: str | None = None) -> Call[Case]:
    """Stop one purpose for a person, on whichever ground it rests."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/objections",
        Case,
        sent={"purpose": purpose},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _preview_joining(subject_id: UUID | str, *, purpose: str, reason: str, other_id: UUID) -> Call[Preview]:
    """What would come to the person if the other one were he."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/joinings/preview",
        Preview,
        sent={"purpose": purpose, "reason": reason, "other_id": other_id},
    )


def _preview_separation(subject_id: UUID | str, *, purpose: str, reason: str, submissions: list[UUID]) -> Call[Preview]:
    """What would go with some of the person's forms."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/separations/preview",
        Preview,
        sent={"purpose": purpose, "reason": reason, "submissions": submissions},
    )


def _read_person(subject_id: UUID | str, *, purpose: str, reason: str) -> Call[ValueList]:
    """Open the values of one purpose; the person sees who read them, when and why.

    The key must carry the purpose. The journal is durable before any value is opened. What the purpose does not open
    is named without its value, with the reasons.
    """
    return Call("POST", f"/people/{place(subject_id)}/read", ValueList, sent={"purpose": purpose, "reason": reason})


def _separate_person(
    subject_id: UUID | str,
    *,
    purpose: str,
    reason: str,
    submissions: list[UUID],
    evidence: Literal["called_back", "code_answered", "document_seen"],
    note: str,
    digest: str,
    idempotency_key: str | None = None,
) -> Call[Regrouping]:
    """Make the sender of some forms a person of his own."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/separations",
        Regrouping,
        sent={
            "purpose": purpose,
            "reason": reason,
            "submissions": submissions,
            "evidence": evidence,
            "note": note,
            "digest": digest,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _suspend_person(subject_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Case]:
    """Stop every use of a person's data until it is lifted (Art. 30); what a law demands goes on."""
    return Call("POST", f"/people/{place(subject_id)}/suspension", Case, idempotency_key=idempotency_key, writes=True)


def _undo_regrouping(
    subject_id: UUID | str, regrouping_id: UUID | str, *, purpose: str, reason: str, idempotency_key: str | None = None
) -> Call[Regrouping]:
    """Take a joining or separation back, within seven days."""
    return Call(
        "POST",
        f"/people/{place(subject_id)}/regroupings/{place(regrouping_id)}/undo",
        Regrouping,
        sent={"purpose": purpose, "reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _compare_policy_versions(
    *, old: str, new: str, language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None
) -> Call[DifferenceList]:
    """What differs between two versions, clause by clause."""
    return Call("GET", "/policy/differences", DifferenceList, query={"old": old, "new": new, "language": language})


def _drop_policy_draft(draft_id: UUID | str, *, idempotency_key: str | None = None) -> Call[None]:
    """Throw an uploaded policy away."""
    return Call("DELETE", f"/policy/drafts/{place(draft_id)}", None, idempotency_key=idempotency_key, writes=True)


def _get_policy_draft(draft_id: UUID | str) -> Call[Draft]:
    """An uploaded policy, and the plan: what publishing it would do."""
    return Call("GET", f"/policy/drafts/{place(draft_id)}", Draft)


def _get_policy_in_force() -> Call[Version]:
    """The version in force, with its facts."""
    return Call("GET", "/policy/in-force", Version)


def _get_policy_version(number: str) -> Call[Version]:
    """One version with its facts."""
    return Call("GET", f"/policy/versions/{place(number)}", Version)


def _list_policy_drafts() -> Call[DraftList]:
    """Uploaded policies, the newest first."""
    return Call("GET", "/policy/drafts", DraftList)


def _list_policy_versions() -> Call[VersionList]:
    """Every version of the policy, the oldest first."""
    return Call("GET", "/policy/versions", VersionList)


def _publish_policy(draft_id: UUID | str, *, reason: str, idempotency_key: str | None = None) -> Call[Waiting]:
    """Ask for an uploaded policy to be put into force; a member of the staff publishes it (9.1)."""
    return Call(
        "POST",
        f"/policy/drafts/{place(draft_id)}/publish",
        Waiting,
        sent={"reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _upload_policy(*, archive: str, idempotency_key: str | None = None) -> Call[DraftLine]:
    """Check a policy folder and keep it; `policy_not_ready` names every finding."""
    return Call(
        "POST", "/policy/drafts", DraftLine, sent={"archive": archive}, idempotency_key=idempotency_key, writes=True
    )


def _count_due() -> Call[Due]:
    """How many people have something whose term has run out."""
    return Call("GET", "/retention/due", Due)


def _get_certificate(certificate_id: UUID | str) -> Call[CertificateLine]:
    """One certificate of destruction by its number."""
    return Call("GET", f"/certificates/{place(certificate_id)}", CertificateLine)


def _get_certificate_receipt(
    certificate_id: UUID | str, *, format: Literal["json", "pdf"] | None = None
) -> Call[ReceiptFile]:
    """The certificate as a file that proves itself: signature, ledger event, proof of inclusion and checkpoint.

    `omonat verify` and the page `/verify` check it; it names nobody. As PDF, in the language of `Accept-Language`, the
    same file is attached. While the event has no place in the signed tree, `proven` is false: ask again.
    """
    return Call("GET", f"/certificates/{place(certificate_id)}/receipt", ReceiptFile, query={"format": format})


def _get_sweep(run_id: UUID | str) -> Call[Run]:
    """How far a sweep is, and what it destroyed, as counts."""
    return Call("GET", f"/retention/sweeps/{place(run_id)}", Run)


def _list_certificates(*, limit: int | None = None, cursor: str | None = None) -> Call[CertificatePage]:
    """What was destroyed, with number, ground and counts."""
    return Call("GET", "/certificates", CertificatePage, query={"limit": limit, "cursor": cursor})


def _list_holds(*, limit: int | None = None, cursor: str | None = None) -> Call[HoldPage]:
    """Laws that keep data, in force now."""
    return Call("GET", "/holds", HoldPage, query={"limit": limit, "cursor": cursor})


def _place_hold(
    *,
    subject_id: UUID,
    law: str,
    from_on: date,
    purpose: str | None = None,
    category: str | None = None,
    reason: str,
    idempotency_key: str | None = None,
) -> Call[HoldLine]:
    """Keep a person's data until the named law lets them go."""
    return Call(
        "POST",
        "/holds",
        HoldLine,
        sent={
            "subject_id": subject_id,
            "law": law,
            "from_on": from_on,
            "purpose": purpose,
            "category": category,
            "reason": reason,
        },
        idempotency_key=idempotency_key,
        writes=True,
    )


def _release_hold(hold_id: UUID | str, *, reason: str, idempotency_key: str | None = None) -> Call[Waiting]:
    """End a hold before its day, or put that before a second person."""
    return Call(
        "POST",
        f"/holds/{place(hold_id)}/release",
        Waiting,
        sent={"reason": reason},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _start_sweep(*, idempotency_key: str | None = None) -> Call[Run]:
    """Destroy everything whose term has run out; goes on in the background (see `getRun`)."""
    return Call("POST", "/retention/sweeps", Run, idempotency_key=idempotency_key, writes=True)


def _block_member(staff_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Member]:
    """Whoever leaves may do nothing from this moment on, anywhere."""
    return Call("POST", f"/staff/{place(staff_id)}/block", Member, idempotency_key=idempotency_key, writes=True)


def _change_role(
    role: str,
    *,
    rights: list[str],
    purposes: list[str],
    reason: str,
    if_match: str | Answer,
    idempotency_key: str | None = None,
) -> Call[Role]:
    """Say what a role may do from now on; see `listApprovals` where it waits for a second person."""
    return Call(
        "PUT",
        f"/roles/{place(role)}",
        Role,
        sent={"rights": rights, "purposes": purposes, "reason": reason},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_member(staff_id: UUID | str) -> Call[Member]:
    """One account."""
    return Call("GET", f"/staff/{place(staff_id)}", Member)


def _get_role(role: str) -> Call[Role]:
    """One role."""
    return Call("GET", f"/roles/{place(role)}", Role)


def _invite_member(
    *,
    name: str,
    roles: list[str],
    email: str,
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] | None = None,
    idempotency_key: str | None = None,
) -> Call[Member]:
    """Invite a member; the link goes by letter and is not told here, for it opens an account."""
    return Call(
        "POST",
        "/staff/invitations",
        Member,
        sent={"name": name, "roles": roles, "email": email, "language": language},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _list_roles() -> Call[RoleList]:
    """Every role, the built-in ones first."""
    return Call("GET", "/roles", RoleList)


def _list_staff() -> Call[MemberList]:
    """Every account, inactive ones too."""
    return Call("GET", "/staff", MemberList)


def _reset_role(role: str, *, if_match: str | Answer, idempotency_key: str | None = None) -> Call[None]:
    """A built-in role as Omonat brings it, one of the operator's own is deleted."""
    return Call(
        "DELETE", f"/roles/{place(role)}", None, if_match=if_match, idempotency_key=idempotency_key, writes=True
    )


def _revoke_invitations(staff_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Member]:
    """End the open links of an account."""
    return Call("DELETE", f"/staff/{place(staff_id)}/invitations", Member, idempotency_key=idempotency_key, writes=True)


def _set_member_roles(
    staff_id: UUID | str, *, roles: list[str], reason: str, if_match: str | Answer, idempotency_key: str | None = None
) -> Call[Member]:
    """What a member is from now on; see `listApprovals` where it waits for a second person."""
    return Call(
        "PUT",
        f"/staff/{place(staff_id)}/roles",
        Member,
        sent={"roles": roles, "reason": reason},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_statistics(*, from_on: date | None = None, to_on: date | None = None) -> Call[Statistics]:
    """Visits of consenting visitors, as counts."""
    return Call("GET", "/statistics", Statistics, query={"from_on": from_on, "to_on": to_on})


def _add_webhook(
    *,
    url: str,
    events: list[
        Literal[
            "case.opened",
            "case.assigned",
            "case.replied",
            "case.followed_up",
            "case.reopened",
            "case.closed",
            "form.received",
            "consent.granted",
            "consent.renewed",
            "consent.void",
            "consent.refused",
            "consent.withdrawn",
            "person.corrected",
            "person.merged",
            "person.split",
            "person.restricted",
            "person.restriction_lifted",
            "disclosure.made",
            "contract.started",
            "contract.ended",
            "contract.annulled",
            "person.erased",
            "incident.opened",
            "policy.published",
            "person.destroyed_in_part",
        ]
    ],
    description: str | None = None,
    idempotency_key: str | None = None,
) -> Call[WebhookMade]:
    """Add an endpoint; the answer holds its secret, this once."""
    return Call(
        "POST",
        "/webhooks",
        WebhookMade,
        sent={"url": url, "events": events, "description": description},
        idempotency_key=idempotency_key,
        writes=True,
    )


def _change_webhook(
    endpoint_id: UUID | str,
    *,
    url: str,
    events: list[
        Literal[
            "case.opened",
            "case.assigned",
            "case.replied",
            "case.followed_up",
            "case.reopened",
            "case.closed",
            "form.received",
            "consent.granted",
            "consent.renewed",
            "consent.void",
            "consent.refused",
            "consent.withdrawn",
            "person.corrected",
            "person.merged",
            "person.split",
            "person.restricted",
            "person.restriction_lifted",
            "disclosure.made",
            "contract.started",
            "contract.ended",
            "contract.annulled",
            "person.erased",
            "incident.opened",
            "policy.published",
            "person.destroyed_in_part",
        ]
    ],
    description: str | None = None,
    if_match: str | Answer,
    idempotency_key: str | None = None,
) -> Call[Webhook]:
    """Another address, other events; the secret stays."""
    return Call(
        "POST",
        f"/webhooks/{place(endpoint_id)}/change",
        Webhook,
        sent={"url": url, "events": events, "description": description},
        if_match=if_match,
        idempotency_key=idempotency_key,
        writes=True,
    )


def _get_webhook(endpoint_id: UUID | str) -> Call[Webhook]:
    """One endpoint."""
    return Call("GET", f"/webhooks/{place(endpoint_id)}", Webhook)


def _list_webhook_messages(
    endpoint_id: UUID | str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    state: Literal["arrived", "given_up", "waiting"] | None = None,
) -> Call[MessagePage]:
    """What was sent there in the last 30 days, the newest first."""
    return Call(
        "GET",
        f"/webhooks/{place(endpoint_id)}/messages",
        MessagePage,
        query={"limit": limit, "cursor": cursor, "state": state},
    )


def _list_webhooks() -> Call[WebhookList]:
    """Every connected system that is told."""
    return Call("GET", "/webhooks", WebhookList)


def _remove_webhook(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[None]:
    """Remove an endpoint with its secrets and messages."""
    return Call("DELETE", f"/webhooks/{place(endpoint_id)}", None, idempotency_key=idempotency_key, writes=True)


def _repeat_webhook_message(delivery_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Message]:
    """Send a message again at once, under its old id."""
    return Call(
        "POST", f"/webhook-messages/{place(delivery_id)}/repeat", Message, idempotency_key=idempotency_key, writes=True
    )


def _repeat_webhook_messages(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Repeated]:
    """Send everything again that was given up, the oldest first, at most 500 at a time; ids stay."""
    return Call(
        "POST", f"/webhooks/{place(endpoint_id)}/repeat", Repeated, idempotency_key=idempotency_key, writes=True
    )


def _rotate_webhook_secret(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[WebhookMade]:
    """A new secret, told this once; for two days messages are signed with the old one, too."""
    return Call(
        "POST", f"/webhooks/{place(endpoint_id)}/rotate", WebhookMade, idempotency_key=idempotency_key, writes=True
    )


def _switch_webhook_off(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Webhook]:
    """Send nothing there any more; what waits is given up."""
    return Call("POST", f"/webhooks/{place(endpoint_id)}/off", Webhook, idempotency_key=idempotency_key, writes=True)


def _switch_webhook_on(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Webhook]:
    """Send messages there from now on."""
    return Call("POST", f"/webhooks/{place(endpoint_id)}/on", Webhook, idempotency_key=idempotency_key, writes=True)


def _test_webhook(endpoint_id: UUID | str, *, idempotency_key: str | None = None) -> Call[WebhookTestSent]:
    """Send an event that means nothing."""
    return Call(
        "POST", f"/webhooks/{place(endpoint_id)}/test", WebhookTestSent, idempotency_key=idempotency_key, writes=True
    )


class Operations:
    """Every operation of `/api/v1`, by its id."""

    fetch_key_secret = Operation(_fetch_key_secret)
    get_key = Operation(_get_key)
    list_keys = Listing(_list_keys, Key)
    make_key = Operation(_make_key)
    revoke_key = Operation(_revoke_key)
    rotate_key = Operation(_rotate_key)
    list_approvals = Listing(_list_approvals, Approval)
    assign_case = Operation(_assign_case)
    close_case = Operation(_close_case)
    comment_on_case = Operation(_comment_on_case)
    get_case = Operation(_get_case)
    list_cases = Listing(_list_cases, CaseLine)
    read_case = Operation(_read_case)
    reopen_case = Operation(_reopen_case)
    reply_to_case = Operation(_reply_to_case)
    resend_reply = Operation(_resend_reply)
    export_consents = Listing(_export_consents, ExportedConsent)
    find_consents = Operation(_find_consents)
    get_consent_text = Operation(_get_consent_text)
    get_shown_text = Operation(_get_shown_text)
    grant_consent = Operation(_grant_consent)
    grant_consents = Operation(_grant_consents)
    import_consents = Operation(_import_consents)
    list_consents = Operation(_list_consents)
    record_consent = Operation(_record_consent)
    withdraw_consent = Operation(_withdraw_consent)
    withdraw_consents = Operation(_withdraw_consents)
    add_contract_document = Operation(_add_contract_document)
    annul_contract = Operation(_annul_contract)
    draft_contract = Operation(_draft_contract)
    end_contract = Operation(_end_contract)
    find_contract = Operation(_find_contract)
    get_contract = Operation(_get_contract)
    list_contracts = Listing(_list_contracts, ContractLine)
    read_contract_document = Operation(_read_contract_document)
    start_contract = Operation(_start_contract)
    decide = Operation(_decide)
    decide_on_many = Operation(_decide_on_many)
    disclose = Operation(_disclose)
    list_disclosures = Listing(_list_disclosures, DisclosureLine)
    list_recipients = Operation(_list_recipients)
    get_form = Operation(_get_form)
    list_forms = Operation(_list_forms)
    submit_form = Operation(_submit_form)
    submit_forms = Operation(_submit_forms)
    assess_incident = Operation(_assess_incident)
    close_incident = Operation(_close_incident)
    contain_incident = Operation(_contain_incident)
    decide_duty = Operation(_decide_duty)
    find_concerned = Operation(_find_concerned)
    finish_telling = Operation(_finish_telling)
    get_incident = Operation(_get_incident)
    list_concerned = Listing(_list_concerned, Concerned)
    list_incidents = Listing(_list_incidents, IncidentLine)
    open_incident = Operation(_open_incident)
    order_letters = Operation(_order_letters)
    remark_on_incident = Operation(_remark_on_incident)
    list_journal = Listing(_list_journal, JournalLine)
    get_checkpoint = Operation(_get_checkpoint)
    get_verification = Operation(_get_verification)
    list_ledger_entries = Listing(_list_ledger_entries, Entry)
    verify_ledger = Operation(_verify_ledger)
    cancel_mailing_list = Operation(_cancel_mailing_list)
    count_mailing = Operation(_count_mailing)
    draw_mailing_list = Operation(_draw_mailing_list)
    fetch_mailing_list = Operation(_fetch_mailing_list)
    get_mailing_list = Operation(_get_mailing_list)
    add_measure = Operation(_add_measure)
    change_measure = Operation(_change_measure)
    get_measure = Operation(_get_measure)
    list_measures = Operation(_list_measures)
    correct_person = Operation(_correct_person)
    erase_person = Operation(_erase_person)
    export_person = Operation(_export_person)
    find_people = Operation(_find_people)
    join_people = Operation(_join_people)
    lift_objection = Operation(_lift_objection)
    lift_suspension = Operation(_lift_suspension)
    object_for_person = Operation(_object_for_person)
    preview_joining = Operation(_preview_joining)
    preview_separation = Operation(_preview_separation)
    read_person = Operation(_read_person)
    separate_person = Operation(_separate_person)
    suspend_person = Operation(_suspend_person)
    undo_regrouping = Operation(_undo_regrouping)
    compare_policy_versions = Operation(_compare_policy_versions)
    drop_policy_draft = Operation(_drop_policy_draft)
    get_policy_draft = Operation(_get_policy_draft)
    get_policy_in_force = Operation(_get_policy_in_force)
    get_policy_version = Operation(_get_policy_version)
    list_policy_drafts = Operation(_list_policy_drafts)
    list_policy_versions = Operation(_list_policy_versions)
    publish_policy = Operation(_publish_policy)
    upload_policy = Operation(_upload_policy)
    count_due = Operation(_count_due)
    get_certificate = Operation(_get_certificate)
    get_certificate_receipt = Operation(_get_certificate_receipt)
    get_sweep = Operation(_get_sweep)
    list_certificates = Listing(_list_certificates, CertificateLine)
    list_holds = Listing(_list_holds, HoldLine)
    place_hold = Operation(_place_hold)
    release_hold = Operation(_release_hold)
    start_sweep = Operation(_start_sweep)
    block_member = Operation(_block_member)
    change_role = Operation(_change_role)
    get_member = Operation(_get_member)
    get_role = Operation(_get_role)
    invite_member = Operation(_invite_member)
    list_roles = Operation(_list_roles)
    list_staff = Operation(_list_staff)
    reset_role = Operation(_reset_role)
    revoke_invitations = Operation(_revoke_invitations)
    set_member_roles = Operation(_set_member_roles)
    get_statistics = Operation(_get_statistics)
    add_webhook = Operation(_add_webhook)
    change_webhook = Operation(_change_webhook)
    get_webhook = Operation(_get_webhook)
    list_webhook_messages = Listing(_list_webhook_messages, Message)
    list_webhooks = Operation(_list_webhooks)
    remove_webhook = Operation(_remove_webhook)
    repeat_webhook_message = Operation(_repeat_webhook_message)
    repeat_webhook_messages = Operation(_repeat_webhook_messages)
    rotate_webhook_secret = Operation(_rotate_webhook_secret)
    switch_webhook_off = Operation(_switch_webhook_off)
    switch_webhook_on = Operation(_switch_webhook_on)
    test_webhook = Operation(_test_webhook)
