"""The operations of the API. Made by scripts/client_code.py from the description; never edit it by hand."""

from datetime import date
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
    CertificateLine,
    CertificatePage,
    Checkpoint,
    ConsentHistory,
    Contract,
    ContractHolders,
    ContractLine,
    ContractPage,
    Decision,
    DifferenceList,
    Disclosure,
    DisclosureLine,
    DisclosurePage,
    Draft,
    DraftLine,
    DraftList,
    Due,
    Entry,
    EntryPage,
    Erasure,
    Export,
    Form,
    FormList,
    GrantOf,
    HistoryItems,
    HolderList,
    HoldLine,
    HoldPage,
    JournalLine,
    JournalPage,
    Key,
    KeyPage,
    Lifted,
    List,
    ListAsked,
    Made,
    Member,
    MemberList,
    Message,
    MessagePage,
    Notice,
    PersonList,
    RecipientList,
    Role,
    RoleList,
    Run,
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


def _list_consents(subject_id: UUID | str) -> Call[ConsentHistory]:
    """Every word of a person about consent, with the hash of the text behind it."""
    return Call("GET", f"/people/{place(subject_id)}/consents", ConsentHistory)


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
    subject_id: UUID,
    purpose: str,
    category: str,
    recipient: str | None = None,
    channel: str | None = None,
    ground: Literal["consent", "contract", "law"] | None = None,
) -> Call[Decision]:
    """May this be done, and why or why not? Nothing is opened and nothing changes.

    The door itself asks again inside its own transaction: an answer of a moment ago is no permission.
    """
    return Call(
        "POST",
        "/decisions",
        Decision,
        sent={
            "operation": operation,
            "subject_id": subject_id,
            "purpose": purpose,
            "category": category,
            "recipient": recipient,
            "channel": channel,
            "ground": ground,
        },
    )


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
        sent={"language": language, "notice": notice, "fields": fields, "news": news, "evidence": evidence},
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
    """The drawn list, once, for the key that asked for it; then it is destroyed."""
    return Call("POST", f"/mailing-lists/{place(run_id)}/fetch", List, idempotency_key=idempotency_key, writes=True)


def _get_mailing_list(run_id: UUID | str) -> Call[Run]:
    """How far a count or a list is."""
    return Call("GET", f"/mailing-lists/{place(run_id)}", Run)


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


def _find_people(*, kind: Literal["email", "phone"], value: str) -> Call[PersonList]:
    """Everybody who names an e-mail address or phone number; there is no list of all people."""
    return Call("POST", "/people/find", PersonList, sent={"kind": kind, "value": value})


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


def _read_person(subject_id: UUID | str, *, purpose: str, reason: str) -> Call[ValueList]:
    """Open the values of one purpose; the person sees who read them, when and why.

    The key must carry the purpose. The journal is durable before any value is opened.
    """
    return Call("POST", f"/people/{place(subject_id)}/read", ValueList, sent={"purpose": purpose, "reason": reason})


def _suspend_person(subject_id: UUID | str, *, idempotency_key: str | None = None) -> Call[Case]:
    """Stop every use of a person's data until it is lifted (Art. 30); what a law demands goes on."""
    return Call("POST", f"/people/{place(subject_id)}/suspension", Case, idempotency_key=idempotency_key, writes=True)


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
    *, url: str, events: list[str], description: str | None = None, idempotency_key: str | None = None
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
    events: list[str],
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
    reopen_case = Operation(_reopen_case)
    reply_to_case = Operation(_reply_to_case)
    find_consents = Operation(_find_consents)
    get_consent_text = Operation(_get_consent_text)
    grant_consent = Operation(_grant_consent)
    grant_consents = Operation(_grant_consents)
    list_consents = Operation(_list_consents)
    withdraw_consent = Operation(_withdraw_consent)
    withdraw_consents = Operation(_withdraw_consents)
    annul_contract = Operation(_annul_contract)
    draft_contract = Operation(_draft_contract)
    end_contract = Operation(_end_contract)
    find_contract = Operation(_find_contract)
    get_contract = Operation(_get_contract)
    list_contracts = Listing(_list_contracts, ContractLine)
    start_contract = Operation(_start_contract)
    decide = Operation(_decide)
    disclose = Operation(_disclose)
    list_disclosures = Listing(_list_disclosures, DisclosureLine)
    list_recipients = Operation(_list_recipients)
    get_form = Operation(_get_form)
    list_forms = Operation(_list_forms)
    submit_form = Operation(_submit_form)
    submit_forms = Operation(_submit_forms)
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
    correct_person = Operation(_correct_person)
    erase_person = Operation(_erase_person)
    export_person = Operation(_export_person)
    find_people = Operation(_find_people)
    lift_objection = Operation(_lift_objection)
    lift_suspension = Operation(_lift_suspension)
    object_for_person = Operation(_object_for_person)
    read_person = Operation(_read_person)
    suspend_person = Operation(_suspend_person)
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
    set_member_roles = Operation(_set_member_roles)
    get_statistics = Operation(_get_statistics)
    add_webhook = Operation(_add_webhook)
    change_webhook = Operation(_change_webhook)
    get_webhook = Operation(_get_webhook)
    list_webhook_messages = Listing(_list_webhook_messages, Message)
    list_webhooks = Operation(_list_webhooks)
    remove_webhook = Operation(_remove_webhook)
    repeat_webhook_message = Operation(_repeat_webhook_message)
    rotate_webhook_secret = Operation(_rotate_webhook_secret)
    switch_webhook_off = Operation(_switch_webhook_off)
    switch_webhook_on = Operation(_switch_webhook_on)
    test_webhook = Operation(_test_webhook)
