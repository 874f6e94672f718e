"""One tree of errors. Each has a stable code, a translatable message and what to do about it.

Inside, code raises these; only the edges turn them into an HTTP problem (RFC 9457) or an exit code.
A message carries names of fields, forms and purposes, never a personal value (clause 6.1).
"""

from typing import ClassVar


class OmonatError(Exception):
    """Base of every error that a person may be shown.

    `code` is stable and documented in docs/errors.md. `message` and `what_to_do` are English msgids of
    the gettext domain `errors`, with `{name}` places filled from `details`. `temporary` says whether the
    same call may succeed later.
    """

    code: ClassVar[str] = "internal"
    message: ClassVar[str] = "Something went wrong on our side."
    what_to_do: ClassVar[str] = "Try again later. Nothing was stored."
    temporary: ClassVar[bool] = False

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(f"{self.code}: {self.message.format_map(_Shown(details))}")

    def text(self) -> str:
        """The message in English, with its places filled."""
        return self.message.format_map(_Shown(self.details))

    def advice(self) -> str:
        """What to do, in English, with its places filled."""
        return self.what_to_do.format_map(_Shown(self.details))


class _Shown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotFound(OmonatError):
    """Nothing is held under that id, or the asker may not know whether it is."""

    code = "not_found"
    message = "There is nothing here."
    what_to_do = "Check the address or the number."


class Denied(OmonatError):
    """A door said no. `reasons` are the stable reason codes of the decision."""

    code = "denied"
    message = "This may not be done: {reasons}."
    what_to_do = "See the reasons; a ground, a consent or a right is missing."


class NotAllowed(OmonatError):
    """The actor has no right to do this (clause 6.2)."""

    code = "not_allowed"
    message = "You are not allowed to do this."
    what_to_do = "Ask an administrator for the right: {right}."


class InvalidInput(OmonatError):
    """A field does not hold what its kind asks for. `problems` maps field name to a message msgid."""

    code = "invalid_input"
    message = "Some fields need another look."
    what_to_do = "Correct the marked fields and send again; nothing that you typed is lost."

    def __init__(self, problems: dict[str, str], **details: object) -> None:
        self.problems = problems
        super().__init__(**details)


class UndeclaredCategory(OmonatError):
    """The policy does not declare this field or category, so it cannot be stored (clause 2.1)."""

    code = "undeclared_category"
    message = "The policy in force does not declare “{field}” for “{form}”, so it cannot be stored."
    what_to_do = "Declare it in the policy and publish a new version, or do not send it."


class PolicyChanged(OmonatError):
    """A version was published between showing a form and sending it (clauses 1.2, 9.2)."""

    code = "policy_changed"
    message = "A new version of the policy was published while you were filling in the form."
    what_to_do = "Read what has changed and send the form again; what you typed is kept."


class Overloaded(OmonatError):
    """The queue of the one writer is full. HTTP answers 503 with Retry-After."""

    code = "overloaded"
    message = "The service is busy at this moment."
    what_to_do = "Try again in a few seconds. Nothing was stored."
    temporary = True


class DiskFull(OmonatError):
    """A disk that is written to is full. HTTP answers 503; what was begun is undone, and goes on with space."""

    code = "disk_full"
    message = "There is no space left on the disk."
    what_to_do = "Make room on it, then try again. Nothing was stored."
    temporary = True


class Conflict(OmonatError):
    """Somebody else changed the same thing first."""

    code = "conflict"
    message = "Somebody changed this at the same time."
    what_to_do = "Load it again and repeat what you wanted to do."
    temporary = True


class Damaged(OmonatError):
    """Something stored is not what was written: a changed version, an entry, a sealed value."""

    code = "damaged"
    message = "{what} is not what was stored."
    what_to_do = "Stop using this installation, keep a copy, run `omonat verify` and `omonat doctor`."


class Misconfigured(OmonatError):
    """The installation is not set up to do this."""

    code = "misconfigured"
    message = "{what}"
    what_to_do = "{fix}"


class TooManyRequests(OmonatError):
    """A rate limit was reached."""

    code = "too_many_requests"
    message = "Too many attempts."
    what_to_do = "Wait {seconds} seconds and try again."
    temporary = True
