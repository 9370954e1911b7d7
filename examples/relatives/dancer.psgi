# Dancer2: https://perldancer.org
#
# Run:  go run . examples/relatives/dancer.psgi
# Try:  curl http://127.0.0.1:8888/hello/Ada

package Application;

use Dancer2;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use Encode qw(decode encode);
use File::Basename qw(dirname);

my $STATIC = abs_path(dirname(__FILE__) . '/../frameworks/static');

set logger  => 'null';
set charset => 'UTF-8';

sub text    { content_type 'text/plain; charset=utf-8'; shift }
sub as_json { content_type 'application/json'; encode_json(shift) }

get '/' => sub { text 'Hello from Dancer2' };
get '/hello/:name' => sub { text 'Hello ' . route_parameters->get('name') };
post '/form' => sub { as_json { body_parameters->flatten } };
post '/json' => sub { as_json decode_json(request->body) };
post '/bytes' => sub { send_file \(request->body), content_type => 'application/octet-stream' };

post '/upload' => sub {
    my $file = upload('file');
    as_json { filename => $file->filename, size => length $file->content, sha256 => sha256_hex($file->content) };
};

get '/stream' => sub {
    content_type 'text/plain; charset=utf-8';
    delayed {
        flush;
        content "line $_\n" for 0 .. 4;
        done;
    };
};

get '/cookies' => sub {
    cookie a => 1;
    cookie b => 2;
    'two cookies';
};

get '/redirect' => sub { redirect '/' };
get '/error'    => sub { die 'raised in a route' };
get '/static/*' => sub { my ($path) = splat; send_file "$STATIC/$path", system_path => 1 };

__PACKAGE__->to_app;
