"""The API covers what the console does: each act of the console has its operation, or stands here with a reason."""

from litestar.handlers import HTTPRouteHandler

from omonat.web.api.operations import OPERATIONS
from omonat.web.console import CONSOLE

PREFIX = "/{language:str}/console"
ONE_PERSON = "for people in a browser: one's own account, sign-in, views and deciding as the second person"
ASKS_TO_LOOK = "in the console only: it is decided by looking at a preview or a card that is open"
ALONE = {
    ONE_PERSON: (
        "/account", "/sign-in", "/sign-out", "/invitation", "/undertaking", "/approvals", "/start", "/cases/views",
    ),
    ASKS_TO_LOOK: (
        "/cases/acts/undo", "/people/{subject_id:str}/close", "/staff/{staff_id:str}/link",
        "/consents/import/{import_id:str}/drop",
    ),
}  # fmt: skip
COVERED = {
    "/cases/bulk": ("assignCase", "closeCase"),
    "/cases/take": ("assignCase",),
    "/cases/{case_id:str}/assign": ("assignCase",),
    "/cases/{case_id:str}/close": ("closeCase",),
    "/cases/{case_id:str}/comment": ("commentOnCase",),
    "/cases/{case_id:str}/reopen": ("reopenCase",),
    "/cases/{case_id:str}/reply": ("replyToCase", "readCase"),
    "/cases/{case_id:str}/send-again": ("resendReply",),
    "/consents/export": ("exportConsents",),
    "/consents/export/{approval_id:str}/fetch": ("exportConsents",),
    "/consents/import": ("importConsents",),
    "/consents/import/{import_id:str}/take": ("importConsents",),
    "/contracts/new": ("draftContract",),
    "/contracts/{contract_id:str}/document": ("readContractDocument",),
    "/contracts/{contract_id:str}/documents": ("addContractDocument",),
    "/contracts/{contract_id:str}/end": ("endContract", "annulContract"),
    "/contracts/{contract_id:str}/open": ("readPerson", "getContract"),
    "/contracts/{contract_id:str}/start": ("startContract",),
    "/incidents/new": ("openIncident",),
    "/incidents/{incident_id:str}/duty/{whom:str}": ("decideDuty",),
    "/incidents/{incident_id:str}/letters": ("orderLetters",),
    "/incidents/{incident_id:str}/people": ("findConcerned", "listConcerned"),
    "/incidents/{incident_id:str}/{act:str}": (
        "assessIncident", "containIncident", "finishTelling", "closeIncident", "remarkOnIncident",
    ),
    "/keys/new": ("makeKey",),
    "/keys/{key_id:str}/revoke": ("revokeKey",),
    "/keys/{key_id:str}/rotate": ("rotateKey",),
    "/keys/{key_id:str}/secret": ("fetchKeySecret",),
    "/ledger/verify": ("verifyLedger", "getVerification"),
    "/mailings": ("countMailing",),
    "/mailings/{mailing_id:str}/cancel": ("cancelMailingList",),
    "/mailings/{mailing_id:str}/draw": ("drawMailingList",),
    "/mailings/{mailing_id:str}/fetch": ("fetchMailingList",),
    "/measures/new": ("addMeasure",),
    "/measures/{measure_id:str}/edit": ("changeMeasure",),
    "/people": ("findPeople",),
    "/people/{subject_id:str}/act": (
        "withdrawConsent", "suspendPerson", "liftSuspension", "objectForPerson", "liftObjection",
    ),
    "/people/{subject_id:str}/consent": ("recordConsent",),
    "/people/{subject_id:str}/correct": ("correctPerson",),
    "/people/{subject_id:str}/disclose": ("disclose",),
    "/people/{subject_id:str}/erase": ("erasePerson",),
    "/people/{subject_id:str}/export": ("exportPerson",),
    "/people/{subject_id:str}/join": ("previewJoining", "joinPeople"),
    "/people/{subject_id:str}/open": ("readPerson",),
    "/people/{subject_id:str}/separate": ("previewSeparation", "separatePerson"),
    "/people/{subject_id:str}/undo": ("undoRegrouping",),
    "/policy/drafts/{draft_id:str}/drop": ("dropPolicyDraft",),
    "/policy/drafts/{draft_id:str}/publish": ("publishPolicy",),
    "/policy/upload": ("uploadPolicy",),
    "/retention/holds/new": ("placeHold",),
    "/retention/holds/{hold_id:str}/release": ("releaseHold",),
    "/retention/sweeps/new": ("startSweep",),
    "/roles/new": ("changeRole",),
    "/roles/{role:str}": ("changeRole",),
    "/roles/{role:str}/reset": ("resetRole",),
    "/staff/invite": ("inviteMember",),
    "/staff/{staff_id:str}/block": ("blockMember",),
    "/staff/{staff_id:str}/revoke": ("revokeInvitations",),
    "/staff/{staff_id:str}/roles": ("setMemberRoles",),
    "/webhooks/new": ("addWebhook",),
    "/webhooks/{endpoint_id:str}/change": ("changeWebhook",),
    "/webhooks/{endpoint_id:str}/messages/{delivery_id:str}/repeat": ("repeatWebhookMessage",),
    "/webhooks/{endpoint_id:str}/remove": ("removeWebhook",),
    "/webhooks/{endpoint_id:str}/repeat": ("repeatWebhookMessages",),
    "/webhooks/{endpoint_id:str}/rotate": ("rotateWebhookSecret",),
    "/webhooks/{endpoint_id:str}/switch": ("switchWebhookOn", "switchWebhookOff"),
    "/webhooks/{endpoint_id:str}/test": ("testWebhook",),
}  # fmt: skip


def acts() -> set[str]:
    return {
        route.path.removeprefix(PREFIX)
        for route in CONSOLE.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and "POST" in handler.http_methods
    }


def test_every_act_of_the_console_can_be_done_through_the_api() -> None:
    alone = tuple(path for paths in ALONE.values() for path in paths)
    missing = {act for act in acts() if act not in COVERED and not act.startswith(alone)}
    assert sorted(missing) == [], "give it an operation, and name it here"


def test_what_is_named_is_there() -> None:
    known = {one.id for one in OPERATIONS}
    assert {each for ids in COVERED.values() for each in ids} - known == set()
    assert set(COVERED) - acts() == set()
