package relatives

const jsgiCalls = 100 // that a worker has at a time, in its one thread

// JSGI is JavaScript's, in Node: an application is a function, which takes a request and returns status, headers and body, or a
// promise of them (JSGI 0.3, CommonJS). Its name is that of a module that exports it as app, app.js.
var JSGI = &Relative{
	Name: "JSGI", Language: "Node.js", Suffixes: []string{".js", ".mjs", ".cjs"}, Sources: []string{".js", ".mjs", ".cjs", ".json"},
	command: "node", packages: "nodejs", version: []string{"--version"}, least: [2]int{18, 0},
	boot: []string{"-e", `const source = process.env.GLASS_BOOT; delete process.env.GLASS_BOOT; ` +
		`require("vm").compileFunction(source, ["require", "importModule"], { filename: "<glass worker>" })(require, name => import(name))`},
	modules: []string{"jsgi/frames.js", "jsgi/load.js", "jsgi/call.js", "jsgi/worker.js"},
	environ: []string{"NODE_ENV=production"},
	calls:   jsgiCalls,
	mute:    "its code keeps the event loop busy",
}
