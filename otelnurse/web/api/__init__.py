"""``/api/v1/``: what the page shows, for machines."""
