"""The arrangement: what drums, bass, keys, guitar, pad and lead play in every section."""
