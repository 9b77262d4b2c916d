"""What every stub stands on: settings, a server, fault switches, outboxes."""
