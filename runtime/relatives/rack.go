package relatives

// Rack is Ruby's: an application responds to call(env), and returns status, headers and body. Its name is that of a file in
// the language of Rack::Builder, config.ru.
var Rack = &Relative{
	Name: "Rack", Language: "Ruby", Suffixes: []string{".ru"}, Sources: []string{".ru", ".rb"},
	command: "ruby", packages: "ruby ruby-rack", version: []string{"-e", "print RUBY_VERSION"}, least: [2]int{3, 0},
	boot:    []string{"-e", `ENV.delete("GLASS_BOOT").split("\f").each { |source| eval(source, TOPLEVEL_BINDING, "<glass worker>") }`},
	modules: []string{"rack/frames.rb", "rack/report.rb", "rack/load.rb", "rack/call.rb", "rack/streams.rb", "rack/worker.rb"},
	environ: []string{"RACK_ENV=production"},
	threads: true,
	mute:    "code that is not Ruby's keeps the interpreter",
}
