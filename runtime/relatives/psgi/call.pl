# One call of the application, and the frames of its response.

use strict;
use warnings;

package Glass::Call;

BEGIN { Glass::Frames->import }

sub new {
    my ($class, $worker, $number) = @_;
    return bless { worker => $worker, channel => $worker->{channel}, number => $number, credit => $worker->{settings}{window}, out => '' }, $class;
}

# Frames collect in {out}, and leave when the response is complete, a block has to go out, or the call has to wait.
sub run {
    my ($self, $application, $env) = @_;
    my $done = eval {
        my $response = $application->($env);
        if (ref $response eq 'CODE') {    # PSGI "Delayed Response and Streaming Body"
            $response->(sub { $self->start(@{ $_[0] }) });
            die "PSGI: the application did not call the responder\n" unless $self->{started};
        } else {
            die "PSGI: a response is [status, headers, body] or a code reference, not " . ($response // 'undef') . "\n" unless ref $response eq 'ARRAY' && @$response == 3;
            $self->start(@$response);
        }
        1;
    };
    my $error = $done || ref $@ eq 'Glass::ClientGone' ? undef : $@;
    my $trouble = $self->close_body;
    return $self->finish(ERROR, tuple(told($error), $self->{broken} ? 'T' : 'F')) if defined $error;
    $self->finish(DONE, defined $trouble ? tuple(told($trouble)) : '');
}

# close is called whatever became of the body; what it dies of is returned. A response that is whole stays so.
sub close_body {
    my $self = shift;
    my $body = delete $self->{body};
    return undef if !ref $body || ref $body eq 'ARRAY';
    return eval { $body->close; 1 } ? undef : $@;
}

sub told {
    my $error = shift;
    my ($first) = split /\n/, "$error";
    return (text($first // 'died'), text($error));
}

# The response, once the application has said it. Without a body it is an object to write to.
sub start {
    my ($self, $status, $headers, $body) = @_;
    die "PSGI: the responder was called twice\n" if $self->{started}++;
    my $head = $self->head($status, $headers);
    if (ref $body eq 'ARRAY' && @$body == 1 && length($head) + length($body->[0]) < MAX_BLOCK) {
        $self->emit(ANSWER, pack('V', length $head) . $head . bytes($body->[0]));
        $self->{over} = 1;
        return;
    }
    $self->{body} = $body;
    $self->charged(START_RESPONSE, $head);
    my $size = -1;
    if (ref $body eq 'ARRAY') { $size = 0; $size += length bytes($_) for @$body }
    $self->emit(RETURNED, pack 'q<', $size);
    return bless { call => $self }, 'Glass::Writer' unless defined $body;
    $self->send_body($body);
    return;
}

sub head {
    my ($self, $status, $headers) = @_;
    my @fields;
    for (my $i = 0; $i < @$headers; $i += 2) {
        my ($name, $value) = @$headers[$i, $i + 1];
        next if lc $name eq 'connection' || lc $name eq 'keep-alive';    # frameworks set what is the server's business
        push @fields, tuple(string(bytes($name)), string(bytes($value)));
    }
    my $head = tuple(string("$status " . ($self->{worker}{settings}{reasons}{$status} // '')), list(@fields), 'N');
    die 'PSGI: status and headers take ' . length($head) . ' bytes; the server passes on at most ' . MAX_FRAME . "\n" if length $head > MAX_FRAME;
    return $head;
}

sub send_body {
    my ($self, $body) = @_;
    if (ref $body eq 'ARRAY') { $self->block($_, 1) for @$body; return }
    local $/ = \MAX_BLOCK;    # what getline of a file reads
    while (defined(my $block = $body->getline)) { $self->block($block) }
}

# A block of the body: on its way before the application is asked for the next, unless it waits for others.
sub block {
    my ($self, $block, $waits) = @_;
    $block = bytes($block);
    for (my $at = 0; $at < length $block; $at += MAX_BLOCK) { $self->charged(CHUNK, substr $block, $at, MAX_BLOCK) }
    return if $waits;
    $self->flush;
    1 while $self->take('at hand');
    $self->stop_if_aborted;
}

sub bytes {
    my $text = shift;
    die "PSGI: a body and header fields are strings, and this is undef\n" unless defined $text;
    utf8::downgrade($text, 1) or die "PSGI: a body and header fields are bytes, and this has wide characters: use Encode::encode('UTF-8', ...)\n";
    return $text;
}

sub read_body {
    my $self = shift;
    $self->emit(READ, pack 'V', MAX_INPUT);
    $self->flush;
    while (1) {
        my ($kind, $payload) = $self->take;
        return $payload if $kind == DATA;
        return undef    if $kind == EOF;
        if ($kind == BODY_ERROR) { $self->{broken} = 1; die "$payload\n" }
        $self->stop_if_aborted;
    }
}

sub finish {
    my ($self, $kind, $payload) = @_;
    $self->emit($kind, $payload) unless $self->{over};
    $self->{over} = 1;
    $self->flush;
}

sub emit {
    my ($self, $kind, $payload) = @_;
    die "the response has ended; what belongs to one request cannot be kept\n" if $self->{over};
    $self->{out} .= frame($self->{number}, $kind, $payload);
}

# What costs credit waits while there is none: docs/WORKER.md, "Flow control".
sub charged {
    my ($self, $kind, $payload) = @_;
    while ($self->{credit} <= 0) { $self->flush; $self->take; $self->stop_if_aborted }
    $self->{credit} -= length($payload) + FRAME_CHARGE;
    $self->emit($kind, $payload);
    $self->flush if length $self->{out} >= MAX_BLOCK;
}

sub flush { my $self = shift; $self->{channel}->send($self->{out}) if length $self->{out}; $self->{out} = '' }

sub take {
    my ($self, $at_hand) = @_;
    my ($kind, $payload) = $self->{worker}->receive_for($self->{number}, $at_hand) or return;
    $self->{credit} += unpack 'V', $payload if $kind == CREDIT;
    $self->{aborted} = 1 if $kind == ABORT;
    return ($kind, $payload);
}

sub stop_if_aborted { die bless {}, 'Glass::ClientGone' if $_[0]{aborted} }

# ---- what the application writes to, and reads from

package Glass::Writer;

sub write { my ($self, $block) = @_; $self->{call}->block($block) }
sub close { }

package Glass::Input;    # psgi.input, where the body is still under way

sub new { my ($class, $call) = @_; bless { call => $call, ahead => '', ended => 0 }, $class }

sub read {
    my ($self, undef, $length, $offset) = @_;
    while (!$self->{ended} && length $self->{ahead} < $length) {
        my $bytes = $self->{call}->read_body;
        defined $bytes ? $self->{ahead} .= $bytes : ($self->{ended} = 1);
    }
    my $bytes = substr $self->{ahead}, 0, $length, '';
    $_[1] = '' unless defined $_[1];
    $offset //= 0;
    $_[1] .= "\0" x ($offset - length $_[1]) if length $_[1] < $offset;
    substr($_[1], $offset) = $bytes;
    return length $bytes;
}

sub close { }

1;
