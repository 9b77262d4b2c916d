"""What is measured, one file each; every one returns its lines of the table."""
