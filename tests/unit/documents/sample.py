"""An invented person and a small policy: enough of everything that a document can show."""

from datetime import UTC, date, datetime

from omonat.documents import Names
from omonat.law import read_rule_pack
from omonat.policy.model import (
    Agreement,
    Category,
    Contact,
    Form,
    FormField,
    Operator,
    Policy,
    Purpose,
    Recipient,
    Term,
)  # fmt: skip
from omonat.rights.model import (
    Case,
    CaseStep,
    ConsentLine,
    ContractLine,
    DisclosureLine,
    HeldValue,
    HoldLine,
    JournalLine,
    PersonFile,
)  # fmt: skip
from omonat.vault import Certificate, Closing, Reached, SearchedAgain

AT = datetime(2026, 11, 20, 9, 15, 30, 123456, tzinfo=UTC)
LATER = datetime(2027, 11, 20, 18, 59, 59, tzinfo=UTC)
SUBJECT = "01934567-89ab-7def-8123-456789abcdef"
CASE = "01934567-89ab-7def-8123-000000000001"
NASTY = '=HYPERLINK("http://evil.example";"*bold* #panic() \\\\ $x$ <label>")'


def _four(uz: str, cyrillic: str, ru: str, en: str) -> dict[str, str]:
    return {"uz-Latn": uz, "uz-Cyrl": cyrillic, "ru": ru, "en": en}


PHONE = _four("Telefon raqami", "Телефон рақами", "Номер телефона", "Phone number")
NAME = _four("Ism, familiya", "Исм, фамилия", "Имя, фамилия", "Name")
MESSAGE = _four("Boshqa maʼlumotlar", "Бошқа маълумотлар", "Другие сведения", "Other information")
SUPPORT = _four("Qayta aloqa va yordam", "Қайта алоқа ва ёрдам", "Обратная связь и поддержка", "Feedback and support")
NEWS = _four("Yangiliklar", "Янгиликлар", "Новости и акции", "News and promotions")
CALLBACK = _four("Qoʻngʻiroq buyurtmasi", "Қўнғироқ буюртмаси", "Заказ звонка", "Call me back")
PARTNER = _four("Pudratchi", "Пудратчи", "Подрядчик", "Contractor")

POLICY = Policy(
    number="3.2",
    law="uz",
    languages=("uz-Latn", "uz-Cyrl", "ru", "en"),
    operator=Operator(
        name=_four("«MEGABITE-CRM» MChJ", "«MEGABITE-CRM» МЧЖ", "ООО «MEGABITE-CRM»", "MEGABITE-CRM LLC"),
        address=_four("Toshkent", "Тошкент", "Ташкент", "Tashkent"),
        stir="309519699", site="https://iptelefoniya.uz/", email="m@example.uz", phone="+998783332233",
    ),
    categories={
        "name": Category(kind="name", identifies=False, labels=NAME),
        "phone": Category(kind="phone", identifies=True, labels=PHONE),
        "other": Category(kind="text", identifies=False, labels=MESSAGE),
    },
    purposes={
        "support": Purpose(
            grounds=("consent",), keep=Term(1, "year", "collection"), labels=SUPPORT, clause="3.1",
            categories=("name", "phone", "other"),
        ),
        "news": Purpose(
            grounds=("consent",), keep=Term(0, "day", "withdrawal"), labels=NEWS, clause="3.1",
            optional=True, categories=("other",),
        ),
    },
    forms={
        "callback": Form(
            purpose="support", ground="consent", evidence={}, labels=CALLBACK,
            fields={
                "name": FormField(category="name", kind="name", required=True, max_length=100, labels=NAME),
                "phone": FormField(category="phone", kind="phone", required=True, max_length=30, labels=PHONE),
                "message": FormField(category="other", kind="text", required=False, max_length=999, labels=MESSAGE),
            },
        )
    },
    recipients={
        "partner": Recipient(
            country="UZ", purposes=("support",), categories=("phone",), ground="contract", labels=PARTNER,
            agreement=Agreement(number="1", signed_on=date(2026, 1, 1), confidentiality=True),
        )
    },
    cookies={},
    rights={},
    contact=Contact(form="callback", term="contact_answer", responsible=NAME),
    after_withdrawal=Term(10, "day", "withdrawal"),
    consent_term=Term(3, "year", "collection"),
)  # fmt: skip


