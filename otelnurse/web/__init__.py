"""The nurse's own HTTP side."""
