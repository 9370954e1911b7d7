//go:build unix

package command

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/check/peer"
	"glasswsgi/check/suite"
)

// freePort is a port that no other test gets before this one ends.
func freePort(t *testing.T) string {
	t.Helper()
	port, err := peer.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(port.Release)
	return port.Number
}

// TestFamilies: 0.0.0.0 is IPv4, [::] is IPv6, both together start, and localhost is both.
func TestFamilies(t *testing.T) {
	needIPv6(t)
	for _, test := range []struct {
		binds  []string
		v4, v6 bool
	}{
		{[]string{"0.0.0.0"}, true, false},
		{[]string{"[::]"}, false, true},
		{[]string{"0.0.0.0", "[::]"}, true, true},
		{[]string{"[::]", "0.0.0.0"}, true, true},
		{[]string{"localhost"}, true, true},
		{[]string{""}, true, true},
	} {
		port := freePort(t)
		var args []string
		for _, host := range test.binds {
			args = append(args, "-b", host+":"+port)
		}
		s := serveCmd(t, command(t, append(args, "go:hello")...))
		for host, want := range map[string]bool{"127.0.0.1": test.v4, "::1": test.v6} {
			conn, err := net.Dial("tcp", net.JoinHostPort(host, port))
			if err == nil {
				conn.Close()
			}
			if (err == nil) != want {
				t.Errorf("%v: %s: %v\n%s", test.binds, host, err, s.err)
			}
		}
		s.stop(t, os.Interrupt)
	}
	s := serveCmd(t, command(t, "-b", "localhost:0", "go:hello"))
	s.err.await(t, `(?s)serving go:hello.*serving go:hello`)
	ports := regexp.MustCompile(`address=\S+:(\d+)`).FindAllStringSubmatch(s.err.String(), -1)
	if len(ports) != 2 || ports[0][1] != ports[1][1] {
		t.Errorf("two addresses, and not one port: %v", ports)
	}
}

// TestReusePort: with --reuse-port a second server listens where one does; without, it is refused.
func TestReusePort(t *testing.T) {
	s := serve(t, "--reuse-port", "go:hello")
	address := strings.TrimPrefix(s.url, "http://")
	second := serveCmd(t, command(t, "-b", address, "--reuse-port", "go:hello"))
	s.stop(t, os.Interrupt)
	if _, body := get(t, second.url); body != "Hello, world\n" {
		t.Errorf("body %q", body)
	}
	if got := glass(t, "", "-b", address, "go:hello"); got.code != exitFailed || !strings.Contains(got.err, "another program listens there") {
		t.Errorf("%+v", got)
	}
}

// TestSocketFileMode: a Unix socket is open to all users of the machine unless --umask says otherwise.
func TestSocketFileMode(t *testing.T) {
	for umask, want := range map[string]fs.FileMode{"": 0o777, "007": 0o770, "0o77": 0o700} {
		path := filepath.Join(t.TempDir(), "s")
		args := []string{"-b", "unix:" + path, "go:hello"}
		if umask != "" {
			args = append(args, "--umask", umask)
		}
		s := serveCmd(t, command(t, append(args, "-b", "127.0.0.1:0")...))
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("--umask %s: %v, want %v, %v", umask, info.Mode(), want, err)
		}
		s.stop(t, os.Interrupt)
	}
	if got := glass(t, "", "--umask", "9", "go:hello"); got.code != exitMisused || !strings.Contains(got.err, "octal") {
		t.Errorf("%+v", got)
	}
}

// TestSocketFileOfAnother: a server that stops leaves the file of the one that has replaced it.
func TestSocketFileOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	start := func() *running {
		return serveCmd(t, command(t, "-b", "127.0.0.1:0", "-b", "unix:"+path, "go:hello"))
	}
	first := start()
	first.err.await(t, "address=unix:")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second := start()
	second.err.await(t, "address=unix:")
	first.stop(t, os.Interrupt)
	if body := over(path)(t, "/"); body != "Hello, world\n" {
		t.Errorf("body %q", body)
	}
	second.stop(t, os.Interrupt)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the second one's file is left behind: %v", err)
	}
}

// TestAddressesThatCannotBe: each says what to write.
func TestAddressesThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "file", "precious")
	for bind, want := range map[string]string{
		"8000":                                  "127.0.0.1:8000 for this machine alone, or :8000",
		"unix:":                                 "write unix:PATH",
		"unix:" + file:                          "a file is in the way that is no socket",
		"unix:/tmp/" + strings.Repeat("x", 120): "may have 10",
		"no-such-host.invalid:80":               "write HOST:PORT",
	} {
		got := glass(t, "", "-b", bind, "go:hello")
		if got.code != exitFailed {
			t.Errorf("%s: exit %d", bind, got.code)
		}
		contains(t, got.err, "cannot listen on "+bind, want)
	}
	if text, err := os.ReadFile(file); string(text) != "precious" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestPidFile: a second glass refuses a file that a first one holds, and takes over one that a killed glass left.
func TestPidFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	s := serve(t, "--pid", path, "go:hello")
	own := strconv.Itoa(s.Process.Pid)
	got := glass(t, "", "-b", "127.0.0.1:0", "--pid", path, "go:hello")
	if got.code != exitFailed || !strings.Contains(got.err, "glass runs already, as process "+own) {
		t.Errorf("%+v", got)
	}
	if text, err := os.ReadFile(path); strings.TrimSpace(string(text)) != own {
		t.Errorf("the file says %q, %v", text, err)
	}
	s.Process.Kill()
	<-s.ended
	s.ended = nil
	second := serve(t, "--pid", path, "go:hello")
	if text, err := os.ReadFile(path); strings.TrimSpace(string(text)) != strconv.Itoa(second.Process.Pid) {
		t.Errorf("the file says %q, %v", text, err)
	}
	// An operator who replaces the file has another server's number in it.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(path), "pid", "1\n")
	second.stop(t, syscall.SIGTERM)
	if text, err := os.ReadFile(path); string(text) != "1\n" {
		t.Errorf("the file of another says %q, %v", text, err)
	}
}

// TestUser: glass gives up root's rights, and the workers have none; the sockets and the logs go with it.
func TestUser(t *testing.T) {
	if os.Geteuid() != 0 {
		got := glass(t, "", "-b", "127.0.0.1:0", "--user", "root", "go:hello")
		if got.code != exitFailed || !strings.Contains(got.err, "need root's rights") {
			t.Errorf("%+v", got)
		}
		return
	}
	python := suite.Program(t, "/usr/bin/python3") // which any user can run, unlike one in somebody's home
	dir, err := os.MkdirTemp("", "glass-user")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path, errs := filepath.Join(dir, "s"), filepath.Join(dir, "errors")
	write(t, dir, "who.py", "import os\nloaded = os.getuid()\ndef application(environ, start_response):\n    start_response('200 OK', [])\n"+
		"    return [repr((loaded, os.getuid(), os.getgid(), os.getgroups(), os.environ['HOME'])).encode()]\n")
	c := command(t, "-b", "unix:"+path, "--user", "nobody", "--python", python, "--error-logfile", errs, "--chdir", dir, "who:application")
	c.Dir = root
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, errs, "serving")
	if body := over(path)(t, "/"); body != "(65534, 65534, 65534, [65534], '/nonexistent')" {
		t.Errorf("the application is %s", body)
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(c.Process.Pid) + "/status")
	if err == nil && !strings.Contains(string(status), "Uid:\t65534\t65534\t65534\t65534") {
		t.Errorf("glass itself is\n%s", status)
	}
	for _, file := range []string{path, errs} {
		info, err := os.Stat(file)
		if err != nil || info.Sys().(*syscall.Stat_t).Uid != 65534 {
			t.Errorf("%s is another's: %v", file, err)
		}
	}
	c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	for _, flag := range []string{"--user", "--group"} {
		if got := glass(t, "", "-b", "127.0.0.1:0", flag, "no-such-name", "go:hello"); got.code != exitFailed || !strings.Contains(got.err, flag+": there is no") {
			t.Errorf("%+v", got)
		}
	}
}

// handedOver starts glass as systemd would: with sockets from descriptor 3 on.
func handedOver(t *testing.T, env []string, args []string, files ...*os.File) *exec.Cmd {
	t.Helper()
	// LISTEN_PID is that of the process that gets them, which only the process itself can know.
	script := `LISTEN_PID=$$ LISTEN_FDS=` + strconv.Itoa(len(files)) + ` exec "$0" "$@"`
	inner := command(t, args...)
	c := command(t)
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	c.Path, c.Args = sh, append([]string{"sh", "-c", script, inner.Path}, inner.Args[1:]...)
	c.Env, c.ExtraFiles = append(c.Env, env...), files
	return c
}

// TestSocketActivation: sockets that a service manager hands over are used without a flag, and the workers know nothing of
// them.
func TestSocketActivation(t *testing.T) {
	app := write(t, t.TempDir(), "env.py", "import os\n"+strings.Replace(answering("ok"), "b'ok'",
		"repr([n for n in os.environ if n.startswith('LISTEN_')]).encode()", 1))
	var files []*os.File
	var addresses []string
	for range 2 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, listener.Addr().String())
		listener.Close()
		files = append(files, file)
	}
	s := serveCmd(t, handedOver(t, nil, []string{app}, files...))
	for _, address := range addresses {
		if _, body := get(t, "http://"+address); body != "[]" {
			t.Errorf("body %q", body)
		}
	}
	s.stop(t, os.Interrupt)
	datagram, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := datagram.(*net.UDPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, handedOver(t, nil, []string{app}, file), ""); got.code != exitFailed || !strings.Contains(got.err, "ListenStream=") {
		t.Errorf("%+v", got)
	}
}

// TestServiceManager: what systemd hears of a glass that starts, reloads and stops, and its watchdog.
func TestServiceManager(t *testing.T) {
	dir := t.TempDir()
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	heard := newOutput()
	go func() {
		message := make([]byte, 4096)
		for {
			n, err := manager.Read(message)
			if err != nil {
				return
			}
			io.WriteString(heard, string(message[:n])+"\n")
		}
	}()
	app := write(t, dir, "app.py", answering("ok"))
	c := command(t, "-b", "127.0.0.1:0", app)
	c.Env = append(c.Env, "NOTIFY_SOCKET="+filepath.Join(dir, "notify"), "WATCHDOG_USEC=20000")
	s := serveCmd(t, c)
	heard.await(t, `^READY=1\n(WATCHDOG=1\n)+`)
	s.Process.Signal(syscall.SIGHUP)
	heard.await(t, `RELOADING=1\n(MONOTONIC_USEC=\d+\n)?(WATCHDOG=1\n)*READY=1\n`)
	s.stop(t, syscall.SIGTERM)
	heard.await(t, `STOPPING=1\n$`)
}
