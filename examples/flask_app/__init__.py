"""The example for Flask."""
