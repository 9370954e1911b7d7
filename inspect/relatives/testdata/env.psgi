# Says what its environment holds: a key, a tab and the value, a line each.
sub {
    my $env = shift;
    my $text = sub { my $value = shift; ref $value eq 'ARRAY' ? '[' . join(', ', @$value) . ']' : $value };
    return [200, ['Content-Type' => 'text/plain'], [map { "$_\t" . $text->($env->{$_}) . "\n" } sort keys %$env]];
};
