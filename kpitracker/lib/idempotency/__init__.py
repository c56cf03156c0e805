"""`Idempotency-Key`: a repeated POST gets the first answer again, and is done once."""
