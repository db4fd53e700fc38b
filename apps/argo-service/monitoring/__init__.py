"""What Argo's operators look at and are woken by: Grafana's dashboards, Prometheus's rules."""
