"""What tests stand on: a real PostgreSQL, a real browser, a real installation and its server as a subprocess."""
