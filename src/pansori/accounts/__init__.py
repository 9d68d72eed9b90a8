"""Who owns things. In `open` mode that is one local account."""

from pansori.accounts._local import LOCAL_ALIAS, LOCAL_LOGIN, local_account

__all__ = ["LOCAL_ALIAS", "LOCAL_LOGIN", "local_account"]
