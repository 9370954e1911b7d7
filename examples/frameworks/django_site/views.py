"""The pages. Those for POST are for programs such as curl, which have no CSRF token: hence csrf_exempt."""

import hashlib
import json

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


def index(request):
    return HttpResponse("Hello from Django", content_type="text/plain; charset=utf-8")


def hello(request, name):
    return HttpResponse(f"Hello {name}", content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def form(request):
    return JsonResponse(request.POST.dict())


@csrf_exempt
@require_POST
def echo_json(request):
    return JsonResponse(json.loads(request.body), safe=False)  # safe=False: lists and numbers too


@csrf_exempt
@require_POST
def echo_bytes(request):
    return HttpResponse(request.body, content_type="application/octet-stream")


@csrf_exempt
@require_POST
def upload(request):
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return JsonResponse({"filename": file.name, "size": file.size, "sha256": digest.hexdigest()})


def stream(request):
    lines = (f"line {number}\n" for number in range(5))
    return StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8")


def cookies(request):
    response = HttpResponse("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def go_home(request):
    return redirect("index")


def error(request):
    raise ValueError("raised in a view")
