"""One pass over many rows: chunks in, moments out, which merge with those of other rows, processes or machines."""
