"""The policy: a folder of facts and prose, checked, rendered, published as immutable versions (clauses 1.1 to 10.1).

Articles: 5 and 19 (purposes announced at collection), 10 (terms), 18 (grounds), 31 (the list of data).
Invariants: what is served is what was hashed; a stored version whose bytes changed is refused; lists in the text come
from the facts; a version comes into force with its ledger event, in one transaction.
Entry points: `check(folder)`, `Policies`, `Policy.keep_for`, `notice`, `diff`, `facts_diff`, `to_public_json`.
"""

from omonat.policy.drafts import Draft, Drafts
from omonat.policy.folder import Finding, check
from omonat.policy.model import (
    CHANNELS,
    GROUNDS,
    Category,
    Cookie,
    Form,
    FormField,
    Ground,
    Policy,
    Purpose,
    Recipient,
    Site,
    Term,
)
from omonat.policy.public import to_public_json
from omonat.policy.service import Policies, PolicyNotReady, draft, number_order
from omonat.policy.text.diff import ClauseChange, FactChange, Piece, diff, facts_diff
from omonat.policy.text.document import (
    Clause,
    Document,
    ItemList,
    Paragraph,
    Section,
    Span,
    Table,
    to_markdown,
    to_plain_text,
)
from omonat.policy.text.notices import (
    again_notice,
    banner_notice,
    banner_parts,
    cookie_details,
    is_cross_border,
    news_categories,
    news_notice,
    news_purpose,
    notice,
    policy_link_words,
    sign_in_notice,
    third_parties,
)
from omonat.policy.text.phrases import channel_words, ground_words, law_days, term_words
from omonat.policy.text.second_layer import (
    cookies_of,
    place_notice,
    purpose_label,
    second_layer_word,
    settings_notice,
)
from omonat.policy.version import Version
from omonat.policy.voiding import covered_recipients, lapsed_under, why_void

__all__ = [
    "CHANNELS",
    "GROUNDS",
    "Category",
    "Clause",
    "ClauseChange",
    "Cookie",
    "Document",
    "Draft",
    "Drafts",
    "FactChange",
    "Finding",
    "Form",
    "FormField",
    "Ground",
    "ItemList",
    "Paragraph",
    "Piece",
    "Policies",
    "Policy",
    "PolicyNotReady",
    "Purpose",
    "Recipient",
    "Section",
    "Site",
    "Span",
    "Table",
    "Term",
    "Version",
    "again_notice",
    "banner_notice",
    "banner_parts",
    "channel_words",
    "check",
    "cookie_details",
    "cookies_of",
    "covered_recipients",
    "diff",
    "draft",
    "facts_diff",
    "ground_words",
    "is_cross_border",
    "lapsed_under",
    "law_days",
    "news_categories",
    "news_notice",
    "news_purpose",
    "notice",
    "number_order",
    "place_notice",
    "policy_link_words",
    "purpose_label",
    "second_layer_word",
    "settings_notice",
    "sign_in_notice",
    "term_words",
    "third_parties",
    "to_markdown",
    "to_plain_text",
    "to_public_json",
    "why_void",
]
