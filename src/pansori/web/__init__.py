"""The pages: rendered here, from what `pansori.api` offers to programs."""

from pansori.web.site import install

__all__ = ["install"]
