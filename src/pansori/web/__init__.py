"""The pages: rendered here, from what `pansori.api` offers to programs."""
