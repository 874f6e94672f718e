"""What has to be true of an installation after any crash, once its server runs again."""

import time

from harness.installation import Installation
from harness.server import Server

_OF_SUBJECT = (
    "proven_holder", "identifier_lookup", "identifier", "submission_token", "submission_lookup", "submission", "record",
    "consent_event", "restriction", "hold", "journal", "disclosure", "event_opening", "visit_day", "portal_session",
    "challenge", "visit_event",
)  # fmt: skip
_UNFINISHED = {
    "subjects that are still being erased": "SELECT count(*) FROM subject WHERE state = 'erasing'",
    "destructions that have no end": "SELECT count(*) FROM destruction WHERE finished_at IS NULL",
    "cases of deletion that nobody closes": "SELECT count(*) FROM subject_case WHERE kind='erase' AND state='open'",
    "records without a person": "SELECT count(*) FROM record WHERE subject_id NOT IN (SELECT subject_id FROM subject)",
    "people without a submission": (
        "SELECT count(*) FROM subject WHERE kind = 'person' AND state = 'active' "
        "AND subject_id NOT IN (SELECT subject_id FROM submission)"
    ),
    "submissions without a case": (
        "SELECT count(*) FROM submission WHERE subject_id NOT IN (SELECT subject_id FROM subject_case)"
    ),
}
_OPEN_JOBS = "SELECT kind, failed FROM outbox WHERE done_at IS NULL AND not_before <= created_at"
_FAILED_JOBS = "SELECT kind, failed FROM outbox WHERE failed IS NOT NULL"
_ENDS_WITHIN_SECONDS = 90


def assert_whole(server: Server) -> None:
    """Nothing half-done is there, every job of the outbox ends, the ledger verifies."""
    installation = server.installation
    for what, statement in _UNFINISHED.items():
        assert installation.rows(statement) == [(0,)], what
    for table in _OF_SUBJECT:
        left = f"SELECT count(*) FROM {table} WHERE subject_id IN (SELECT subject_id FROM subject WHERE state='erased')"
        assert installation.rows(left) == [(0,)], f"rows of the erased in {table}"
    assert not erased_ids(installation) & key_owners(installation), "keys of the erased"
    missing = active_ids(installation) - key_owners(installation)
    assert not missing, "people without keys"
    wait_for_jobs(server)
    installation.run("verify", here=True)


def wait_for_jobs(server: Server) -> None:
    """Until every due job of the outbox is done; none may have been given up."""
    end = time.monotonic() + _ENDS_WITHIN_SECONDS
    while open_jobs := server.installation.rows(_OPEN_JOBS):
        assert time.monotonic() < end, (open_jobs, server.output())
        time.sleep(0.1)
    assert server.installation.rows(_FAILED_JOBS) == []


def erased_ids(installation: Installation) -> set[str]:
    return {row[0] for row in installation.rows("SELECT subject_id FROM subject WHERE state = 'erased'")}


def active_ids(installation: Installation) -> set[str]:
    return {row[0] for row in installation.rows("SELECT subject_id FROM subject WHERE state = 'active'")}


def key_owners(installation: Installation) -> set[str]:
    owners = installation.key_rows("SELECT subject_id FROM subject_key UNION SELECT subject_id FROM compartment_key")
    return {row[0] for row in owners}
