# Answers the requests of TestSoak, as soak.py does.

use strict;
use warnings;
use Digest::SHA;

open my $ledger, '>>', $ENV{SOAK_LEDGER} or die "$ENV{SOAK_LEDGER}: $!";

sub note { syswrite $ledger, "$_[0]\n" or die $! }

package Blocks {
    sub block { my ($id, $n) = @_; "$n of $id " . 'x' x (37 * $n % 5000) . "\n" }
    sub new { my ($class, %of) = @_; bless { n => 0, %of }, $class }
    sub close { $_[0]{note}->("closed $_[0]{id}") }

    sub getline {
        my $self = shift;
        return block($self->{id}, $self->{n}++) if $self->{n} < $self->{count};
        die "in the middle of a response\n" if $self->{fails};
        return undef;
    }
}

sub sum {
    my ($id, $input) = @_;
    my ($length, $digest) = (0, Digest::SHA->new(256));
    while ($input->read(my $bytes, 10_000)) { $length += length $bytes; $digest->add($bytes) }
    return "$id $length " . $digest->hexdigest;
}

sub {
    my $env = shift;
    my (undef, $kind, $id, $count) = split m{/}, $env->{PATH_INFO};
    note("called $id");
    die "before the response\n" if $kind eq 'raise';
    my @headers = ('Content-Type' => 'text/plain', 'X-Id' => $env->{HTTP_X_ID});
    return [200, \@headers, [sum($id, $env->{'psgi.input'})]] if $kind eq 'sum';
    return [200, \@headers, [$$]] if $kind eq 'pid';
    return [200, \@headers, ['hello ', $id]] if $kind eq 'hello';
    if ($kind eq 'write') {
        return sub {
            my $writer = shift->([200, \@headers]);
            $writer->write(Blocks::block($id, $_)) for 0 .. $count - 1;
            $writer->close;
        };
    }
    if ($kind eq 'sized') {
        my $length = 0;
        $length += length Blocks::block($id, $_) for 0 .. $count - 1;
        push @headers, 'Content-Length' => $length;
    }
    return [200, \@headers, Blocks->new(note => \&note, id => $id, count => $count, fails => $kind eq 'break')];
};
