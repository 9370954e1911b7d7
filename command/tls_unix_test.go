//go:build unix

package command

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// certify writes a certificate for localhost and its key.
func certify(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return write(t, dir, "cert.pem", encode("CERTIFICATE", der)), write(t, dir, "key.pem", encode("PRIVATE KEY", secret))
}

// shake connects by TLS, as a client that knows HTTP/2.
func shake(t *testing.T, address string) *tls.Conn {
	t.Helper()
	dialer := &net.Dialer{Timeout: deadline}
	conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestTLS(t *testing.T) { withEngines(t, testTLS) }

// testTLS: HTTP/1.1 over TLS, whose certificate can be renewed.
func testTLS(t *testing.T, model string) {
	dir := t.TempDir()
	cert, key := certify(t, dir, 1)
	s := serve(t, model, "--certfile", cert, "--keyfile", key, "--log-level", "debug", "go:environ")
	address, ok := strings.CutPrefix(s.url, "https://")
	if !ok {
		t.Errorf("the address is %s", s.url)
	}
	conn := shake(t, address)
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("ALPN: %q", got)
	}
	io.WriteString(conn, "GET https://localhost/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	contains(t, string(answer), "HTTP/1.1 200", `wsgi.url_scheme = "https"`, `PATH_INFO = "/a"`)
	certify(t, dir, 2)
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, "obeyed a signal +signal=hangup")
	if got := shake(t, address).ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != 2 {
		t.Errorf("the certificate is number %d, not 2", got)
	}
	certify(t, dir, 3)
	write(t, dir, "cert.pem", "no certificate")
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, "the certificate that was there before goes on")
	// Who speaks no TLS is not served, and does no harm.
	plain, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(plain, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if answer, _ := io.ReadAll(plain); strings.Contains(string(answer), "200 OK") {
		t.Errorf("%q", answer)
	}
	plain.Close()
	if got := shake(t, address).ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != 2 {
		t.Errorf("the certificate is number %d", got)
	}
}

// TestTLSCut: a body that ends early, and whose end is the connection's, does not end by TLS's goodbye.
func TestTLSCut(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, 1)
	app := write(t, dir, "cut.py", "def application(environ, start_response):\n    start_response('200 OK', [])\n    yield b'half'\n    raise KeyError\n")
	s := serve(t, "--certfile", cert, "--keyfile", key, app)
	conn := shake(t, strings.TrimPrefix(s.url, "https://"))
	io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
	if answer, err := io.ReadAll(conn); err == nil {
		t.Errorf("it passes for whole: %q", answer)
	}
}

// TestTLSMisuse: what cannot be served says which file is wrong.
func TestTLSMisuse(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, 1)
	for args, want := range map[string]string{
		"--keyfile " + key:                            "--certfile",
		"--certfile " + filepath.Join(dir, "no"):      "no such file",
		"--certfile " + cert:                          "--keyfile " + cert,
		"--certfile " + cert + " --proxy-protocol":    "leave out --certfile",
		"--certfile " + cert + " --keyfile /dev/null": "--keyfile /dev/null",
		"--mount shop":                                "write a path, such as /shop",
		"--mount /a%20b":                              "percent-encoded",
	} {
		got := glass(t, "", append(strings.Fields(args), "-b", "127.0.0.1:0", "go:hello")...)
		if got.code == 0 || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

func TestMount(t *testing.T) { withEngines(t, testMount) }

// testMount: what a request has of the path of --mount is SCRIPT_NAME, and the rest is PATH_INFO.
func testMount(t *testing.T, model string) {
	s := serve(t, model, "--mount", "/shop/", "--forwarded-allow-ips", "127.0.0.1", "go:environ")
	base, ok := strings.CutSuffix(s.url, "/shop/")
	if !ok {
		t.Fatalf("the address is %s", s.url)
	}
	for path, want := range map[string]string{
		"/shop/cart?a=1": `SCRIPT_NAME = "/shop"` + "\n" + `PATH_INFO = "/cart"`,
		"/shop/":         `PATH_INFO = "/"`,
		"/shop":          `PATH_INFO = ""`,
	} {
		status, body := get(t, base+path)
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, no %s in\n%s", path, status, want, body)
		}
	}
	for _, path := range []string{"/", "/shopping", "/sho", "/x/shop/"} {
		if status, body := get(t, base+path); status != 404 || !strings.Contains(body, "The application is at /shop/") {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}
