"""One typed object of settings."""

from pansori.settings._settings import DEFAULT_SPACE, PREFIX, Settings, env_name, load

__all__ = ["DEFAULT_SPACE", "PREFIX", "Settings", "env_name", "load"]
