"""A finished song drawn: its waveform, its notes, and the words under the melody."""
