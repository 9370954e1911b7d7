package examples

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/peer"
	"glasswsgi/check/suite"
)

// TestFrameworksBehindNginx asks the same of every framework as TestFrameworks, where nginx takes the requests and glass
// does not speak HTTP.
func TestFrameworksBehindNginx(t *testing.T) {
	for _, protocol := range []string{"fastcgi", "uwsgi"} {
		for _, f := range frameworks {
			t.Run(protocol+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				url := behindNginx(t, protocol, start(t, append([]string{"--protocol", protocol}, f.serve(t)...)...).URL)
				for _, r := range routes(f.name) {
					t.Run(r.name, func(t *testing.T) { r.try(t, url) })
				}
			})
		}
	}
}

// behindNginx starts nginx with the configuration of examples/deploy for a protocol, in front of a glass that listens at a
// URL. It returns the URL at which nginx does.
func behindNginx(t *testing.T, protocol, glassURL string) string {
	t.Helper()
	nginx := suite.Program(t, "nginx")
	address, dir := freeAddress(t), t.TempDir()
	site := strings.NewReplacer(
		"listen 80", "listen "+address,
		"127.0.0.1:9000", strings.TrimPrefix(glassURL, protocol+"://"),
		"_params;", "_params;\n"+protocol+"_param HTTP_HOST $host:$server_port;",
	).Replace(fileText("deploy/nginx-" + protocol + ".conf"))
	// As root, nginx would have its workers run as a user who may not enter dir.
	config := "user root;\ndaemon off;\npid pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" +
		"client_body_temp_path b;\nproxy_temp_path p;\nfastcgi_temp_path f;\nuwsgi_temp_path u;\nscgi_temp_path s;\n" + site + "}\n"
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	log := newStderrLog()
	cmd := exec.Command(nginx, "-p", dir, "-e", "stderr", "-c", "nginx.conf")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("standard error of nginx:\n%s", log)
		}
	})
	url := "http://" + address
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		response, err := client.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return url
			}
		}
	}
	t.Fatalf("nginx does not answer:\n%s", log)
	return ""
}

// freeAddress is one where nobody listens, and that no other program is given until the test ends.
func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := peer.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(port.Release)
	return net.JoinHostPort("127.0.0.1", port.Number)
}
