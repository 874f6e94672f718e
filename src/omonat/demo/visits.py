"""Invented browsers: what they answer to the question about cookies, and where they go on the site."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from omonat.app import Omonat
from omonat.demo.people import agent
from omonat.kernel.ids import SubjectId
from omonat.statistics import Event, Kind, event_of

_HOST = "iptelefoniya.example"
_OWN = f"https://{_HOST}/"
_LANGUAGES = (("uz-Latn", "ru", "uz-Cyrl", "en"), (6, 4, 1, 1))
_REFERRERS = ("https://www.google.com/", "https://yandex.uz/", "https://t.me/s/megabite", "https://kun.example/", "")
_REFERRER_WEIGHTS = (7, 3, 4, 2, 6)
_AFTER = {
    "": (("order", "callback", "contact", "policy"), (5, 4, 2, 1)),
    "policy": (("cookies", "", "policy/versions"), (3, 2, 1)),
    "policy/versions": (("policy", ""), (1, 1)),
    "cookies": (("", "policy"), (2, 1)),
    "order": (("callback", "contact", ""), (2, 1, 2)),
    "callback": (("", "order"), (1, 1)),
    "contact": (("", "order"), (1, 2)),
}
_FORMS = {"order": (0.35, 0.35), "callback": (0.4, 0.5), "contact": (0.4, 0.4)}
"""How likely a form that is seen is begun, and one that is begun is sent."""


class Browser(NamedTuple):
    """One that agreed; `cookie`: its signed choice."""

    visitor_id: SubjectId
    language: str
    agent: str
    cookie: str


class Browsers:
    """All of them: every day new ones choose, those that agreed come back now and then, and sometimes one withdraws."""

    def __init__(self, omonat: Omonat, chance: random.Random, threads: ThreadPoolExecutor) -> None:
        self._omonat, self._chance, self._threads = omonat, chance, threads
        self._agreed: list[Browser] = []

    def pass_day(self) -> None:
        """What they do today; several at once, so that one commit serves many."""
        chance = self._chance
        fresh = [
            (chance.choices(*_LANGUAGES)[0], chance.random() < 0.6, agent(chance))
            for _ in range(chance.randrange(3, 8))
        ]
        self._agreed += [found for found in self._threads.map(self._choose, fresh) if found is not None]
        today = [one for one in self._agreed if chance.random() < 0.3]
        list(self._threads.map(self._walk, [(one, list(self._way(one))) for one in today]))
        if self._agreed and chance.random() < 0.2:
            self._withdraw(self._agreed.pop(chance.randrange(len(self._agreed))))

    def _choose(self, asked: tuple[str, bool, str]) -> Browser | None:
        """A banner answered; None when the answer was no."""
        language, agrees, user_agent = asked
        consents, now = self._omonat.consents, self._omonat.clock.now()
        shown = consents.banner_text(language)[1]
        cookie = consents.choose(None, {"improve": agrees}, language, "banner", shown=shown, gpc=False, now=now)
        choice = consents.read_choice(cookie)
        return Browser(choice.visitor_id, language, user_agent, cookie) if agrees and choice is not None else None

    def _withdraw(self, browser: Browser) -> None:
        now = self._omonat.clock.now()
        self._omonat.consents.choose(
            browser.cookie, {"improve": False}, browser.language, "settings", shown="", gpc=False, now=now
        )

    def _walk(self, walk: tuple[Browser, list[Event]]) -> None:
        browser, events = walk
        for event in events:
            self._omonat.statistics.count(browser.visitor_id, event, self._omonat.clock.now())

    def _way(self, browser: Browser) -> Iterator[Event]:
        """From page to page, and through the forms on the way."""
        chance, page = self._chance, self._chance.choices(("", "order", "policy"), (6, 2, 1))[0]
        referrer = chance.choices(_REFERRERS, _REFERRER_WEIGHTS)[0]
        for _ in range(chance.randrange(1, 6)):
            form = page if page in _FORMS else ""
            yield from self._seen(browser, page, "view", form, referrer)
            if form and chance.random() < _FORMS[form][0]:
                yield from self._seen(browser, page, "started", form)
                if chance.random() < _FORMS[form][1]:
                    yield from self._seen(browser, page, "finished", form)
                    return
            page, referrer = chance.choices(*_AFTER[page])[0], _OWN

    def _seen(self, browser: Browser, page: str, kind: Kind, form: str, referrer: str = _OWN) -> Iterator[Event]:
        headers = {"user-agent": browser.agent, "referer": referrer, "host": _HOST}
        template = f"/{{language}}/{page}".rstrip("/")
        event = event_of(headers, kind=kind, page=template, language=browser.language, form=form)
        return iter(() if event is None else (event,))
