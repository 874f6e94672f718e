"""What the headers of a call say: kind of device, kind of source, bots (clause 8.1)."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omonat.statistics import event_of
from omonat.statistics.headers import device_class, is_bot, is_preload, source_of

UNHURRIED = settings(deadline=None)  # a slow machine is no fault
HOST = "iptelefoniya.uz"
PHONE = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130 Safari/537.36"
TEXTS = st.text("abcMozil/;()1. ", max_size=60)
NAMES = st.text(string.ascii_lowercase, min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (PHONE, "phone"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/130 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15", "tablet"),
        (DESKTOP, "desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop"),
        ("curl/8.5.0", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_device_is_read_from_the_user_agent(agent: str, expected: str) -> None:
    assert device_class(agent) == expected


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("", "none"),
        ("https://www.google.com/", "search"),
        ("https://google.co.uz/search?q=ip+telefoniya", "search"),
        ("https://yandex.uz/", "search"),
        ("https://ya.ru/", "search"),
        ("https://search.yahoo.com/", "search"),
        ("android-app://com.google.android.googlequicksearchbox/", "search"),
        ("https://mail.google.com/", "other"),
        ("https://google.evil.example/", "other"),
        ("https://t.me/", "social"),
        ("https://l.facebook.com/l.php", "social"),
        ("https://notfacebook.com/", "other"),
        ("android-app://org.telegram.messenger/", "social"),
        ("android-app://com.example.app/", "other"),
        ("https://kun.example/news/17", "other"),
        ("https://iptelefoniya.uz/ru/order", "own"),
        ("http://IPTELEFONIYA.UZ./", "own"),
        ("http://[broken", "none"),
    ],
)
def test_the_kind_of_source_is_read_from_the_name_of_the_host(referrer: str, expected: str) -> None:
    assert source_of(referrer, "", HOST) == expected


def test_what_the_browser_says_of_the_site_outweighs_the_referrer() -> None:
    assert source_of("https://www.google.com/", "same-origin", HOST) == "own"
    assert source_of("", "same-site", HOST) == "own"
    assert source_of("", "cross-site", HOST) == "other"
    assert source_of("https://www.google.com/", "cross-site", HOST) == "search"
    assert source_of("", "none", HOST) == "none"


@UNHURRIED
@given(st.text(max_size=600), st.text(max_size=20), st.text(max_size=40))
def test_any_headers_have_a_kind_and_nothing_of_them_is_kept(referrer: str, fetch_site: str, agent: str) -> None:
    assert source_of(referrer, fetch_site, HOST) in {"none", "search", "social", "other", "own"}
    assert device_class(agent) in {"phone", "tablet", "desktop", "other"}
    event = event_of(
        {"user-agent": agent, "referer": referrer, "sec-fetch-site": fetch_site, "host": HOST},
        kind="view", page="/{language}", language="ru",
    )  # fmt: skip
    assert event is None or (event.page, event.language, event.form) == ("/{language}", "ru", "")


@UNHURRIED
@given(NAMES, st.sampled_from(["com", "uz", "co.uz", "com.tr", "ru"]), st.text("abc/?=&1", max_size=30))
def test_a_search_engine_is_one_under_any_top_and_path(sub: str, top: str, path: str) -> None:
    assert source_of(f"https://www.google.{top}/{path}", "", HOST) == "search"
    assert source_of(f"https://{sub}.google.{top}/{path}", "", HOST) == "other"
    assert source_of(f"https://{sub}.t.me/{path}", "", HOST) == "social"
    assert source_of(f"https://{HOST}.{sub}.{top}/{path}", "", HOST) != "own"


@pytest.mark.parametrize(
    "agent",
    [
        "", "  ", "curl/8.5.0", "Wget/1.21", "python-requests/2.32", "Go-http-client/2.0", "okhttp/4.12",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116",
        "TelegramBot (like TwitterBot)", "facebookexternalhit/1.1", "WhatsApp/2.23.20", "Mozilla/5.0 (Baiduspider)",
        "Mozilla/5.0 (Linux; Android 11) Chrome-Lighthouse", "UptimeRobot/2.0; http://www.uptimerobot.com/",
    ],
)  # fmt: skip
def test_programs_that_say_so_are_bots(agent: str) -> None:
    assert is_bot(agent)
    assert event_of({"user-agent": agent}, kind="view", page="/", language="ru") is None


@pytest.mark.parametrize(
    "agent",
    [
        PHONE, DESKTOP, "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
        "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Mobile Safari/537.36",
        "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.5.25 Version/10.54",
    ],
)  # fmt: skip
def test_people_are_no_bots(agent: str) -> None:
    assert not is_bot(agent)


@UNHURRIED
@given(st.sampled_from(["googlebot", "MyCrawler", "some-spider"]), TEXTS, TEXTS)
def test_a_bot_is_one_wherever_its_name_stands(name: str, before: str, after: str) -> None:
    assert is_bot(f"{before} {name} {after}")


@pytest.mark.parametrize("said", ["prefetch", "prefetch;prerender", "Prefetch", "prerender"])
def test_what_nobody_has_opened_is_not_looked_at(said: str) -> None:
    assert is_preload({"sec-purpose": said})
    assert is_preload({"purpose": said})
    assert not is_preload({"sec-purpose": "", "purpose": "navigation"})
    assert event_of({"user-agent": PHONE, "sec-purpose": said}, kind="view", page="/", language="ru") is None


def test_an_event_holds_kinds_and_never_an_address() -> None:
    headers = {"user-agent": PHONE, "referer": "https://secret.example/of/aziza", "host": HOST}
    event = event_of(headers, kind="view", page="/{language}/order", language="ru", form="order")
    assert event is not None and not re.search("secret|aziza|Android", str(event))
    assert (event.source, event.device, event.form) == ("other", "phone", "order")
