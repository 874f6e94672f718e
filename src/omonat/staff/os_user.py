"""Who runs this process, as the operating system knows it."""

import os
import pwd


def os_user() -> str:
    """The name of the process's user, else its number. Not from LOGNAME or USER: anybody can set those."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
