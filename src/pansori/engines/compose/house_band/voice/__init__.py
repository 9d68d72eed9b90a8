"""The singer: words spoken by a formant synthesiser, taken apart by WORLD and put together again on the melody."""
