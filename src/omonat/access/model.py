"""An API key, what is asked for when one is made, and one that was just made."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from omonat.kernel.ids import ApiKeyId
from omonat.kernel.secret import Sealed
from omonat.staff import Role


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A program's key, without its secret. `prefix`: how the key begins, to know it again; empty before its first
    secret. `due_overlap_days`: a secret was approved and waits to be fetched. `staff_id`: whoever made the key, who is
    no second person beside it.
    """

    key_id: ApiKeyId
    name: str
    prefix: str
    granted: Role
    origins: tuple[str, ...]
    created_at: datetime
    created_by: str
    staff_id: UUID | None
    days: int
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    due_overlap_days: int | None = None

    @property
    def rights(self) -> frozenset[str]:
        """What the key may do: nothing once it is revoked."""
        return self.granted.rights if self.revoked_at is None else frozenset()

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes for which it may open values."""
        return self.granted.purposes if self.revoked_at is None else frozenset()

    @property
    def actor(self) -> str:
        """How ledger and journals name it."""
        return f"key:{self.name}"

    def works(self, now: datetime) -> bool:
        """Neither revoked nor run out."""
        return self.revoked_at is None and now < self.expires_at


class KeyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a new key is to be. `days`: how long it works."""

    name: str
    rights: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    days: int = 90


class MadeKey(msgspec.Struct, frozen=True):
    """A key with its secret, which is shown now and never again."""

    key: ApiKey
    secret: Sealed[str]
