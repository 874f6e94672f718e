"""Passkeys (WebAuthn Level 2): what a browser is asked, and whether its answer is good. Keeps nothing.

User verification (the device's PIN or finger) is required, so that a passkey alone is both factors. The library is
imported where it is asked, because it costs every command 0.1 s that only signing in needs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

_MILLISECONDS = 300_000
_LONGEST_ANSWER = 16_384


class RelyingParty(NamedTuple):
    """Who asks: the host without port, the addresses a page may have, and the name that a device shows."""

    host: str
    origins: tuple[str, ...]
    name: str


class MadeKey(NamedTuple):
    """What is kept of a new passkey: nothing of it is secret."""

    credential: bytes
    public_key: bytes
    counter: int


class BadPasskey(Exception):
    """The browser's answer is malformed, forged, or for another question. Turned into an error by who asked."""


def ask_to_make(party: RelyingParty, *, challenge: bytes, person: bytes, name: str, known: Sequence[bytes]) -> str:
    """Options for `navigator.credentials.create`, as JSON. `person`: an opaque id; `known`: credentials there are."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    options = generate_registration_options(
        rp_id=party.host, rp_name=party.name, user_id=person, user_name=name, user_display_name=name,
        challenge=challenge, timeout=_MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
    )  # fmt: skip
    return options_to_json(options)


def read_made(party: RelyingParty, answer: str, *, challenge: bytes) -> MadeKey:
    """The new passkey. Raises BadPasskey."""
    from webauthn import verify_registration_response
    from webauthn.helpers import parse_registration_credential_json

    with _bad_passkey():
        made = verify_registration_response(
            credential=parse_registration_credential_json(_short(answer)), expected_challenge=challenge,
            expected_rp_id=party.host, expected_origin=list(party.origins), require_user_verification=True,
        )  # fmt: skip
    return MadeKey(made.credential_id, made.credential_public_key, made.sign_count)


def ask_to_show(party: RelyingParty, *, challenge: bytes) -> str:
    """Options for `navigator.credentials.get`, as JSON. Any passkey of this site: the device knows whose."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.host, challenge=challenge, timeout=_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return options_to_json(options)


def credential_of(answer: str) -> bytes:
    """Which passkey an answer claims to come from. Raises BadPasskey."""
    from webauthn.helpers import parse_authentication_credential_json

    with _bad_passkey():
        return parse_authentication_credential_json(_short(answer)).raw_id


def read_shown(party: RelyingParty, answer: str, *, challenge: bytes, public_key: bytes) -> int:
    """The device's counter after a good answer; the caller compares it with the last. Raises BadPasskey."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    with _bad_passkey():
        shown = verify_authentication_response(
            credential=parse_authentication_credential_json(_short(answer)), expected_challenge=challenge,
            expected_rp_id=party.host, expected_origin=list(party.origins), credential_public_key=public_key,
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    return shown.new_sign_count


@contextmanager
def _bad_passkey() -> Iterator[None]:
    """Raises BadPasskey for whatever the library says of an answer."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise BadPasskey from error


def _short(answer: str) -> str:
    if len(answer) > _LONGEST_ANSWER:
        raise ValueError("too long")
    return answer
