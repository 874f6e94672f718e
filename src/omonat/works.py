"""Floor 6: the works of the dispatcher, by the kind of their outbox row. Each may run twice and does its work once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omonat.jobs import Work

if TYPE_CHECKING:
    from omonat.app import Omonat


def works(omonat: Omonat) -> dict[str, Work]:
    """What the dispatcher of `omonat serve` can do."""
    return {
        "sign_in_code": omonat.sign_in.send_sign_in_code,
        "notice": omonat.rights.send_notice,
        "recipient_notice": omonat.rights.send_recipient_notice,
        "staff_mail": lambda payload: omonat.post.tell_staff(payload["case"]),
        "retention_sweep": lambda _payload: sweep(omonat),
        "recover": lambda _payload: recover(omonat),
    }


def sweep(omonat: Omonat) -> None:
    """Destroy what has expired (clause 6.3)."""
    omonat.retention.sweep(omonat.clock.now(), "system:sweep")


def recover(omonat: Omonat) -> None:
    """Finish what another process left half-done, and scrub what a reader kept from being scrubbed."""
    omonat.recover()
    omonat.database.scrub()
    omonat.keystore.database.scrub()
