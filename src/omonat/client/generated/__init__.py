"""The API. Made by scripts/client_code.py from the OpenAPI description; never edit it by hand."""
