"""One request taken apart."""
