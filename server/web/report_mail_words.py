"""Reports that go out by e-mail, in words.

Imported by the pages of reports and their tests.
"""

from server.export import Fault
from server.report_mailing import LAST_DAY, MOST_ADDRESSES, MailingFault
from server.web.period_words import EVERY
from server.web.report_words import FAULTS
from server.web.words import N_

__all__ = ["EVERY", "LAST_DAY", "MAILING_FAULTS", "MOST_ADDRESSES", "WHY_NOT"]
WHY_NOT: dict[Fault, str] = {
    **FAULTS,
    Fault.not_allowed: N_("Whoever ordered it may not do so any more. Please order it anew."),
}
MAILING_FAULTS: dict[MailingFault, str] = {
    MailingFault.no_address: N_("Please type at least one e-mail address as ten@tinh.example, one on each line."),
    MailingFault.too_many: N_("Please type at most twenty addresses."),
    MailingFault.no_day: N_("Please type a day from 1 to 28."),
    MailingFault.no_format: N_("Please tick at least one kind of file."),
}
