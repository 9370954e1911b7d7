//go:build unix

package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// webServer is one that a gateway's protocol is spoken with, by a configuration of examples/deploy.
type webServer struct {
	name  string
	start func(t *testing.T, dir, site, port string) *exec.Cmd
	port  string   // how examples/deploy names the port that it listens on
	other []string // what else has to be replaced there
}

var (
	nginxServer    = webServer{"nginx", startNginx, "listen 80", nil}
	apacheServer   = webServer{"apache", startApache, "<VirtualHost *:80>", nil}
	lighttpdServer = webServer{"lighttpd", startLighttpd, "server.port = 80", []string{"/var/www/html", ""}}
)

func startNginx(t *testing.T, dir, site, port string) *exec.Cmd {
	whole := write(t, dir, "whole.conf", "daemon off;\nworker_processes 1;\npid "+dir+"/pid;\nerror_log stderr;\nevents {}\nhttp {\n"+
		"access_log off;\nclient_body_temp_path "+dir+"/b;\nproxy_temp_path "+dir+"/p;\nfastcgi_temp_path "+dir+"/f;\n"+
		"uwsgi_temp_path "+dir+"/u;\nscgi_temp_path "+dir+"/c;\ninclude "+site+";\n}\n")
	program := suite.Program(t, "nginx")
	succeed(t, exec.Command(program, "-t", "-e", "stderr", "-c", whole))
	return exec.Command(program, "-e", "stderr", "-c", whole)
}

