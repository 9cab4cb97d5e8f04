"""A mesh of nurses on one machine, in which one after the other falls sick and is found by its neighbours."""
