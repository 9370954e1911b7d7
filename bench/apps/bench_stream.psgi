# 10 MB in blocks of 64 KB, of a length that nobody was told.
my $block = 'x' x 65536;
sub {
    return sub {
        my $writer = shift->([200, ['Content-Type' => 'application/octet-stream']]);
        $writer->write($block) for 1 .. 160;
        $writer->close;
    };
};
