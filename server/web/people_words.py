"""What pages say of people: why somebody is not let in, why a password is not taken.

Imported by the pages and `server.app`.
"""

from server.access import Role
from server.granting import PersonnelFault
from server.passwords import PasswordFault
from server.second_factor import CodeRefused
from server.staff import SignInRefused
from server.web.words import N_

SIGN_IN = {
    SignInRefused.wrong: N_("The name or the password is wrong."),
    SignInRefused.too_many: N_("Too many attempts. Please wait fifteen minutes and try again."),
    SignInRefused.wrong_code: N_("This code is wrong, or has been used. Please wait for the next one and type that."),
    SignInRefused.unknown_here: N_(
        "The province knows you, but you have no account here yet. Please ask your administrator for one."
    ),
    SignInRefused.code_too_late: N_("That took too long. Please sign in once more."),
}
NOT_THEIRS = N_("What waits here was typed by somebody else. Only they can sign in here and send it on.")
CONFIRMATION = {
    **SIGN_IN,
    SignInRefused.wrong: N_("That was not right. Please try once more; a code works only once."),
}
PROVIDER_DOWN = N_("The province's sign-in does not answer. Please sign in with your password, or try again later.")
PROVIDER_REFUSED = N_(
    "Signing in with the province's account did not succeed. Please try once more, or sign in with your password."
)
OLD_CODE = {
    **SIGN_IN,
    SignInRefused.wrong_code: N_("The code of the telephone that you use now is wrong, or has been used."),
}
FIRST_CODE = {
    CodeRefused.wrong: N_(
        "This is not the code that the app should show now. Please check that the telephone sets its clock by itself,"
        " and type the newest code."
    ),
}
PASSWORD_FAULTS = {
    PasswordFault.too_short: N_("The password is too short: ten characters at least."),
    PasswordFault.too_long: N_("The password is too long: 128 characters at most."),
    PasswordFault.weak: N_(
        "This password is easily guessed. Please take several words that do not belong together, without names or"
        " years."
    ),
    PasswordFault.same: N_("This is the password that you have. Please choose another one."),
    PasswordFault.different: N_("The two passwords are not the same. Please type them once more."),
}
ROLES = {
    Role.editor: N_("Editor"),
    Role.approver: N_("Approver"),
    Role.overseer: N_("Overseer"),
    Role.technician: N_("Technician"),
    Role.emergency_officer: N_("Emergency officer"),
    Role.administrator: N_("Administrator"),
}
PERSONNEL_FAULTS = {
    PersonnelFault.bad_username: N_("Two to forty letters a–z without accents, digits, dots and hyphens, please."),
    PersonnelFault.taken: N_("Somebody has this name already. Please choose another one."),
    PersonnelFault.no_name: N_("Please type the full name (80 characters at most)."),
    PersonnelFault.no_role: N_("Please choose a role."),
    PersonnelFault.no_area: N_("Please choose an area."),
    PersonnelFault.area_ended: N_(
        "This area has ended; only an overseer may still look at it. Please choose its successor."
    ),
    PersonnelFault.no_such_date: N_("There is no such date. Please write day/month/year, for example 05/12/2026."),
    PersonnelFault.past: N_("This day has passed. Please choose a later one."),
    PersonnelFault.ends_before_it_begins: N_("The last day lies before the first one."),
    PersonnelFault.held_already: N_("They hold this role there already."),
}
