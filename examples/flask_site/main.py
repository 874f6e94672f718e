"""A Flask site whose forms are Omonat's. Run: flask --app main run (OMONAT_URL, OMONAT_KEY in the environment)."""

import os

from flask import Flask, g

from omonat.client.sites.flask import OmonatForms

app = Flask(__name__)
OmonatForms(
    app,
    base_url=os.environ["OMONAT_URL"],
    key=os.environ["OMONAT_KEY"],
    forms={"/callback": "callback", "/order": "order"},
    template="form.html",
)


@app.get("/")
def home() -> str:
    """A page of the site itself; visits are counted only where the visitor has allowed it."""
    counted = "counted" if g.omonat.permits("improve") else "not counted"
    return f'<h1>Our site</h1><p><a href="/callback">Call me back</a></p><p>This visit is {counted}.</p>'
