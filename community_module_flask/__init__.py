"""Community: tenants, their channels, members, roles and bans; the context of every event."""
