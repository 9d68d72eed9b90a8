"""The HTTP client for addresses that came from outside.

Whatever address it is given, it connects to public ones alone: names are resolved once, every address of a name is
judged, and the judged address itself is dialled. Redirects are judged the same way; sizes and times are bounded.
"""

from pansori.net._addresses import why_forbidden
from pansori.net._client import Bounds, Client, Fetched, Response
from pansori.net._complaints import said_in, said_of
from pansori.net._json import parse_json
from pansori.net._urls import Url, parse_url
from pansori.net._watch import Resolver, system_resolver
from pansori.net._webhooks import ID, TOLERANCE, sign_webhook, verify_webhook

__all__ = [
    "ID",
    "TOLERANCE",
    "Bounds",
    "Client",
    "Fetched",
    "Resolver",
    "Response",
    "Url",
    "parse_json",
    "parse_url",
    "said_in",
    "said_of",
    "sign_webhook",
    "system_resolver",
    "verify_webhook",
    "why_forbidden",
]
