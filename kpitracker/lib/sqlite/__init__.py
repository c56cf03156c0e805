"""Django's SQLite backend, durable and with writers that queue."""
