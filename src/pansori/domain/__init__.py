"""What the product speaks of, in pydantic and the standard library alone."""
