"""The compose family: text → music."""
