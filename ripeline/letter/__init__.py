"""Letters: files and plain data in, a rendered letter out; then its bytes."""
