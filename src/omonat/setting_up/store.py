"""The SQL of the first run: what was confirmed, and whether somebody has a second factor."""

from datetime import datetime

from sqlalchemy import Connection, exists, insert, literal, null, select, union_all

from omonat.storage.schema import first_run_step, staff_identity, staff_passkey, staff_totp

_c = first_run_step.c


def facts(tx: Connection) -> dict[str, tuple[datetime | None, str]]:
    """Step to (when, by whom); `second_factor` is there when anybody has one."""
    factors = [
        select(literal("second_factor"), null(), literal("")).where(exists(select(table.c.staff_id).where(condition)))
        for table, condition in (
            (staff_totp, staff_totp.c.confirmed_at.is_not(None)),
            (staff_passkey, staff_passkey.c.staff_id.is_not(None)),
            (staff_identity, staff_identity.c.staff_id.is_not(None)),
        )
    ]
    confirmed = select(_c.step, _c.confirmed_at, _c.confirmed_by)
    return {step: (at, by) for step, at, by in tx.execute(union_all(confirmed, *factors))}


def put(tx: Connection, step: str, by: str, now: datetime) -> bool:
    if tx.execute(select(_c.step).where(_c.step == step)).first() is not None:
        return False
    tx.execute(insert(first_run_step).values(step=step, confirmed_at=now, confirmed_by=by))
    return True
