"""What accounts keep: tracks and prompt templates."""
