"""The operations of the API. Made by scripts/client_code.py from the description; never edit it by hand."""

from typing import Literal
from uuid import UUID

from omonat.client.calls import Answer, Call, Listing, Operation, place
from omonat.client.generated.shapes import (
    BrowserEvidence,
    Case,
    CaseItems,
    CaseLine,
    CasePage,
    ConsentHistory,
    Decision,
    Erasure,
    Export,
    Form,
    FormList,
    GrantOf,
    HistoryItems,
    HolderList,
    Lifted,
    Message,
    MessagePage,
    Notice,
    PersonList,
    Submission,
    SubmissionItems,
    SubmissionSent,
    ValueList,
    Webhook,
    WebhookList,
    WebhookMade,
    WebhookTestSent,
    WithdrawalOf,
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


def _get_case(case_id: UUID | str) -> Call[Case]:
    """A case with its steps."""
    return Call("GET", f"/cases/{place(case_id)}", Case)


def _list_cases(
    *, limit: int | None = None, cursor: str | None = None, state: Literal["done", "open", "refused"] | None = None
) -> Call[CasePage]:
    """Cases without their steps, the first due first."""
    return Call("GET", "/cases", CasePage, query={"limit": limit, "cursor": cursor, "state": state})


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

    close_case = Operation(_close_case)
    get_case = Operation(_get_case)
    list_cases = Listing(_list_cases, CaseLine)
    find_consents = Operation(_find_consents)
    get_consent_text = Operation(_get_consent_text)
    grant_consent = Operation(_grant_consent)
    grant_consents = Operation(_grant_consents)
    list_consents = Operation(_list_consents)
    withdraw_consent = Operation(_withdraw_consent)
    withdraw_consents = Operation(_withdraw_consents)
    decide = Operation(_decide)
    get_form = Operation(_get_form)
    list_forms = Operation(_list_forms)
    submit_form = Operation(_submit_form)
    submit_forms = Operation(_submit_forms)
    correct_person = Operation(_correct_person)
    erase_person = Operation(_erase_person)
    export_person = Operation(_export_person)
    find_people = Operation(_find_people)
    lift_objection = Operation(_lift_objection)
    lift_suspension = Operation(_lift_suspension)
    object_for_person = Operation(_object_for_person)
    read_person = Operation(_read_person)
    suspend_person = Operation(_suspend_person)
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
