"""A FastAPI site whose forms are Omonat's. Run: uvicorn main:app (OMONAT_URL, OMONAT_KEY in the environment)."""

import os

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from omonat.client.sites.asgi import OmonatForms

app = FastAPI()
app.add_middleware(
    OmonatForms,
    base_url=os.environ["OMONAT_URL"],
    key=os.environ["OMONAT_KEY"],
    forms={"/callback": "callback", "/order": "order"},
)


@app.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    """A page of the site itself; visits are counted only where the visitor has allowed it."""
    counted = "counted" if request.state.omonat.permits("improve") else "not counted"
    return f'<h1>Our site</h1><p><a href="/callback">Call me back</a></p><p>This visit is {counted}.</p>'
