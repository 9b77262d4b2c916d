"""Products: which components a product needs."""
