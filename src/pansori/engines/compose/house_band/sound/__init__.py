"""From the score to the finished sound: players, instruments, desk and master."""
