"""Alpine's dashboards and alarms, for whoever operates it; the service does not know of them."""
