"""Pictures of letters as a browser shows them, and what does not fit: `make screenshots`."""
