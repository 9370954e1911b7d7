# Reads the body of the request in blocks of 64 KB, and says how much it was.
sub {
    my $env = shift;
    my $size = 0;
    while (my $length = $env->{'psgi.input'}->read(my $block, 65536)) { $size += $length }
    my $body = "$size\n";
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $body], [$body]];
};
