"""`Idempotency-Key`: a repeated POST is executed once and gets the first response again."""
