"""How soon Refuse can be pressed, beside a banner that somebody wrote into the page by hand; all in one run.

Four pages: of a shop, `hand` (banner in the HTML, 0.3 kB of script) and `tag` (Omonat's one script tag), with the same
style sheet and text; of our own, `own` and `own-hand`, where Omonat's banner is replaced by the one written by hand. On
a phone of 390x844 with a processor four times slower, without and with a slow 4G line.

Pressed means: the button is there, and it is what lies at its own middle. Blocking: what tasks of over 50 ms take
beyond that. Aim: at most 1.2 times the hand-written one, at most 30 ms of blocking added, no layout shift. On a shared
machine compare the ratios of one run only.

Usage: python bench/banner.py [RUNS]
"""

import re
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import Browser, ViewportSize

from harness.browser import PHONE, chromium
from harness.company import Company, page_with_banner

RUNS = 9
SLOWER = 4
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
STYLE = "".join(
    f".part-{number} {{ color: #234; margin-block: {number % 7}px; padding: 2px }}\n" for number in range(400)
)
HAND = """<section role="dialog" aria-label="Cookies" class="hand"><form>
<p>Необходимые файлы cookie нужны для работы сайта. Остальные ждут вашего согласия: для подсчёта посещений сайта,
180 дней. Третьи лица: дата-центр, в котором стоят серверы. Если вы откажетесь, сайт будет работать полностью.
<a href="/policy">Политика</a>.</p> <button type="button" value="refuse">Отказаться</button>
<button type="button" value="accept">Согласиться</button></form></section>
<script>for (const it of document.querySelectorAll(".hand button")) it.onclick = () => {
document.cookie = "hand=" + it.value + "; Path=/; Max-Age=15552000"; document.querySelector(".hand").remove(); };
</script>"""
HAND_STYLE = (
    ".hand{position:fixed;inset-inline:0;inset-block-end:0;padding:16px;background:#fff;border-top:2px solid #046}"
)
WATCH = """(() => { window.shifted = 0; window.blocked = 0; window.pressed = 0;
new PerformanceObserver(list => list.getEntries().forEach(it => { window.shifted += it.value }))
  .observe({ type: "layout-shift", buffered: true });
new PerformanceObserver(list => list.getEntries().forEach(it => { window.blocked += Math.max(0, it.duration - 50) }))
  .observe({ type: "longtask", buffered: true });
const look = () => { const it = document.querySelector("[role=dialog] button[value=refuse]");
  const box = it && it.getBoundingClientRect();
  const top = box && box.width && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (top && (top === it || it.contains(top))) window.pressed = performance.now(); else requestAnimationFrame(look); };
look(); })()"""


class Seen(NamedTuple):
    """One load: milliseconds until Refuse can be pressed, of blocking, and the layout shift."""

    pressed: float
    blocked: float
    shifted: float


def put_pages(company: Company) -> dict[str, str]:
    """The pages, and their addresses by name."""
    site, omonat = company.site, company.omonat.url
    site.put("/shop.css", STYLE, "text/css")
    head = '<link rel="stylesheet" href="/shop.css">'
    tagged = page_with_banner(omonat, TEXT, head="")
    tagged = tagged.replace("</head>", f"{head}</head>")
    bare = re.sub(r"<script src=.*?</script>", "", tagged)
    by_hand = bare.replace("</head>", f"<style>{HAND_STYLE}</style></head>").replace("</body>", f"{HAND}</body>")
    own = company.omonat.client().get("/ru/").text
    own_hand = re.sub(r'<section id="cookie-banner".*?</section>', HAND, own, flags=re.DOTALL)
    return {
        "hand": site.put("/hand", by_hand),
        "tag": site.put("/tag", tagged),
        "own": f"{omonat}/ru/",
        "own-hand": _own_by_hand(company, own_hand),
    }


TEXT = "".join(f'<p class="part-{number}">Облачная телефония, часть {number}.</p>' for number in range(120))


def _own_by_hand(company: Company, page: str) -> str:
    """Our page as it is, with the other banner: served by the shop, its files too, so that both come from one host."""
    with company.omonat.client() as client:
        for name in set(re.findall(r"/static/[\w.-]+", page)):
            found = client.get(name)
            company.site.put(name, found.text, found.headers["content-type"])
    return company.site.put("/own-hand", page.replace("</head>", f"<style>{HAND_STYLE}</style></head>"))


def one_load(browser: Browser, url: str, line: dict[str, Any] | None) -> Seen:
    """A page in a fresh browser context, throttled."""
    phone = ViewportSize(width=PHONE["width"], height=PHONE["height"])
    context = browser.new_context(viewport=phone, locale="ru-RU", has_touch=True)
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        devtools = context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        if line:
            devtools.send("Network.enable")
            devtools.send("Network.emulateNetworkConditions", line)
        page.goto(url, wait_until="load")
        page.wait_for_function("() => window.pressed > 0")
        page.wait_for_timeout(300)  # what comes late shifts and blocks, too
        return Seen(*page.evaluate("[pressed, blocked, shifted]"))
    finally:
        context.close()


def measure(browser: Browser, pages: dict[str, str], line: dict[str, Any] | None, runs: int) -> dict[str, Seen]:
    """Medians by page; each run loads all of them, one after another, after one that does not count."""
    seen: dict[str, list[Seen]] = {name: [] for name in pages}
    for number in range(runs + 1):
        for name, url in pages.items():
            load = one_load(browser, url, line)
            if number:
                seen[name].append(load)
    return {name: Seen(*(median(values) for values in zip(*loads, strict=True))) for name, loads in seen.items()}


def main() -> int:
    """Print the medians and the ratios."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
        company = Company(Path(folder))
        try:
            with chromium() as browser:
                pages = put_pages(company)
                for title, line in (("4x slower processor", None), ("4x slower processor, slow 4G", SLOW_4G)):
                    report(title, measure(browser, pages, line, runs))
        finally:
            company.close()
    return 0


def report(title: str, found: dict[str, Seen]) -> None:
    """One table, and what is to be read from it."""
    print(f"\n{title}: median")
    for name, it in found.items():
        print(f"  {name:9} Refuse after {it.pressed:6.0f} ms, blocking {it.blocked:4.0f} ms, shift {it.shifted:.4f}")
    for ours, theirs in (("own", "own-hand"), ("tag", "hand")):
        ratio = found[ours].pressed / found[theirs].pressed
        added = found[ours].blocked - found[theirs].blocked
        print(f"  {ours} / {theirs}: {ratio:.2f}x, {added:+.0f} ms of blocking, shift {found[ours].shifted:.4f}")


if __name__ == "__main__":
    sys.exit(main())
