# Mojolicious: https://mojolicious.org
#
# Run:  go run . examples/relatives/mojolicious.psgi
# Try:  curl http://127.0.0.1:8888/hello/Ada

use Mojolicious::Lite -signatures;
use Digest::SHA qw(sha256_hex);
use Mojo::File qw(path);

app->log->level('fatal');
app->static->paths([path(__FILE__)->dirname->sibling('frameworks')]);

get '/' => sub ($c) { $c->render(text => 'Hello from Mojolicious', format => 'txt') };
get '/hello/:name' => sub ($c) { $c->render(text => 'Hello ' . $c->param('name'), format => 'txt') };
post '/form' => sub ($c) { $c->render(json => $c->req->body_params->to_hash) };
post '/json' => sub ($c) { $c->render(json => $c->req->json) };
post '/bytes' => sub ($c) { $c->render(data => $c->req->body, format => 'bin') };

post '/upload' => sub ($c) {
    my $file = $c->req->upload('file');
    $c->render(json => { filename => $file->filename, size => $file->size, sha256 => sha256_hex($file->slurp) });
};

get '/stream' => sub ($c) {
    $c->res->headers->content_type('text/plain; charset=utf-8');
    my @lines = map {"line $_\n"} 0 .. 4;
    my $next;
    $next = sub { @lines ? $c->write(shift @lines, $next) : $c->write('') };
    $c->$next;
};

get '/cookies' => sub ($c) {
    $c->cookie(a => 1)->cookie(b => 2);
    $c->render(text => 'two cookies');
};

get '/redirect' => sub ($c) { $c->redirect_to('/') };
get '/error'    => sub ($c) { die 'raised in a route' };

app->start;
