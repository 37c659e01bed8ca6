"""Prefect flows, one a sweep: batch size, retries, run names and `now`. No rule, no SQL, no Jinja."""
