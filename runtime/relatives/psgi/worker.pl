# The worker: it loads app.psgi, and calls the application in it for each request that the server sends.
#
# REQUEST comes in; START_RESPONSE, RETURNED, a CHUNK for each block and DONE (docs/WORKER.md calls it END) go out. There is one thread: it takes a call, and
# reads the frames that are for it until it has ended.

use strict;
use warnings;
use Fcntl qw(F_SETOWN F_SETFL O_ASYNC O_NONBLOCK);

package Glass::Worker;

BEGIN { Glass::Frames->import }

my $OURS = qr/^(<glass worker>|-e)$/;

sub new {
    my $self = bless { channel => Glass::Channel->new, later => [], loading => 1 }, shift;
    $self->listen(Glass::Channel::inherited(4));
    return $self;
}

sub serve {
    my $self = shift;
    my $channel = $self->{channel};
    my $settings = $self->{settings} = $channel->start_message->[1];
    $0 = $settings->{title};
    $SIG{PIPE} = 'IGNORE';
    $_->autoflush(1) for \*STDOUT, \*STDERR;
    my ($application, @failure) = Glass::Load::application($settings->{application});
    $self->{loading} = 0;
    return $channel->tell(LOAD_ERROR, tuple(map { text($_) } @failure)) if @failure;
    $channel->tell(READY, tuple(string(sprintf '%vd', $^V)));
    my $constants = {};
    while (my ($kind, $number, $payload) = @{ shift @{ $self->{later} } // [$channel->receive] }) {
        return if $kind == QUIT;
        $constants = unmarshal($payload) if $kind == CONSTANTS;
        next if $kind != REQUEST;    # for a call that has ended meanwhile
        my $call = Glass::Call->new($self, $self->{call} = $number);
        $call->run($application, environment($payload, $constants, $call));
        delete $self->{call};
    }
}

# The next frame for a call, or, without waiting, none. What else comes has its turn later: the server sends requests ahead.
sub receive_for {
    my ($self, $number, $at_hand) = @_;
    while (!$at_hand || $self->{channel}->has_more) {
        my ($kind, $call, $payload) = $self->{channel}->receive;
        return ($kind, $payload) if $call == $number;
        push @{ $self->{later} }, [$kind, $call, $payload];
    }
    return;
}

# The environment of PSGI, out of WSGI's.
sub environment {
    my ($payload, $constants, $call) = @_;
    my ($flags, $size) = unpack 'CV', $payload;
    my %env = (%$constants, %{ unmarshal(substr $payload, 5, $size) });
    my ($scheme, $multiprocess) = @env{qw(wsgi.url_scheme wsgi.multiprocess)};
    delete @env{ grep { /^wsgi\./ } keys %env };
    my $input;
    if ($flags & BODY_FOLLOWS) {
        $input = Glass::Input->new($call);
    } else {
        my $body = substr $payload, 5 + $size;
        open $input, '<', \$body;
    }
    return {
        %env,
        'psgi.version'         => [1, 1],
        'psgi.url_scheme'      => $scheme,
        'psgi.input'           => $input,
        'psgi.errors'          => \*STDERR,
        'psgi.multithread'     => '',
        'psgi.multiprocess'    => $multiprocess,
        'psgi.run_once'        => '',
        'psgi.nonblocking'     => '',
        'psgi.streaming'       => 1,
        'psgix.input.buffered' => ref $input eq 'GLOB' ? 1 : '',
    };
}

# The lifeline: the server holds it open as long as it lives, and says "?" or "x". A signal tells that it said something.
sub listen {
    my ($self, $lifeline) = @_;
    $SIG{IO} = sub {
        local ($!, $@);
        my $count = sysread $lifeline, my $orders, 64;
        return if !defined $count;
        if (!$count) {
            kill KILL => -$$ if getpgrp == $$;    # the processes that the application started go with us
            POSIX::_exit(0);
        }
        exit 0 if $orders =~ /x/;                 # END blocks run
        my @stack = stack();
        my $tell = sub { $self->tell_where(@stack) };
        $self->{channel}{sending} ? ($self->{channel}{after} = $tell) : $tell->();
    };
    fcntl $lifeline, Fcntl::F_SETOWN, $$;
    fcntl $lifeline, Fcntl::F_SETFL, Fcntl::O_ASYNC | Fcntl::O_NONBLOCK;
}

# Where the application stands: [file, line, what it is in], the latest call first.
sub stack {
    my @stack;
    for (my $i = 1; my (undef, $file, $line, $sub) = caller $i; $i++) { push @stack, [$file, $line, $sub] if $file !~ $OURS }
    return @stack;
}

sub tell_where {
    my ($self, @stack) = @_;
    my $text = join '', map { "  $_->[0]:$_->[1]\n" } reverse @stack;
    if ($self->{loading}) {
        my @values = ('timeout', 'the application was still being loaded when the time was up (--start-timeout)', 'look at the last line below: what does it wait for?', $text);
        return $self->{channel}->tell(LOAD_ERROR, tuple(map { text($_) } @values));
    }
    return if !$self->{call} || !@stack;
    my ($file, $number) = @{ $stack[0] };
    my $source = '';
    if (open my $in, '<', $file) { $source = (<$in>)[$number - 1] // ''; $source =~ s/^\s+|\s+$//g }
    $self->{channel}->tell(WHERE, tuple(number($self->{call}), map { text($_) } "$file, line $number: $source", $text));
}

package main;

BEGIN { Glass::Frames->import }

my $worker = Glass::Worker->new;
END {
    if ($worker && $worker->{loading} && $worker->{settings} && $$ == $worker->{channel}{process}) {
        my $detail = "$worker->{settings}{application} called exit($?) while it was loaded";
        $worker->{channel}->tell(LOAD_ERROR, tuple(map { text($_) } 'exit', $detail, 'an app.psgi ends with the application, and the server calls it', ''));
        $? = 0;
    }
}
$worker->serve;
exit 0;
