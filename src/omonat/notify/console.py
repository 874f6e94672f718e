"""The channel of a developer's machine: the letter appears in the terminal."""

import ipaddress
import sys
from typing import TextIO

from omonat.kernel.errors import Misconfigured
from omonat.notify.model import Message, masked


class ConsoleChannel:
    """Prints letters. Only with `--dev`, only while the server listens on loopback: who reads them may sign in."""

    def __init__(self, kind: str, bind_host: str, *, out: TextIO | None = None) -> None:
        """Raises Misconfigured unless `bind_host` is reachable from this machine alone."""
        if not _is_loopback(bind_host):
            raise Misconfigured(
                what="Sign-in codes are printed only while the server listens on this machine alone.",
                fix="Serve on 127.0.0.1 or localhost, or set up mail and SMS: docs/operate-mail-sms.md.",
            )
        self.kind = kind
        self._out = out

    def send(self, message: Message) -> str:
        """Print the letter; its address is masked."""
        out = self._out or sys.stdout
        head = f"[omonat dev] {self.kind} to {masked(message.to.reveal())}"
        lines = [f"{head}: {message.subject}" if message.subject else head]
        lines += [f"[omonat dev]   {line}" for line in message.text.splitlines() if line.strip()]
        lines += [f"[omonat dev]   + {file.name}, {len(file.content)} bytes" for file in message.attachments]
        out.write("\n".join(lines) + "\n")
        out.flush()
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
