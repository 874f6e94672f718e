"""Texts: the Document model, the small Markdown, rendering from facts, differences, notices."""
