"""The HTTP client for addresses that came from outside."""
