"""A Django site in one file whose forms are Omonat's. Run: python main.py runserver (OMONAT_URL, OMONAT_KEY)."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only-for-this-example"),
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["omonat.client.sites.django.OmonatForms"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent]}],
    OMONAT={
        "base_url": os.environ["OMONAT_URL"],
        "key": os.environ["OMONAT_KEY"],
        "forms": {"/callback": "callback", "/order": "order"},
        "template": "form.html",
    },
)


def home(request: HttpRequest) -> HttpResponse:
    """A page of the site itself; visits are counted only where the visitor has allowed it."""
    counted = "counted" if request.omonat.permits("improve") else "not counted"
    return HttpResponse(f'<h1>Our site</h1><p><a href="/callback">Call me back</a></p><p>This visit is {counted}.</p>')


urlpatterns = [path("", home)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
