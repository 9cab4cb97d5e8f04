"""``otelnurse check URL``: one request taken apart in the terminal, by the probe that a nurse has."""
