# From the name of a file to the application that it ends with, or to an error that says what to do.

use strict;
use warnings;
use overload ();

package Glass::Load;

my $EXAMPLE = q(an application is sub { my $env = shift; [200, ['Content-Type' => 'text/plain'], ['...']] });

# The application; or undef, and kind, detail, hint and trace of an error.
sub application {
    my $file = shift;
    return (undef, missing_file($file)) unless -f $file;
    my $application = run($file);
    return (undef, failure($file, $@)) if !defined $application && $@;
    return ($application) if is_code($application);
    my $what = defined $application ? "'$application'" : 'undef';
    return (undef, 'not-callable', "$file ends with $what, which is no code reference", "let its last line be the application; $EXAMPLE", '');
}

# As plackup runs it: in a package of its own, with its own name in $0.
sub run {
    my $file = shift;
    local ($0, @ARGV) = ($file);
    my $path = $file =~ m{^/} ? $file : "./$file";
    package Glass::Application;
    return do $path;
}

sub is_code {
    my $value = shift;
    return ref $value && (ref $value eq 'CODE' || overload::Method($value, '&{}'));
}

sub missing_file {
    my $file = shift;
    my ($folder) = $file =~ m{^(.*/)};
    my @there = map { s{.*/}{}r } glob(($folder // '') . '*.psgi');
    return ('file-not-found', "there is no file $file",
        @there ? "that folder holds @there[0 .. ($#there < 7 ? $#there : 7)]" : 'that folder holds no *.psgi; a path is relative to the working directory', '');
}

sub failure {
    my ($file, $error) = @_;
    my ($first) = split /\n/, "$error";
    if ($error =~ /^Can't locate (\S+)\.pm in \@INC/) {
        my $module = $1 =~ s{/}{::}gr;
        my $package = 'lib' . lc($module =~ s/::/-/gr) . '-perl';
        my ($line) = $error =~ /(at \S+ line \d+\.)\n/;
        return ('import-missing', "$file uses $module, which is not installed", "cpanm $module, or on Debian: apt install $package", "Can't locate $module " . ($line // '') . "\n");
    }
    return ('file-not-found', "$file cannot be read: $!", '', '') if !length $error;
    return ('syntax-error', $first, '', "$error")
        if $error =~ /had compilation errors|syntax error at|Execution of .* aborted due to|Missing right|Can't find string terminator|requires explicit package name/;
    return ('exception', "$file died: $first", '', "$error");
}

1;
