"""How the staff signs in and keeps its account: password, authenticator app, passkeys, recovery codes, sessions (6.2).

Everything but passkeys works without a script. Pages for strangers set no cookie before a step of the sign-in is done.
"""

from omonat.web.console.signing import account, passkeys, proving, sign_in, sign_on

HANDLERS = (*sign_in.HANDLERS, *account.HANDLERS, *passkeys.HANDLERS, *proving.HANDLERS, *sign_on.HANDLERS)

__all__ = ["HANDLERS"]
