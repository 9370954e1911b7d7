// Package bench measures WSGI servers side by side. Servers (servers.toml) and workloads (workloads.toml, apps/) are
// data; out comes a Report, which writes itself as Markdown, JSON, charts and one HTML page. docs/PERFORMANCE.md has the
// method, and why it is as it is.
//
// It refuses to call a difference one that the rounds do not carry: what is shown comes with its interval of confidence,
// and what the machine or the load generator spoilt is said in the report.
//
// Start reading at Run in run.go, then measure.go.
package bench
