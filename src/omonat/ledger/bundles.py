"""Whole bundles of 256 events that are, at a glance, as they were written: nothing of them has to be looked at singly.

It finds nothing: where anything is unusual there is no root, and the verification looks at each event and says what.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from omonat.kernel.codec import json_reader
from omonat.ledger import store
from omonat.ledger.merkle import complete_root, leaf_hashes
from omonat.ledger.model import BodyHead
from omonat.ledger.tiles import ENTRIES, WIDTH, TileFolder, pack_entries, tile_path
from omonat.storage.engine import Database

CHUNK = 2 * WIDTH
"""Events that are read at once: what a processor has near it holds them until they are hashed, compared and left."""

_HEAD = json_reader(BodyHead)


def roots_between(database: Database, tiles: TileFolder, start: int, end: int) -> list[bytes | None]:
    """Of each bundle from position `start` (where one begins) up to `end`: the root over its leaves, or None.

    A root: there are its 256 events, each body is the one whose hash was published there, the columns say what the
    body says, and the two files of the bundle are whole and have no narrower ones beside them.
    """
    roots: list[bytes | None] = []
    for first in range(start, end, CHUNK):
        roots += _roots_of_chunk(database, tiles, first, min(first + CHUNK, end))
    return roots


def _roots_of_chunk(database: Database, tiles: TileFolder, start: int, end: int) -> list[bytes | None]:
    with database.read() as tx:
        rows = store.columns_between(tx, start, end)
    if tuple(rows.positions) != tuple(range(start, end)):
        return [None] * -(-(end - start) // WIDTH)
    return [
        _root(rows.part(first - start, first - start + WIDTH), tiles, first // WIDTH)
        for first in range(start, end, WIDTH)
    ]


def _root(rows: store.Columns, tiles: TileFolder, index: int) -> bytes | None:
    if len(rows.hashes) != WIDTH or tiles.has_partials(ENTRIES, index) or tiles.has_partials(0, index):
        return None
    try:
        is_published = tiles.read(tile_path(ENTRIES, index)) == pack_entries(rows.hashes)
        if not is_published or not _is_as_written(rows):
            return None
    except TypeError:  # SQLite keeps a value of any kind in any column
        return None
    leaves = leaf_hashes(rows.hashes)
    return complete_root(leaves) if tiles.read(tile_path(0, index)) == b"".join(leaves) else None


def _is_as_written(rows: store.Columns) -> bool:
    """Whether every body is the one of its hash, and its columns say what it says."""
    if [sha256(body).digest() for body in rows.bodies] != list(rows.hashes):
        return False
    try:
        heads = [_HEAD.decode(body) for body in rows.bodies]
    except msgspec.MsgspecError:
        return False
    return (
        _without_dashes([head.id for head in heads]) == list(rows.ids)
        and [head.kind for head in heads] == list(rows.kinds)
        and [head.at for head in heads] == list(rows.moments)
    )


def _without_dashes(ids: Sequence[str]) -> list[str]:
    """All at once: texts are quick where they are long."""
    return "\n".join(ids).replace("-", "").split("\n")
