"""The portal: the person's own pages under `/{language}/my` (clause 7.1), plain forms throughout, no script needed.

Every page is `no-store`. A stranger is led to the sign-in; another person's ids are simply not there. Every POST of a
signed-in person carries a token bound to the session. The portal holds no rules: it calls `rights` and `sign_in`.
"""

from litestar import Router

from omonat.web.portal.changing import ask_to_prove, correct_value, prove, prove_page, value_page
from omonat.web.portal.complaining import case_letter, complain, complain_page, complaint_letter
from omonat.web.portal.consents import give_consent, shown_text, withdraw_consent
from omonat.web.portal.contracts import contract_document
from omonat.web.portal.erasing import certificate_file, delete, delete_page
from omonat.web.portal.overview import case_page, download_file, only_a_button, overview, write_further
from omonat.web.portal.pages import to_sign_in
from omonat.web.portal.person import NotSignedIn, WhoFirst
from omonat.web.portal.receipts import mail_receipt, only_a_receipt_button, receipt_file, receipts_page
from omonat.web.portal.signing import (
    answer_code,
    ask_for_code,
    choose_who,
    code_page,
    sign_in_page,
    sign_out,
    sign_out_page,
    who_page,
)
from omonat.web.portal.stopping import lift, lift_objection, object_to, stop_page, suspend

PORTAL = Router(
    path="/{language:str}/my",
    route_handlers=[
        answer_code, ask_for_code, ask_to_prove, case_letter, case_page, certificate_file, choose_who, code_page,
        complain, complain_page, complaint_letter, contract_document, correct_value, delete, delete_page,
        download_file, give_consent, lift, lift_objection, mail_receipt, object_to, only_a_button,
        only_a_receipt_button, overview, prove, prove_page, receipt_file, receipts_page, shown_text, sign_in_page,
        sign_out, sign_out_page, stop_page, suspend, value_page, who_page, withdraw_consent, write_further,
    ],
    exception_handlers={NotSignedIn: to_sign_in, WhoFirst: to_sign_in},
)  # fmt: skip

__all__ = ["PORTAL"]
