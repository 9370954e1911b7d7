def application(environ, start_response):
    headers = [("Content-Type", "text/plain"), ("Connection", "close")]
    start_response("200 OK", headers)
    return [b"never sent"]
