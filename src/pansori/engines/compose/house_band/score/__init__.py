"""The composed song: form, harmony, melody and arrangement, all in beats, and its files of notes and words."""
