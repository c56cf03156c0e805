"""What each reader does on the pages, in a real browser: `make test-browser`. Plain pytest and `make test` leave it out."""
