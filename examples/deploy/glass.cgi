#!/bin/sh
# /usr/lib/cgi-bin/glass.cgi: a web server starts it for each request.
exec /usr/local/bin/glass cgi --chdir /srv/shop shop.wsgi:application
