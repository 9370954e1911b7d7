"""Two pages, found by PATH_INFO."""


def application(environ, start_response):
    """/ answers Index. /hello answers Hello and the name in the query, or world. All else is 404 Not Found.

    All three are text/plain; charset=utf-8.
    """
    raise NotImplementedError
