"""What a description of music in free words asks for, and what is known of each style."""
