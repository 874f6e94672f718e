"""Errors that only the API has."""

from typing import ClassVar

from omonat.kernel.errors import Conflict, OmonatError


class KeyNeeded(OmonatError):
    """No API key came, or one that does not work (any more)."""

    code: ClassVar[str] = "key_needed"
    message: ClassVar[str] = "This needs an API key that works."
    what_to_do: ClassVar[str] = "Send it as “Authorization: Bearer omk_…”; it may have run out or been revoked."


class OriginNotAllowed(OmonatError):
    """A browser called from a page that the key is not bound to."""

    code: ClassVar[str] = "origin_not_allowed"
    message: ClassVar[str] = "This API key may not be used from a page of this site."
    what_to_do: ClassVar[str] = "Call from your server, or have the key bound to the page’s origin."


class PreconditionRequired(OmonatError):
    """A change without saying which state it is based on."""

    code: ClassVar[str] = "precondition_required"
    message: ClassVar[str] = "Say which state you are changing."
    what_to_do: ClassVar[str] = "Read it first and send its ETag as If-Match."


class ChangedMeanwhile(Conflict):
    """The thing is not any more what the caller saw."""

    code: ClassVar[str] = "changed_meanwhile"
    message: ClassVar[str] = "Somebody changed this after you read it."
    what_to_do: ClassVar[str] = "Read it again and repeat what you wanted to do."
    temporary: ClassVar[bool] = False


class UnsupportedMediaType(OmonatError):
    """A body that is not JSON."""

    code: ClassVar[str] = "unsupported_media_type"
    message: ClassVar[str] = "The API takes JSON."
    what_to_do: ClassVar[str] = "Send the body as JSON, with “Content-Type: application/json”."
