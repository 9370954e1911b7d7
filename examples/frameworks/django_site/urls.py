"""Which path calls which view."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("", views.index, name="index"),
    path("hello/<str:name>", views.hello),
    path("form", views.form),
    path("json", views.echo_json),
    path("bytes", views.echo_bytes),
    path("upload", views.upload),
    path("stream", views.stream),
    path("cookies", views.cookies),
    path("redirect", views.go_home),
    path("error", views.error),
    path("admin/", admin.site.urls),
]
