"""When which check runs, and what came of it."""