def names(language: str) -> Names:
    return Names(language, POLICY, read_rule_pack("uz"))


def value(field: str, category: str, text: str, **more: object) -> HeldValue:
    facts: dict[str, object] = {
        "record_id": f"record-{field}", "field": field, "category": category, "purpose": "support",
        "ground": "consent", "source": "form:callback", "collected_at": AT, "keep_until": LATER, "kept_by_law": None,
        "value": text, "masked": False, "proven": None,
    }  # fmt: skip
    return HeldValue(**{**facts, **more})  # type: ignore[arg-type]  # a sample of mixed facts


FILE = PersonFile(
    subject_id=SUBJECT,
    made_at=AT,
    policy_number="3.2",
    values=(
        value("name", "name", "Oʻgʻiloy Saʼdiyeva"),
        value("phone", "phone", "+998901234567", proven=True),
        value("message", "other", NASTY),
        value("message", "other", "uzunsoʻz" * 40, purpose="news", keep_until=None),
        value("phone", "phone", "+998 ••• •• 33", masked=True, proven=False, kept_by_law="accounting"),
    ),
    consents=(
        ConsentLine(
            purpose="news", channel="email", action="granted", at=AT, expires_at=LATER, policy_number="3.2",
            language="ru", text_hash="ab" * 32, via="form:callback", current=True, word="granted",
        ),
    ),
    disclosures=(
        DisclosureLine(
            recipient="partner", purpose="support", ground="contract", categories=("phone",), at=AT, notified_at=None,
        ),
    ),
    journal=(
        JournalLine(
            operation="read", at=AT, actor="staff:nodira", purpose="support", categories=("name", "phone"),
            reason="call",
        ),
    ),
    holds=(
        HoldLine(purpose="support", category="phone", law="accounting", until_on=date(2031, 1, 1), reason="invoice"),
    ),
    restrictions=(("suspended", None, AT),),
    cases=(
        Case(
            subject_id=SUBJECT, case_id=CASE, kind="correct", state="done", opened_at=AT, due_at=LATER,
            term="correction", closed_at=AT, outcome="carried_out", details={"category": "name"},
            steps=(CaseStep(at=AT, actor="subject", kind="opened", details={}),),
        ),
    ),
    visit_days=3,
    contracts=(
        ContractLine(
            contract_id="01934567-89ab-7def-8123-000000000009", state="running", number="2026/77",
            about="IP-telefoniya", starts_on=date(2026, 11, 1), ends_on=None, ended_on=None, documents=(),
        ),
    ),
)  # fmt: skip

CERTIFICATE = Certificate(
    number="01934567-89ab-7def-8123-000000000002",
    started_at=AT,
    finished_at=AT,
    trigger="demand",
    clause="7.1 b",
    article="17",
    whole=True,
    records_by_category={"name": 1, "phone": 2},
    rows={"record": 3, "consent_event": 1, "identifier": 1},
    keys=4,
    stores={"data": "rows_deleted", "key_store": "key_destroyed"},
    windows=["key_store_backups", "data_backups_unreadable_without_key"],
    searched=SearchedAgain(identifiers=2, records=0, keys=0, others=1),
    levels=[
        Reached(store="data", level="hidden", at=AT), Reached(store="key_store", level="key_destroyed", at=AT),
        Reached(store="connected:crm.example.uz", level="confirmed", at=LATER),
    ],
    window_ends={"key_store_backups": LATER, "data_backups_unreadable_without_key": LATER},
    closed={"key_store_backups": Closing(at=LATER, entry="01934567-89ab-7def-8123-000000000003")},
)  # fmt: skip
