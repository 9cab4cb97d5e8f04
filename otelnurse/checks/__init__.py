"""What is asked, and of whom: one file per kind of check."""
