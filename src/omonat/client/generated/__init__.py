"""The API. Made by scripts/client_code.py from the description; never edit it by hand."""
