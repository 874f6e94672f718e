"""Floor 6: the works of the dispatcher, by the kind of their outbox row. Each may run twice and does its work once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from omonat.backup import verify_whole
from omonat.jobs import Outcome, Progress, Run, Work
from omonat.kernel.codec import to_builtins
from omonat.keystore import RotationRuns
from omonat.ledger import fsck

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.ledger import Report
    from omonat.retention import SweepReport


def works(omonat: Omonat) -> dict[str, Work]:
    """What the dispatcher of `omonat serve` can do."""
    return {
        "sign_in_code": omonat.sign_in.send_sign_in_code,
        "notice": omonat.rights.send_notice,
        "recipient_notice": lambda payload: tell_recipient(omonat, payload),
        "consent_confirm": lambda payload: omonat.by_link.send(payload, omonat.clock.now()),
        "staff_mail": omonat.support.mail.send,
        "case_reply": omonat.support.threads.send_reply,
        "case_digest": lambda _payload: omonat.support.mail.send_digest(),
        "retention_sweep": lambda _payload: sweep(omonat),
        "incident_letters": lambda payload: incident_letters(omonat, payload),
        "staff_invitation": lambda payload: mail_invitation(omonat, UUID(payload["invitation"])),
        "recover": lambda _payload: recover(omonat),
        "windows": lambda _payload: close_windows(omonat),
        "run": lambda payload: carry_out(omonat, payload["run"]),
        "receipt_mail": omonat.receipt_letters.send,
        "webhook": omonat.webhook_deliveries.attempt,
        "webhook_off_mail": lambda payload: omonat.post.tell_of_webhook(payload["endpoint"], payload["event"]),
        "webhooks_tend": lambda _payload: omonat.webhook_deliveries.tend(omonat.clock.now()),
    }


def incident_letters(omonat: Omonat, payload: dict[str, str]) -> None:
    """A case and a notice for each person whom an incident concerns."""
    omonat.incidents.send_letters(payload, omonat.clock.now())


def tell_recipient(omonat: Omonat, payload: dict[str, str]) -> None:
    """A recipient who got data that were corrected or destroyed; of a destruction the certificate says so, too."""
    was_told = omonat.rights.send_recipient_notice(payload)
    if was_told and payload["letter"] == "recipient_destroyed":
        omonat.erasure.afterwards.told(UUID(payload["case"]), payload["recipient"])


def close_windows(omonat: Omonat) -> None:
    """Enter into the ledger which copies of what was destroyed have run out (clause 7.1 b)."""
    omonat.erasure.afterwards.close_windows(omonat.clock.now())


def mail_invitation(omonat: Omonat, invitation_id: UUID) -> None:
    """Mail the link of a new member, unless it went out, was spent or was revoked."""
    now = omonat.clock.now()
    found = omonat.members.letter(invitation_id, now)
    if found is not None:
        invitation, to, token = found
        omonat.post.invite_member(to, invitation.language, token, invitation.expires_at)
        omonat.members.mark_mailed(invitation_id, now)


def sweep(omonat: Omonat) -> None:
    """Destroy what has expired (clause 6.3); contracts whose last day has passed end first."""
    omonat.contracts.end_run_out(omonat.clock.now())
    omonat.people.prune(omonat.clock.now())
    omonat.regroupings.forget(omonat.clock.now())
    actor, now = "system:sweep", omonat.clock.now()
    omonat.approvals.expire(now)
    omonat.members.forget_letters(now)
    omonat.answers.forget(omonat.clock.now())
    omonat.database.write(lambda tx: omonat.consents.suppression.forget(tx, now))
    report = omonat.retention.sweep(now, actor)
    with suppress(RotationRuns):  # somebody is at it
        omonat.resealing.tend()
    omonat.runs.note("sweep", _swept(report), actor=actor, now=now)


def recover(omonat: Omonat) -> None:
    """Finish what another process left half-done, and scrub what a reader kept from being scrubbed."""
    omonat.recover()
    with suppress(RotationRuns):  # somebody is at it
        omonat.retagging.tend()
    omonat.support.desk.release_leavers(omonat.clock.now())
    omonat.mailing_lists.forget_old(omonat.clock.now())


# --- runs: jobs that a member of the staff watches --------------------------------------------------------------------


def carry_out(omonat: Omonat, run_id: str) -> None:
    """One run, by its kind."""
    carriers = {
        "mailing_count": omonat.mailing_lists.count,
        "mailing": omonat.mailing_lists.draw,
        "consent_void": omonat.voiding.carry_out,
        "consent_check": omonat.consent_files.check,
        "consent_import": omonat.consent_files.take,
        "sweep": lambda run, progress: _sweep_now(omonat, run, progress),
        "verify": lambda run, progress: _verify_now(omonat, run, progress),
    }
    omonat.runs.carry_out(UUID(run_id), carriers, omonat.clock.now)
    omonat.consent_files.tidy(UUID(run_id))


def _sweep_now(omonat: Omonat, run: Run, progress: Progress) -> Outcome:
    now = omonat.clock.now()
    total = omonat.retention.count_due(now)
    report = omonat.retention.sweep(now, run.actor, lambda done: progress(done, max(total, done)))
    return Outcome(counts=_swept(report))


def _swept(report: SweepReport) -> dict[str, Any]:
    """What is kept of a sweep: counts. Who is meant stands in the certificates."""
    names = ("subjects", "whole_subjects", "records", "visitors", "consents_expired", "visit_events")
    held = sum(one.records for one in report.held)
    return {name: getattr(report, name) for name in names} | {"held": held, "certificates": len(report.certificates)}


def _verify_now(omonat: Omonat, run: Run, progress: Progress) -> Outcome:
    """Recompute the ledger; `details` may hold an older checkpoint that somebody kept."""
    old = run.details.get("checkpoint", "").encode() or None
    report = verify_whole(omonat, old_checkpoint=old, progress=progress)
    files = fsck(omonat.settings.ledger, omonat.verifier_key(), old_checkpoint=old)
    return Outcome(counts={**_statements(report), "files": {"ok": files.ok, "found": files.found}})


def _statements(report: Report) -> dict[str, Any]:
    """Sentences are kept as they can be translated."""
    kept = to_builtins(report)
    return {**kept, "findings": kept["findings"][:_MOST_FINDINGS]}


_MOST_FINDINGS = 50
