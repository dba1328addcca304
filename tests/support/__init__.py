"""What the tests stand on: worlds to send requests in, an origin behind them, and strict checkers.

Nothing in here knows the rules of sessionware; it only knows ASGI, WSGI and HTTP.
"""
