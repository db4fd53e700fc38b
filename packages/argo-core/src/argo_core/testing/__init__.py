"""Stand-ins, strategies, machines and contracts for whoever plugs into Argo."""
