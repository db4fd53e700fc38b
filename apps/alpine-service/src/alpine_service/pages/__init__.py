"""The dashboard: pages for people, whole without scripts, made of the services behind the API."""
