"""Django's SQLite backend with durable commits and a queue for writers."""
