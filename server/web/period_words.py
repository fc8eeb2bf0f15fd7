"""Months and quarters in words.

Imported by the words of reports and of messages, and by tests.
"""

from server.period import Every
from server.web.words import N_

PERIODS = {Every.month: N_("month %(number)s/%(year)s"), Every.quarter: N_("quarter %(number)s/%(year)s")}
EVERY = {Every.month: N_("every month"), Every.quarter: N_("every quarter")}
