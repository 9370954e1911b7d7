# The smallest answer.
my $body = "Hello, world\n";
sub { [200, ['Content-Type' => 'text/plain; charset=utf-8', 'Content-Length' => length $body], [$body]] };
