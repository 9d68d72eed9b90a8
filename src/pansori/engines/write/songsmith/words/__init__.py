"""What the songsmith has words for: what songs are about, how they feel, and clauses to say it with."""
