"""Units as types: a number that carries its meaning in its annotation."""

from typing import NewType

Seconds = NewType("Seconds", float)
Beats = NewType("Beats", float)  #: quarter notes
BeatsPerMinute = NewType("BeatsPerMinute", float)
SampleRateHz = NewType("SampleRateHz", int)
Hertz = NewType("Hertz", float)
Cents = NewType("Cents", float)  #: hundredths of an equal-tempered semitone
MidiPitch = NewType("MidiPitch", int)  #: 60 is middle C, 69 is A at 440 Hz
Lufs = NewType("Lufs", float)  #: loudness by ITU-R BS.1770
Dbtp = NewType("Dbtp", float)  #: true peak in decibels below full scale
Decibels = NewType("Decibels", float)
Bytes = NewType("Bytes", int)
