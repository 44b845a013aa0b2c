"""The pages and the JSON API: rendered on the server, usable without JavaScript, one small module for live updates."""
