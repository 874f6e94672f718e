"""What a verification says to people: English msgids of the domain `ledger`. A changed one needs its catalogues."""

FINDINGS = {
    "checkpoint_missing": "Events have a place in the tree, but there is no signed checkpoint.",
    "no_checkpoint": "There is no checkpoint in this folder.",
    "checkpoint_forged": "The checkpoint does not carry the signature of this ledger: it was changed or forged.",
    "old_checkpoint_invalid": "The older checkpoint that was given does not carry the signature of this ledger.",
    "end_cut": "Entries in the tree: {size}; in the older checkpoint: {old_size}. The end was cut off.",
    "history_rewritten": "The first {old_size} entries are not those of the older checkpoint: history was rewritten.",
    "body_changed": "Event {event_id} was changed: its text does not fit its hash.",
    "hash_changed": "The stored hash of event {event_id} was changed; its text is the one that is in the tree.",
    "body_unreadable": "Event {event_id} is not written the way events are written.",
    "columns_changed": "The id, kind or time beside event {event_id} is not the one in its text.",
    "reordered": "The event of position {position} is now at position {other}: the order was changed.",
    "event_replaced": "The event at position {position} is not the one in the tree: it was replaced.",
    "duplicate_position": "{count} events claim position {position}; there can be one.",
    "position_impossible": "Event {event_id} has a position that cannot be: {position}.",
    "row_missing": "The event at position {position} is missing in the database; no recorded restore explains it.",
    "entry_missing": "Nothing is left at position {position}: neither the event nor its entry in the tree.",
    "entries_missing": "Nothing is left from position {position} on, although {size} entries were signed.",
    "bundle_missing": "The file with the entries from position {position} on is missing or damaged.",
    "tile_missing": "The file {path} of the tree is missing or damaged.",
    "tile_differs": "The file {path} of the tree does not follow from the entries.",
    "root_differs": "The entries do not lead to the root that was signed.",
    "database_damaged": "The database is not as it was written: something outside of Omonat has changed it.",
    "key_store_damaged": "The key store is not as it was written: something outside of Omonat has changed it.",
    "tombstones_damaged": "The list of destructions is not as it was written.",
    "tombstone_missing": "Destructions that the list of destructions does not name: {count}.",
    "erased_is_back": "People who were erased and whose keys are there: {count}.",
    "destroyed_part_is_back": "Destroyed parts of people's data whose keys are there: {count}.",
}  # fmt: skip
"""Stable code of a finding, and its sentence."""

NEVER_ENTERED = "Verification shows what was done to the entries; it cannot show that something was never entered."
NO_OLD_CHECKPOINT = (
    "Without an older checkpoint it cannot be seen whether whoever holds the signing key has cut off the end, or has "
    "rewritten everything and signed it again. Keep a checkpoint elsewhere and compare with it."
)
SINCE_OLD_CHECKPOINT = (
    "Entries after the older checkpoint: {count}. Whoever holds the signing key could have rewritten them and signed "
    "again; only a newer kept checkpoint would show it."
)
PENDING = (
    "Events that are not in the signed tree yet: {count}. If one of them were changed or removed, nothing would tell."
)
AHEAD = (
    "Of these, already with a place that the signed tree does not reach: {count}. That lasts a second; if it lasts "
    "longer, the signer stands still or an older tree was put back."
)
LOST = "Entries known only by their hash (lost in a restore): {count}. What they said cannot be checked."
FILES_ONLY = (
    "Only files were looked at. Whether the events in the database are the published ones is shown by omonat verify."
)
UNKNOWNS = (FILES_ONLY, NEVER_ENTERED, NO_OLD_CHECKPOINT, SINCE_OLD_CHECKPOINT, PENDING, AHEAD, LOST)
