"""The portal as an ASGI application: `uvicorn app:app`, or mount `app` in another one."""

from pathlib import Path

from lkportal import create_app

app = create_app(Path(__file__).with_name("portal.toml"))
