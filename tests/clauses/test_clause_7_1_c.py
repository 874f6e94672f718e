"""7.1 c withdraw consent: as easy as giving it, at any time, at once everywhere."""

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.installation import Installation, in_days
from harness.people import Visitor, invent
from harness.server import Server

MAILING = ("mailing", "list", "--purpose", "news", "--channel", "sms", "--reason", "tariff")


def test_one_button_takes_it_back_and_one_gives_it_again(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(phone=True, java_script_enabled=False), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone}, news=["sms"])
    sign_in(page, shared_server, person.phone)
    run = shared_server.installation.run
    assert person.phone in run(*MAILING).stdout
    news = "#consents li:has-text('SMS')"
    page.click(f"{news} form[action$='/withdraw'] button")
    page.wait_for_url("**/my?done=withdrawn")
    assert person.phone not in run(*MAILING).stdout
    page.click(f"{news} form[action$='/give'] button")
    page.wait_for_url("**/my?done=given")
    assert person.phone in run(*MAILING).stdout


def test_the_history_keeps_both_words_with_version_and_text(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone}, news=["sms"])
    visitor.sign_in(person.phone)
    visitor.send("/my/consents/withdraw", shown_at="/my", purpose="news", channel="sms")
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    news = [line for line in file["consents"] if line["purpose"] == "news"]
    assert [line["action"] for line in news] == ["withdrawn", "granted"]
    assert {line["policy_number"] for line in news} == {file["policy"]}
    for line in news:
        ((text,),) = shared_server.installation.rows("SELECT text FROM shown_text WHERE hash = ?", line["text_hash"])
        assert text
    assert {case["kind"] for case in file["cases"]} >= {"withdraw"}


def test_its_data_go_when_the_term_after_withdrawal_has_run_out(installation: Installation, server: Server) -> None:
    visitor, person = Visitor(server), invent()
    visitor.send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"}, news=["sms"])
    visitor.sign_in(person.phone)
    visitor.send("/my/consents/withdraw", shown_at="/my", purpose="news", channel="sms")
    server.stop()
    count = "SELECT count(*) FROM record WHERE purpose = ?"
    installation.run("retention", "sweep", env=in_days(9))
    assert installation.rows(count, "news") == [(1,)]
    installation.run("retention", "sweep", env=in_days(12))
    assert installation.rows(count, "news") == [(0,)]
    assert installation.rows(count, "contract")[0][0] >= 3


def test_a_withdrawal_of_cookies_counts_at_once(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    page.click("#cookie-banner button[value=accept]")
    page.goto(f"{shared_server.url}/uz-Latn/cookies")
    page.click("main form button[value=refuse]")
    page.wait_for_url("**/cookies?saved=yes")
    assert "omonat_visit" not in {cookie["name"] for cookie in page.context.cookies()}
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    assert "omonat_visit" not in {cookie["name"] for cookie in page.context.cookies()}
