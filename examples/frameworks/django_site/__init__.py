"""A small Django project with the admin site, sessions and an SQLite database."""
