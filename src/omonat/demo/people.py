"""Invented people and what they write. Equal seeds give equal people."""

import random
from collections.abc import Iterator

import msgspec

_GIVEN = (
    "Aziza", "Bekzod", "Dilnoza", "Elyor", "Feruza", "Gʻayrat", "Husan", "Iroda", "Javohir", "Kamola", "Laziz",
    "Maʼmura", "Nodira", "Oʻtkir", "Parviz", "Ravshan", "Saida", "Temur", "Umida", "Zuhra",
)  # fmt: skip
_FAMILY = (
    "Abdullayev", "Boymurodov", "Choriyev", "Doʻstmatov", "Eshonqulov", "Gʻofurov", "Haydarov", "Ismoilov", "Joʻrayev",
    "Karimov", "Mirzayev", "Normurodov", "Oripov", "Qodirov", "Rahimov", "Sobirov", "Toʻxtayev", "Usmonov",
)  # fmt: skip
_COMPANIES = ("Namuna Savdo", "Yangi Bozor", "Oq Yoʻl Logistika", "Chinor Klinika", "Bahor Mebel", "Sinov Taʼlim")
_SERVICES = ("IP telefoniya, 5 ta raqam", "CRM, 10 ta xodim", "Virtual ATS", "SIP-trunk va 2 ta shahar raqami")
_MESSAGES = (
    "Qoʻngʻiroqlarni CRM bilan bogʻlash mumkinmi?", "Как подключить второй номер?", "Tarif narxini bilmoqchi edim.",
    "Не приходит запись разговора, помогите.", "How long does number porting take?", "Ofisimiz koʻchdi, nima qilamiz?",
)  # fmt: skip
_AGENTS = (
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
)  # fmt: skip
_AGENT_WEIGHTS = (9, 4, 6, 1, 1)
_LATIN = str.maketrans({"ʻ": "", "ʼ": ""})


class Person(msgspec.Struct, frozen=True):
    """Somebody who does not exist."""

    name: str
    phone: str
    email: str
    language: str
    agent: str
    address: str


class Sending(msgspec.Struct, frozen=True):
    """A form that somebody sends. `news`: the boxes that he ticks."""

    form: str
    fields: dict[str, str]
    news: frozenset[str]


def people(chance: random.Random) -> Iterator[Person]:
    """One after another, no two alike in phone or e-mail."""
    number = 0
    while True:
        number += 1
        given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
        ending = "a" if given[-1] == "a" else ""
        plain = f"{given}.{family}{ending}".lower().translate(_LATIN)
        yield Person(
            name=f"{family}{ending} {given}",
            phone=f"+99890000{number:04d}",
            email=f"{plain}.{number}@example.com",
            language=chance.choices(("uz-Latn", "ru", "uz-Cyrl", "en"), (6, 4, 1, 1))[0],
            agent=agent(chance),
            address=f"192.0.2.{chance.randrange(1, 255)}",
        )


def agent(chance: random.Random) -> str:
    """The browser of somebody: more phones than anything else."""
    return chance.choices(_AGENTS, _AGENT_WEIGHTS)[0]


def sending(chance: random.Random, person: Person) -> Sending:
    """What one person sends: most want a call back."""
    form = chance.choices(("callback", "order", "contact"), (5, 3, 3))[0]
    fields = {"name": person.name, "phone": person.phone}
    wanted = {"sms", "telegram"}
    if form == "order":
        fields |= {"email": person.email, "company": chance.choice(_COMPANIES), "service": chance.choice(_SERVICES)}
        wanted = {"email", "sms"}
    if form == "contact":
        fields |= {"email": person.email, "message": chance.choice(_MESSAGES)}
        wanted = {"email"}
    news = {channel for channel in sorted(wanted) if chance.random() < 0.35}
    return Sending(form, fields, frozenset(news))
