# A page of 64 KB, as a template would have made it.
my $body = ('<p>' . 'x' x 1017 . '</p>') x 64;
sub { [200, ['Content-Type' => 'text/html; charset=utf-8', 'Content-Length' => length $body], [$body]] };
