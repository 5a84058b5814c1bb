"""Arrays in files of several formats, a snapshot of them, and a folder of snapshots as a series."""
