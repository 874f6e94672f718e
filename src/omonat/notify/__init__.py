"""Floor 5: messages to people: channels (mail, SMS, Telegram, a developer's terminal) and the texts of letters.

Carries the notices of Art. 11 (correction), 17 (destruction), 22 (answers), 23 (disclosure, within three days) and of
clauses 7.1 and 9.2 of the policy.

Invariants
- An address or phone travels sealed and appears in no error, log line or file name.
- A letter is made by a pure function from words, numbers and dates. What a letter to the staff says of a case is its
  number and a link.
- Without a configured channel a message fails, permanently and by name; it is never dropped in silence.

Entry points: `channels(settings, dev_host)`, `Message`, `DeliveryFailed`, and the module `letters`.
"""

from omonat.notify import letters
from omonat.notify.channels import channels
from omonat.notify.console import ConsoleChannel
from omonat.notify.gateway import SmsChannel, TelegramChannel
from omonat.notify.letters import Letter
from omonat.notify.model import Attachment, Channel, DeliveryFailed, Message, NullChannel, masked
from omonat.notify.smtp import SmtpChannel

__all__ = [
    "Attachment", "Channel", "ConsoleChannel", "DeliveryFailed", "Letter", "Message", "NullChannel", "SmsChannel",
    "SmtpChannel", "TelegramChannel", "channels", "letters", "masked",
]  # fmt: skip
