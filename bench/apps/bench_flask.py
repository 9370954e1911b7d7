"""A page of Flask: routing, a query, a template."""

from flask import Flask, render_template_string, request

application = Flask(__name__)
PAGE = """<!doctype html><title>{{ title }}</title><ul>{% for n in range(20) %}<li>{{ name }} {{ n }}</li>{% endfor %}</ul>"""


@application.get("/item/<name>")
def item(name):
    return render_template_string(PAGE, title=request.args.get("title", "none"), name=name)
