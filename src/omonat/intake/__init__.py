"""Floor 4: the forms of the site. One act collects, records consent and opens a case (1.2, 2.1, 3.1, 10.1).

Also “I do not agree” (1.3): what this browser sent is destroyed, as far as nobody else has a claim to it.
"""

from omonat.intake.model import Disagreed, Evidence, FieldShape, FormTexts, PreparedForm, SentForm, Submitted, Taken
from omonat.intake.service import Intake

__all__ = [
    "Disagreed", "Evidence", "FieldShape", "FormTexts", "Intake", "PreparedForm", "SentForm", "Submitted", "Taken",
]  # fmt: skip
