"""`omonat serve`: one process with the web server and the background work in it."""

import gc
import ipaddress
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from omonat.cli.session import refuse_unfinished

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.kernel.settings import Settings


_NEW_OBJECTS = 20_000
"""How many come before garbage is looked for among them: some hundred calls, a few megabytes."""


@click.command()
@click.option("--dev", is_flag=True, help="On your own machine: sign-in codes appear here. Only on loopback.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.pass_context
def serve(ctx: click.Context, dev: bool, host: str, port: int) -> None:
    """Serve the site and the portal, and work in the background.

    What a crash left half-done is finished before the first request. Stop it with Ctrl-C or SIGTERM: what runs is
    ended, what waits goes on at the next start.
    """
    if dev and not _is_loopback(host):
        raise click.UsageError("--dev prints sign-in codes, so it listens on this machine only: --host 127.0.0.1")
    _log_to_stderr()
    os.umask(0o077)  # whatever is made here is for its owner alone
    data: Path = ctx.find_root().obj
    from omonat.app import Omonat
    from omonat.backup import running

    settings = _settings(data, dev=dev, port=port)
    refuse_unfinished(settings)
    with running(settings):
        omonat = Omonat(settings, dev_host=host if dev else "")
        try:
            _serve(omonat, host, port)
        finally:
            omonat.close()


def _serve(omonat: "Omonat", host: str, port: int) -> None:
    from omonat.web.server import serve as serve_web

    omonat.sequencer().refuse_behind()
    resumed = omonat.recover()
    if resumed:
        click.echo(f"Finished {resumed} destructions that a stop had interrupted.", err=True)
    omonat.start_background()
    try:
        click.echo(_welcome(omonat.settings, host, port))
        if omonat.settings.dev:
            _print_first_link(omonat)
        sys.stdout.flush()
        _end_quietly()
        _spare_the_collector()
        serve_web(omonat, host=host, port=port, loop="uvloop", http="httptools", log_config=None)
    finally:
        omonat.stop_background()


def _print_first_link(omonat: "Omonat") -> None:
    """While nobody has a second factor: the way into the console."""
    from omonat.cli.staff import print_link

    made = omonat.first_link()
    if made is not None:
        click.echo(f"The console, for {made.account.name}; the link works once:")
        print_link(omonat.settings.base_url, made)


def _settings(data: Path, *, dev: bool, port: int) -> "Settings":
    import msgspec

    from omonat.kernel.settings import read_settings

    settings = read_settings(data)
    if not dev:
        return settings
    return msgspec.structs.replace(settings, dev=True, base_url=f"http://localhost:{port}")


def _welcome(settings: "Settings", host: str, port: int) -> str:
    base = settings.base_url.rstrip("/")
    lines = [
        f"Omonat serves on {host}:{port}",
        f"  site    {base}/",
        f"  portal  {base}/my   sign in with an e-mail or phone that a form has sent",
    ]
    if settings.dev:
        lines.append("  codes   sign-in codes and letters appear here (--dev)")
    lines.append("Stop with Ctrl-C.")
    return "\n".join(lines)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _log_to_stderr() -> None:
    """One line per event on standard error: moment, level, name, words; ids only (clause 6.1)."""
    import structlog

    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line of ours says them
    logging._srcfile = None  # nor where in the program it was written: the documented way not to look for it
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(_Line("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[to_stderr])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs, _key_values],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Line(logging.Formatter):
    """Says the second of a line once for all lines of it: each call leaves a line."""

    _said = (0, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """As the parent writes it: local time with milliseconds."""
        second, said = self._said
        if second != int(record.created):
            second = int(record.created)
            said = time.strftime(self.default_time_format, self.converter(second))
            self._said = second, said
        return f"{said},{int(record.msecs):03d}"


def _key_values(_logger: Any, _method: str, event: Any) -> Any:
    facts = " ".join(f"{name}={value}" for name, value in event.pop("extra", {}).items())
    return {**event, "msg": f"{event['msg']} {facts}".strip()}


def _spare_the_collector() -> None:
    """Everything that was loaded stays, so that no search for garbage goes through it again and holds all calls up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def _end_quietly() -> None:
    """uvicorn raises the signal that ended it once more; by then it has been obeyed."""

    def obeyed(_number: int, _frame: FrameType | None) -> None:
        return None

    signal.signal(signal.SIGTERM, obeyed)
    signal.signal(signal.SIGINT, obeyed)
