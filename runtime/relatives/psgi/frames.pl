# Frames, as docs/WORKER.md has them: a header (payload length, call, kind), and a payload, whose values are in the format of
# Python's marshal.

use strict;
use warnings;
use Fcntl qw(F_SETFD FD_CLOEXEC);
use IO::Handle;
use POSIX ();

package Glass::Frames;

use constant { REQUEST => 1, DATA => 2, EOF => 3, BODY_ERROR => 4, CREDIT => 5, ABORT => 6, QUIT => 7, CONSTANTS => 8 };    # from the server
use constant { READY => 16, LOAD_ERROR => 17, START_RESPONSE => 18, RETURNED => 19, CHUNK => 20 };                          # to the server
use constant { READ => 22, DONE => 23, ERROR => 24, ANSWER => 27, WHERE => 31 };
use constant { BODY_FOLLOWS => 1, MAX_FRAME => 128 << 10, MAX_BLOCK => 64 << 10, MAX_INPUT => 256 << 10, FRAME_CHARGE => 64 };

BEGIN {
    require Exporter;
    our @ISA    = 'Exporter';
    our @EXPORT = qw(REQUEST DATA EOF BODY_ERROR CREDIT ABORT QUIT CONSTANTS READY LOAD_ERROR START_RESPONSE RETURNED CHUNK READ DONE ERROR ANSWER
      WHERE BODY_FOLLOWS MAX_FRAME MAX_BLOCK MAX_INPUT FRAME_CHARGE frame unmarshal string text number tuple list);
}

sub frame { my ($call, $kind, $payload) = @_; pack('VVC', length $payload, $call, $kind) . $payload }

# ---- values

# A native string has a character for each byte: to Perl, that is a string of bytes. Text comes as it is in UTF-8.
sub unmarshal {
    my ($bytes, $is_text) = @_;
    my $at   = 0;
    my $take = sub { $at += $_[0]; substr $bytes, $at - $_[0], $_[0] };
    my $size = sub { unpack 'V', $take->(4) };
    my $value;
    $value = sub {
        my $type = $take->(1);
        return undef                     if $type eq 'N';
        return 1                         if $type eq 'T';
        return ''                        if $type eq 'F';
        return unpack 'l<', $take->(4)   if $type eq 'i';
        return $take->(ord $take->(1))   if $type eq 'z';
        return $take->($size->())        if $type eq 'a';
        return $is_text ? $take->($size->()) : bytes_of($take->($size->())) if $type eq 'u';
        return [map { $value->() } 1 .. $size->()] if $type eq '(' || $type eq '[';
        die "the server sent a value of type $type\n" if $type ne '{';
        my %pairs;
        until (substr($bytes, $at, 1) eq '0') { my $key = $value->(); $pairs{$key} = $value->() }
        $at++;
        return \%pairs;
    };
    my $whole = $value->();
    undef $value;    # it holds itself
    return $whole;
}

sub bytes_of { my $text = shift; utf8::decode($text); utf8::downgrade($text, 1); $text }

# A native string; and a text, which may be characters, or bytes of UTF-8.
sub string { my $text = shift; utf8::encode($text); 'u' . pack('V', length $text) . $text }
sub text   { my $text = "$_[0]"; utf8::decode($text) unless utf8::is_utf8($text); string($text) }
sub number { 'i' . pack 'l<', shift }
sub tuple  { '(' . pack('V', scalar @_) . join '', @_ }
sub list   { '[' . pack('V', scalar @_) . join '', @_ }

# ---- the channel

package Glass::Channel;

BEGIN { Glass::Frames->import }

use constant RECEIVE_SIZE => 64 << 10;

sub inherited {
    my $descriptor = shift;
    open my $io, '+<&=', $descriptor or die "descriptor $descriptor: $!";
    fcntl $io, Fcntl::F_SETFD, Fcntl::FD_CLOEXEC;
    binmode $io;
    return $io;
}

sub new { my $class = shift; bless { io => inherited(3), in => '', sending => 0, process => $$ }, $class }

sub read {
    my ($self, $size) = @_;
    while (length $self->{in} < $size) {
        my $count = sysread $self->{io}, $self->{in}, RECEIVE_SIZE, length $self->{in};
        next           if !defined $count && $!{EINTR};
        POSIX::_exit(0)        if !$count || $$ != $self->{process};    # the server is gone, or the application has forked
    }
    return substr $self->{in}, 0, $size, '';
}

sub start_message { my $self = shift; unmarshal($self->read(unpack 'V', $self->read(4)), 1) }

# A frame, as kind, call and payload.
sub receive {
    my $self = shift;
    my ($size, $call, $kind) = unpack 'VVC', $self->read(9);
    return ($kind, $call, $size ? $self->read($size) : '');
}

sub has_more {
    my $self = shift;
    return 1 if length $self->{in};
    my $ready = '';
    vec($ready, fileno $self->{io}, 1) = 1;
    return select($ready, undef, undef, 0) > 0;
}

sub send {
    my ($self, $frames) = @_;
    POSIX::_exit(0) if $$ != $self->{process};
    $self->{sending}++;
    for (my $at = 0; $at < length $frames;) {
        my $count = syswrite $self->{io}, $frames, length($frames) - $at, $at;
        next            if !defined $count && $!{EINTR};
        POSIX::_exit(0) if !$count;
        $at += $count;
    }
    $self->{sending}--;
    if (my $after = delete $self->{after}) { $after->() }    # what a signal could not send in the middle of a frame
}

sub tell { my ($self, $kind, $payload) = @_; $self->send(frame(0, $kind, $payload)) }

1;
