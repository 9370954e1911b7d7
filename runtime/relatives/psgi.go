package relatives

// PSGI is Perl's: an application is a code reference, which takes an environment and returns status, headers and body. Its
// name is that of a file that ends with it, app.psgi.
var PSGI = &Relative{
	Name: "PSGI", Language: "Perl", Suffixes: []string{".psgi"}, Sources: []string{".psgi", ".pl", ".pm"},
	command: "perl", packages: "perl", version: []string{"-e", `printf "%vd", $^V`}, least: [2]int{5, 14},
	boot:    []string{"-e", `for (split /\f/, delete $ENV{GLASS_BOOT}) { eval qq(#line 1 "<glass worker>"\n$_); die $@ if $@ }`},
	modules: []string{"psgi/frames.pl", "psgi/load.pl", "psgi/call.pl", "psgi/worker.pl"},
	environ: []string{"PLACK_ENV=deployment"},
	mute:    "code that is not Perl's keeps the interpreter, or the application has taken SIGIO",
}
