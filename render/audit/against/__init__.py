"""Before and after: two states of the same rows, how alike they are, and what has changed between them."""
