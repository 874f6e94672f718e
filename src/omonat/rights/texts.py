"""The words that a person's act is recorded with, and the steps of a complaint; domain `rights` of the catalogues."""

from datetime import datetime

from omonat.kernel.language import long_date, translate
from omonat.policy import Policy, again_notice, news_notice

DOMAIN = "rights"


def grant_text(policy: Policy, purpose: str, channel: str, language: str) -> str:
    """The exact text beside the button with which a person agrees on his own page: the same as on the forms."""
    if channel in policy.purposes[purpose].channels:
        return news_notice(policy, channel, language)
    return again_notice(policy, purpose, language)


def withdrawal_text(policy: Policy, purpose: str, channel: str | None, language: str) -> str:
    """The exact text beside the button with which a consent is withdrawn (clause 7.1 c)."""
    named = policy.purposes[purpose].labels[language] if purpose in policy.purposes else purpose
    if channel is None:
        return translate(language, DOMAIN, "I withdraw my consent: {purpose}.", purpose=named)
    return translate(language, DOMAIN, "I withdraw my consent: {purpose} ({channel}).", purpose=named, channel=channel)


def complaint_steps(language: str, *, operator: str, authority: str, site: str, due_at: datetime) -> tuple[str, ...]:
    """What to do, in order (clause 7.1 d; Art. 30)."""
    due = long_date(due_at, language)
    return (
        translate(language, DOMAIN, "{operator} answers your complaint by {due}.", operator=operator, due=due),
        translate(language, DOMAIN, "You need not wait: you may complain to {authority} at any time.",
                  authority=authority),
        translate(language, DOMAIN, "File the complaint at {site} or bring it in writing.", site=site),
        translate(language, DOMAIN, "Attach the evidence file: it shows what is held about you and what was done."),
        translate(language, DOMAIN, "If you do not agree with the answer, you may go to court."),
    )  # fmt: skip
