"""Who the neighbours are: the ring, and one file per source."""
