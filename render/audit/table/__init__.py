"""The table of numbers, by what they are of."""
