"""The example for Starlette."""
