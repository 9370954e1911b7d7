# PSGI: an application is a code reference, which takes an environment and returns status, header fields and a body.
# Plack::Middleware::Lint stands between server and application, and holds both to the specification.
#
# Run:  go run . examples/relatives/hello.psgi
# Try:  curl http://127.0.0.1:8888/any/path

use strict;
use warnings;
use Plack::Builder;

my $app = sub {
    my $env  = shift;
    my $body = '';
    while ($env->{'psgi.input'}->read($body, 8192, length $body)) { }
    my $text = "Hello from PSGI: $env->{REQUEST_METHOD} $env->{PATH_INFO} with " . length($body) . " bytes\n";
    return [200, ['Content-Type' => 'text/plain'], [$text]];
};

builder { enable 'Lint'; $app };
