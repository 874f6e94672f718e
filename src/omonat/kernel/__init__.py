"""Floor 0: typed ids, time, errors, codec, settings, language. Imports nothing of Omonat above it."""
