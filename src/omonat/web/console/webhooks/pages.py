"""Pages about webhooks: their words in the reader's language."""

from typing import Any

from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit

DOMAIN = "console_webhooks"
RIGHT = "webhook.administer"

EVENT_WORDS = {
    "case.opened": "A case is opened",
    "case.assigned": "A case is given to somebody",
    "case.replied": "A case is answered",
    "case.followed_up": "The person writes further in a case",
    "case.reopened": "A case is opened again",
    "case.closed": "A case is closed",
    "form.received": "A form is received",
    "consent.granted": "Somebody gives consent",
    "consent.refused": "Somebody refuses consent",
    "consent.withdrawn": "Somebody withdraws consent",
    "consent.renewed": "Somebody gives a consent again that stood",
    "consent.void": "A new version of the policy makes a consent void",
    "person.corrected": "A value is put right",
    "person.merged": "Two records of one person are merged",
    "person.split": "A record is split into two people",
    "person.restricted": "Processing is suspended or objected to",
    "person.restriction_lifted": "Processing goes on again",
    "disclosure.made": "Data are given to a recipient",
    "contract.started": "A contract begins",
    "contract.ended": "A contract ends",
    "contract.annulled": "A contract is annulled",
    "person.erased": "A person is erased",
    "incident.opened": "An incident is recorded",
    "policy.published": "A version of the policy is published",
    "person.destroyed_in_part": "A part of somebody’s data is destroyed",
    "webhook.test": "Test",
}
STATE_WORDS = {"waiting": "waiting", "arrived": "arrived", "given_up": "given up"}
PROBLEM_WORDS = {
    "address": "the name leads into our own network",
    "unreachable": "nobody answers there",
    "tls": "the certificate is not valid",
    "timeout": "no answer in time",
    "protocol": "the answer cannot be read",
    "redirect": "the answer leads elsewhere",
    "gone": "the receiver wants no more messages",
    "refused": "refused by the receiver",
    "busy": "the receiver is busy",
    "broken": "an error of the receiver",
    "switched_off": "the webhook was off",
}
OFF_WORDS = {
    "": "on",
    "staff": "switched off",
    "no_answer": "switched off: no answer for days",
    "gone": "switched off: the receiver wants no more messages",
}


def _words(visit: ConsoleVisit) -> dict[str, Any]:
    """What a template calls things by."""
    return {
        "event_word": lambda event: said(visit, EVENT_WORDS[event]) if event in EVENT_WORDS else event,
        "state_word": lambda state: said(visit, STATE_WORDS[state]),
        "problem_word": lambda problem: said(visit, PROBLEM_WORDS[problem]) if problem in PROBLEM_WORDS else problem,
        "off_word": lambda why: said(visit, OFF_WORDS[why]),
    }


PART = Part(DOMAIN, frame=_words)
said, page = PART.said, PART.page
