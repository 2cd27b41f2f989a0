"""The layers a request meets before it has a route: pure ASGI, compression, limiters, static files, policies of content."""
