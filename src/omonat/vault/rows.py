"""The rows of the vault that other areas read or note inside their own transaction. Their SQL is in `store.py`.

Nothing here opens a value: that is for the doors of `Vault` alone.
"""

from omonat.vault.index_store import newest, newest_version, same
from omonat.vault.index_store import newest_of as newest_tag
from omonat.vault.store import (
    candidates,
    end_term,
    find_by_token,
    find_identifier,
    find_subject,
    find_submission_subject,
    holders,
    identifiers_of,
    insert_journal,
    insert_submission,
    journal_of,
    records_of,
    subjects_naming,
    submissions_of,
)

__all__ = [
    "candidates", "end_term", "find_by_token", "find_identifier", "find_subject", "find_submission_subject", "holders",
    "identifiers_of", "insert_journal", "insert_submission", "journal_of", "newest", "newest_tag", "newest_version",
    "records_of", "same", "subjects_naming", "submissions_of",
]  # fmt: skip
