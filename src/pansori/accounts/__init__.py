"""Who owns things, and how one shows who one is. In `open` mode that is one local account."""

from pansori.accounts._accounts import Accounts
from pansori.accounts._client import Client
from pansori.accounts._keys import KeyView
from pansori.accounts._letters import Letter
from pansori.accounts._local import LOCAL_ALIAS, LOCAL_LOGIN, local_account
from pansori.accounts._mail import Mailer
from pansori.accounts._passwords import AT_ONCE as PASSWORDS_AT_ONCE
from pansori.accounts._passwords import Passwords
from pansori.accounts._rows import CLOSED
from pansori.accounts._sessions import Login, Recognised, SessionView
from pansori.accounts._signup import Verified
from pansori.accounts._viewer import ALL_SCOPES, NOBODY, SCOPES, AccountView, Scope, Viewer, nobody

__all__ = [
    "ALL_SCOPES",
    "CLOSED",
    "LOCAL_ALIAS",
    "LOCAL_LOGIN",
    "NOBODY",
    "PASSWORDS_AT_ONCE",
    "SCOPES",
    "AccountView",
    "Accounts",
    "Client",
    "KeyView",
    "Letter",
    "Login",
    "Mailer",
    "Passwords",
    "Recognised",
    "Scope",
    "SessionView",
    "Verified",
    "Viewer",
    "local_account",
    "nobody",
]