func startApache(t *testing.T, dir, site, port string) *exec.Cmd {
	program := suite.Program(t, "apache2")
	text := "ServerRoot " + dir + "\nPidFile pid\nErrorLog /dev/stderr\nServerName localhost\nDocumentRoot " + dir + "\nScriptSock " + dir + "/cgisock\nListen 127.0.0.1:" + port + "\n"
	if os.Getuid() == 0 {
		text += "User www-data\nGroup www-data\n"
	}
	modules := ""
	for _, m := range strings.Fields("mpm_event authz_core proxy proxy_fcgi proxy_scgi proxy_uwsgi proxy_ajp cgid alias env") {
		modules += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	return exec.Command(program, "-DFOREGROUND", "-f", write(t, dir, "whole.conf", modules+text+"Include "+site+"\n"))
}

func startLighttpd(t *testing.T, dir, site, port string) *exec.Cmd {
	return exec.Command(suite.Program(t, "lighttpd"), "-D", "-f", site)
}

// gatewayCase is a request through a web server, and what comes back.
type gatewayCase struct {
	name string
	do   func(c *gatewayClient) string
	want string
}

var gatewayCases = []gatewayCase{
	{"GET", func(c *gatewayClient) string { return c.send("GET", "/a?b=c", "") }, `200 OK, GET "" "/a" "b=c" *0 e3b0c442`},
	{"HEAD", func(c *gatewayClient) string { return c.send("HEAD", "/a", "") }, "200 OK, "},
	{"POST of nothing", func(c *gatewayClient) string { return c.send("POST", "/a", "") }, `200 OK, POST "" "/a" "" *0 e3b0c442`},
	{"POST of 1 KB", func(c *gatewayClient) string { return c.send("POST", "/a", strings.Repeat("x", 1<<10)) }, `200 OK, POST "" "/a" "" 1024 1024 49abd65b`},
	{"POST of 20 MB", func(c *gatewayClient) string { return c.send("POST", "/a", strings.Repeat("x", 20<<20)) }, `200 OK, POST "" "/a" "" 20971520 20971520 6adfa077`},
	{"POST in chunks", func(c *gatewayClient) string { return c.chunks("/a", strings.Repeat("x", 100000)) }, `200 OK, POST "" "/a" "" 100000 100000 d69e6898`},
	{"%2F, // and UTF-8", func(c *gatewayClient) string { return c.send("GET", "/caf%C3%A9%2Fx%20y//z", "") }, `200 OK, GET "" "/café/x y//z" "" *0 e3b0c442`},
	{"streaming", (*gatewayClient).stream, "one, and then two"},
	{"two cookies, and a reason", func(c *gatewayClient) string { return c.send("GET", "/cookies", "") }, "200 Fine, two a=1 b=2"},
	{"204", func(c *gatewayClient) string { return c.send("GET", "/204", "") }, "204 No Content, "},
	{"304", func(c *gatewayClient) string { return c.send("GET", "/304", "") }, `304 Not Modified, `},
	{"raises before the first block", func(c *gatewayClient) string { return c.send("GET", "/raise", "") }, "500 Internal Server Error, *"},
	{"raises after it", func(c *gatewayClient) string { return c.send("GET", "/late", "") }, "200 OK, broken off"},
	{"raises after it, with Content-Length", func(c *gatewayClient) string { return c.send("GET", "/late-with-length", "") }, "200 OK, broken off"},
	{"a client that leaves", (*gatewayClient).leave, "close() was called"},
	{"GET, after all that", func(c *gatewayClient) string { return c.send("GET", "/", "") }, `200 OK, GET "" "/" "" *0 e3b0c442`},
}

// gatewayDifferences are what a web server does by itself, and glass can do nothing about. docs/GATEWAYS.md has them. The
// versions are those of Debian 12.
var gatewayDifferences = map[string]string{
	"apache-scgi/POST in chunks":                      "411 Length Required, *",
	"apache-uwsgi/POST in chunks":                     "411 Length Required, *",
	"apache-uwsgi/%2F, // and UTF-8":                  "500 Internal Server Error, *",
	"apache-cgi/raises after it":                      "200 OK, 70000 bytes",
	"apache-cgi/raises after it, with Content-Length": "200 OK, 70000 bytes",

	"lighttpd-fastcgi/two cookies, and a reason": "200 OK, two a=1 b=2",
	"lighttpd-scgi/two cookies, and a reason":    "200 OK, two a=1 b=2",
	"lighttpd-uwsgi/two cookies, and a reason":   "200 OK, two a=1 b=2",
	"lighttpd-ajp/two cookies, and a reason":     "200 OK, two a=1 b=2",
	"lighttpd-cgi/two cookies, and a reason":     "200 OK, two a=1 b=2",
	"apache-scgi/raises after it":                "200 OK, *", // the end or the error comes first, by luck
	"apache-uwsgi/raises after it":               "200 OK, *", // the same
	"lighttpd-fastcgi/raises after it":           "200 OK, *", // the same
	"lighttpd-scgi/raises after it":              "200 OK, *", // the end or the error comes first, by luck
	"lighttpd-uwsgi/raises after it":             "200 OK, *", // the same
	"lighttpd-ajp/raises after it":               "200 OK, *", // the same
	"lighttpd-cgi/raises after it":               "200 OK, 70000 bytes",
	"lighttpd-ajp/%2F, // and UTF-8":             "400 Bad Request, *",
}

// TestGateways: each configuration of examples/deploy by which a web server speaks another protocol than HTTP to glass.
func TestGateways(t *testing.T) {
	t.Parallel()
	found := 0
	for _, w := range []webServer{nginxServer, apacheServer, lighttpdServer} {
		for _, protocol := range strings.Split(protocols()+",cgi", ",") {
			site := w.name + "-" + protocol + ".conf"
			if _, err := os.Stat(filepath.Join("examples/deploy", site)); err != nil {
				continue
			}
			found++
			t.Run(w.name+"-"+protocol, func(t *testing.T) {
				c := throughGateway(t, w, protocol, "/", nil)
				for _, row := range gatewayCases {
					want, ok := gatewayDifferences[w.name+"-"+protocol+"/"+row.name]
					if !ok {
						want = row.want
					}
					if got := row.do(c); !like(got, want) {
						t.Errorf("%s: %s\nwant %s\n%s", row.name, got, want, c.said)
					}
				}
			})
		}
	}
	if found != 13 {
		t.Errorf("%d configurations", found)
	}
}

// TestGatewayMounts: an application below a path, which the web server splits off, or --mount.
func TestGatewayMounts(t *testing.T) {
	t.Parallel()
	whole := `200 OK, GET "/shop" "" "" *0 e3b0c442`
	mount := []string{"--mount", "/shop"}
	params := "include /etc/nginx/fastcgi_params;"
	for _, row := range []struct {
		server   webServer
		protocol string
		replaced []string
		flags    []string
		root     string // what /shop is answered
	}{
		{nginxServer, "fastcgi", nil, mount, whole},
		{nginxServer, "fastcgi", []string{params, params + `
			fastcgi_split_path_info ^(/shop)(.*)$;
			fastcgi_param PATH_INFO $fastcgi_path_info;`}, nil, whole},
		{nginxServer, "scgi", nil, mount, whole},
		{nginxServer, "uwsgi", nil, mount, whole},
		{apacheServer, "fastcgi", nil, mount, whole},
		{apacheServer, "ajp", nil, mount, whole},
		{apacheServer, "cgi", []string{"ScriptAlias /", "ScriptAlias /shop/"}, nil, "404 Not Found, *"},
		{lighttpdServer, "fastcgi", nil, mount, whole},
		// lighttpd sends no PATH_INFO, so that SCRIPT_NAME looks like that of nginx where nothing is mounted.
		{lighttpdServer, "fastcgi", []string{`("/" =>`, `("/shop" =>`}, nil, `200 OK, GET "" "/shop" "" *0 e3b0c442`},
	} {
		t.Run(row.server.name+"-"+row.protocol, func(t *testing.T) {
			c := throughGateway(t, row.server, row.protocol, "/shop/", row.replaced, row.flags...)
			for path, want := range map[string]string{"/shop/a%20b": `200 OK, GET "/shop" "/a b" "" *0 e3b0c442`, "/shop": row.root} {
				if got := c.send("GET", path, ""); !like(got, want) {
					t.Errorf("%s: %s\nwant %s\n%s%s", path, got, want, c.said, c.glassSaid)
				}
			}
			if got := c.send("GET", "/shopping", ""); row.flags != nil && !like(got, "404 Not Found, *") {
				t.Errorf("/shopping: %s", got)
			}
		})
	}
}

// like says whether a text is what was wanted; * stands for anything.
func like(got, want string) bool {
	parts := strings.Split(want, "*")
	if len(parts) == 1 {
		return got == want
	}
	return strings.HasPrefix(got, parts[0]) && strings.HasSuffix(got, parts[len(parts)-1])
}
