"""What `argo verify` does around the core's checks: fetching, comparing, remembering."""
