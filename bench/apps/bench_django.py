"""A page of Django: middleware, routing, a query, a template."""

import secrets

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402: after the settings
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

application = get_wsgi_application()
PAGE = engines["django"].from_string(
    "<!doctype html><title>{{ title }}</title><ul>{% for n in numbers %}<li>{{ name }} {{ n }}</li>{% endfor %}</ul>")


def item(request, name):
    return HttpResponse(PAGE.render({"title": request.GET.get("title", "none"), "name": name, "numbers": range(20)}))


urlpatterns = [path("item/<name>", item)]
