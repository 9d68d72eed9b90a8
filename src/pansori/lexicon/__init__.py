"""Words and what they mean: of music, and of the two languages that songs are sung in. Known to every engine alike."""
