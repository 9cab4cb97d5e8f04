"""What the nurse knows, put as people and machines want to see it: pure functions, no HTML and no HTTP."""
