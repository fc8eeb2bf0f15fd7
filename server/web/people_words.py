"""What pages say of people: why somebody is not let in, why a password is not taken.

Imported by the pages and `server.app`.
"""

from server.passwords import PasswordFault
from server.second_factor import CodeRefused
from server.staff import SignInRefused
from server.web.words import N_

SIGN_IN = {
    SignInRefused.wrong: N_("The name or the password is wrong."),
    SignInRefused.too_many: N_("Too many attempts. Please wait fifteen minutes and try again."),
    SignInRefused.wrong_code: N_("This code is wrong, or has been used. Please wait for the next one and type that."),
    SignInRefused.code_too_late: N_("That took too long. Please sign in once more."),
}
CONFIRMATION = {
    **SIGN_IN,
    SignInRefused.wrong: N_("That was not right. Please try once more; a code works only once."),
}
OLD_CODE = {
    **SIGN_IN,
    SignInRefused.wrong_code: N_("The code of the telephone that you use now is wrong, or has been used."),
}
FIRST_CODE = {
    CodeRefused.wrong: N_(
        "This is not the code that the app should show now. Please check that the telephone sets its clock by itself, and type the newest code."
    ),
}
PASSWORD_FAULTS = {
    PasswordFault.too_short: N_("The password is too short: ten characters at least."),
    PasswordFault.too_long: N_("The password is too long: 128 characters at most."),
    PasswordFault.weak: N_(
        "This password is easily guessed. Please take several words that do not belong together, without names or years."
    ),
    PasswordFault.same: N_("This is the password that you have. Please choose another one."),
    PasswordFault.different: N_("The two passwords are not the same. Please type them once more."),
}
