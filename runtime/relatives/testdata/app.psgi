# The application of the tests: what app.ru has, in Perl.
use strict;
use warnings;
use JSON::PP;
use Time::HiRes ();

package Records {    # what is noted must be seen in every worker
    sub file { "$ENV{RECORDS}/r$_[0]" }
    sub add { my ($id, $event) = @_; return unless $ENV{RECORDS}; open my $out, '>>', file($id) or die $!; syswrite $out, "$event\n" }
    sub of { open my $in, '<', file(shift) or return []; chomp(my @events = <$in>); \@events }
}

package Blocks {     # a body with a close()
    sub new { my ($class, $id, $left) = @_; bless { id => $id, left => $left }, $class }
    sub getline { my $self = shift; $self->{left}-- > 0 ? 'x' x 100_000 : undef }
    sub close { Records::add($_[0]{id}, 'closed') }
}

package Unclosing {
    sub getline { shift @{ $_[0] } }
    sub close { die "no close" }
}

package Generator {
    sub getline { $_[0]->() }
    sub close { }
}

my $TEXT = ['Content-Type' => 'text/plain'];
my $JSON = JSON::PP->new->latin1->canonical;

sub argument {
    my ($env, $name) = @_;
    my ($value) = $env->{QUERY_STRING} =~ /(?:^|&)\Q$name\E=([^&]*)/ or return '';
    $value =~ tr/+/ /;
    $value =~ s/%(..)/chr hex $1/ger;
}

sub whole { my ($body, $type) = @_; [200, ['Content-Type' => $type // 'text/plain', 'Content-Length' => length $body], [$body]] }

sub read_all {
    my ($env, $body) = (shift, '');
    while ($env->{'psgi.input'}->read($body, 65536, length $body)) { }
    $body;
}

sub environ {
    my $env = shift;
    my %all = map { $_ => { type => 'str', value => "$env->{$_}" } } keys %$env;
    $all{'wsgi.url_scheme'} = $all{'psgi.url_scheme'};
    utf8::encode(my $text = JSON::PP->new->canonical->encode({ environ => \%all, type => 'builtins.dict', keys => ['str'], cgi => ['str'] }));
    whole($text, 'application/json');
}

sub events {
    my $env = shift;
    my ($id, $until) = map { argument($env, $_) } qw(id until);
    for (1 .. 300) {
        last if $until eq '' || grep { $_ eq $until } @{ Records::of($id) };
        Time::HiRes::sleep(0.01);
    }
    whole($JSON->encode(Records::of($id)), 'application/json');
}

my $kept;

my %routes = (
    probe    => sub { whole('{"probe": 1}', 'application/json') },
    hello    => sub { whole("Hello, world\n") },
    echo     => sub { whole(read_all(shift), 'application/octet-stream') },
    say      => sub { whole(argument(shift, 'text')) },
    environ  => \&environ,
    note     => sub { Records::add(argument($_[0], 'id'), argument($_[0], 'event')); whole("noted\n") },
    receive  => sub { my $env = shift; Records::add(argument($env, 'id'), 'read ' . length(read_all($env)) . ' bytes'); whole("received\n") },
    events   => \&events,
    cookies  => sub { [200, ['Set-Cookie' => 'a=1', 'Set-Cookie' => 'b=2', Connection => 'close'], []] },
    stream   => sub { my $env = shift; my ($n, $size, $i) = (argument($env, 'n'), argument($env, 'size'), 0); [200, $TEXT, bless sub { $i < $n ? $i++ x $size : undef }, 'Generator'] },
    close    => sub { my $env = shift; [200, $TEXT, Blocks->new(argument($env, 'id'), argument($env, 'n'))] },
    whole    => sub { my $n = argument(shift, 'n'); [200, $TEXT, [('x' x $n) x 2]] },
    raise    => sub { die "oh no" },
    late     => sub { my $i = 0; [200, $TEXT, bless sub { $i++ ? die "too late" : 'first' }, 'Generator'] },
    notbytes => sub { [200, $TEXT, ["\x{263a}"]] },
    closefails => sub { [200, $TEXT, bless ['all'], 'Unclosing'] },
    largehead  => sub { [200, ['X-Large' => 'x' x 200_000], []] },
    emptyfield => sub { [200, ['X-Empty' => ''], []] },
    binary   => sub { die "oh \xef\xbf\xbd no \xc3\xa9\n" },
    keep     => sub { $kept = shift->{'psgi.input'}; whole('kept') },
    kept     => sub { eval { $kept->read(my $body, 1) }; whole($@) },
    keepwriter => sub { sub { $kept = shift->([200, $TEXT]); $kept->write('kept'); $kept->close } },
    keptwriter => sub { eval { $kept->write('late') }; whole($@) },
    fork     => sub { whole(fork ? 'parent' : 'child') },
    hang     => sub { sleep 600 while 1 },
    busy     => sub { 1 while 1 },
    end      => sub { require POSIX; POSIX::_exit(3) },
    constant => sub { my $env = shift; whole($env->{SERVER_NAME} .= 'changed') },
    pid      => sub { whole($$) },
    file     => sub { open my $in, '<', $0 =~ /none/ ? '' : __FILE__; [200, $TEXT, $in] },
    delayed  => sub { sub { shift->(whole("later\n")) } },
    writer   => sub { sub { my $writer = shift->([200, $TEXT]); $writer->write($_) for qw(a b c); $writer->close } },
    silent   => sub { sub { } },
    nothing  => sub { undef },
    offset   => sub { my $body = 'ab'; shift->{'psgi.input'}->read($body, 3, 4); whole($body) },
);

END { Records::add(exit => 'at_exit') }

sub {
    my $env = shift;
    my ($name) = grep { length } split m{/}, $env->{PATH_INFO};
    ($routes{ $name // '' } // sub { [404, $TEXT, ["Not found\n"]] })->($env);
};
