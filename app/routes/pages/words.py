"""What people read for what the machine stores."""
