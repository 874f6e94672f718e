"""Uzbek Cyrillic from Uzbek Latin: words of the law, of the pages, and what stays Latin."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.kernel.cyrillic import to_cyrillic

WORDS = """
shaxsiy шахсий · maʼlumotlar маълумотлар · maʼlumotlaringiz маълумотларингиз · subyekt субъект · obyekt объект
operator оператор · mulkdor мулкдор · rozilik розилик · roziligingizni розилигингизни · qonun қонун
qonunchilik қонунчилик · maxfiylik махфийлик · siyosat сиёсат · siyosati сиёсати · shartnoma шартнома
shartnomani шартномани · oʻchirish ўчириш · toʻgʻrilash тўғрилаш · oʻzgartirish ўзгартириш · yoʻq йўқ
yoʻqotish йўқотиш · yoʻq qilish йўқ қилиш · foydalanuvchi фойдаланувчи · foydalanish фойдаланиш · sayt сайт
saytimiz сайтимиз · telefon телефон · elektron электрон · pochta почта · manzil манзил · ism исм · familiya фамилия
ariza ариза · murojaat мурожаат · javob жавоб · uchinchi учинчи · shaxslarga шахсларга · oshkor ошкор · eʼlon эълон
taʼminlash таъминлаш · himoya ҳимоя · himoyalangan ҳимояланган · chora чора · choralar чоралар · muddat муддат
muddati муддати · saqlash сақлаш · saqlanadi сақланади · huquq ҳуқуқ · huquqlari ҳуқуқлари · bekor бекор
bekor qilish бекор қилиш · qaytarib olish қайтариб олиш · shikoyat шикоят · yuborish юбориш · yangilik янгилик
yangiliklar янгиликлар · xizmat хизмат · xizmatlar хизматлар · takomillashtirish такомиллаштириш · tahlil таҳлил
brauzer браузер · qurilma қурилма · sozlamalar созламалар · talab талаб · kuchga kiradi кучга киради
boʻyicha бўйича · Oʻzbekiston Ўзбекистон · Respublikasi Республикаси · Toshkent Тошкент · Moʻynoq Мўйноқ
konstitutsiya конституция · litsenziya лицензия · konstitutsiyaviy конституциявий · ketsin кетсин · aytsa айтса
xatsiz хатсиз · yer ер · kerak керак · yetkazish етказиш · poyezd поезд · proyekt проект · aeroport аэропорт
Isʼhoq Исҳоқ · Muhammad Муҳаммад · Nodira Нодира · Gʻayrat Ғайрат · Jahongir Жаҳонгир · Yoʻldosh Йўлдош · Shoira Шоира
Chorshanba Чоршанба · yakshanba якшанба · iyun июн · iyul июл · avgust август · hayot ҳаёт · dunyo дунё · diyor диёр
yangi янги · yil йил · yili йили · oy ой · oylik ойлик · kun кун · ish kuni иш куни · mashhur машҳур · singil сингил
tong тонг · sanʼat санъат · sunʼiy сунъий · masʼul масъул · aʼzo аъзо · eʼtiroz эътироз · daʼvo даъво · moʻjaz мўжаз
oʻz ўз · oʻzi ўзи · gʻoya ғоя · bogʻ боғ · togʻ тоғ · SHAXSIY ШАХСИЙ · MAʼLUMOT МАЪЛУМОТ · Yer Ер · YANGI ЯНГИ
premyera премьера · tsirk цирк · qoida қоида · doir доир · faqat фақат · voz kechish воз кечиш · gʻ ғ · ʼ ъ
"""


def halves(pair: str) -> tuple[str, str]:
    words = pair.split(" ")
    middle = len(words) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


CASES = [halves(pair) for pair in re.split(r"\s+·\s+|\n", WORDS.strip())]


@pytest.mark.parametrize(("latin", "cyrillic"), CASES, ids=[latin for latin, _ in CASES])
def test_words(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(
    "text",
    [
        "CRM", "MEGABITE-CRM", "iptelefoniya.uz", "https://iptelefoniya.uz/maxfiylik", "info@iptelefoniya.uz", "{name}",
        "<a href=\"/uz-Latn/maxfiylik\">", "`omonat verify`", "Telegram", "SHA", "Facebook", "Windows", "Microsoft",
        "&nbsp;", "docs/security/formats.md", "omonat retention sweep --dry-run", "omonat verify FILE --key KEY",
        "/api/v1", "[key_provider]", "Content-Type: application/json", "Ed25519", "policy.toml", "+998 78 122 24 92",
        "2025", "Omonat", "PDF", "JavaScript", "WCAG",
    ],
)  # fmt: skip
def test_stays_as_it_is(text: str) -> None:
    assert to_cyrillic(text) == text


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("{count} ta maʼlumot oʻchirildi.", "{count} та маълумот ўчирилди."),
        ("Cookie-fayllar haqida", "Cookie-файллар ҳақида"),
        ("Saytdan <b>foydalanish</b> shartlari", "Сайтдан <b>фойдаланиш</b> шартлари"),
        ("[Siyosat](/uz-Latn/siyosat) kuchda", "[Сиёсат](/uz-Latn/siyosat) кучда"),
        ("STIR: 309519699", "СТИР: 309519699"),
        ("Tekshirish: omonat verify yoki daftar", "Текшириш: omonat verify ёки дафтар"),
        ("“MEGABITE-CRM” MChJ", "“MEGABITE-CRM” МЧЖ"),
        ("Eslatma. Elektron pochta: info@iptelefoniya.uz", "Эслатма. Электрон почта: info@iptelefoniya.uz"),
    ],
)
def test_sentences(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@given(st.text())
def test_any_text_goes_through_and_cyrillic_is_left_alone(text: str) -> None:
    once = to_cyrillic(text)
    assert to_cyrillic(once) == once or re.search(r"[A-Za-zʻʼ]", once)


@given(st.text(st.sampled_from("abdefghijklmnopqrstuvxyzʻʼ ABDEFGHIJKLMNOPQRSTUVXYZ"), max_size=30))
def test_no_half_converted_word_is_left(text: str) -> None:
    for word in re.findall(r"\w+", to_cyrillic(text)):
        latin, cyrillic = re.search(r"[A-Za-z]", word), re.search(r"[а-яёўқғҳ]", word, re.IGNORECASE)
        assert not (latin and cyrillic), word
