package command

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// certificate is that of --certfile and --keyfile, which may be renewed while glass serves.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// loadCertificate is nil where glass serves without TLS.
func (f *listenFlags) loadCertificate() (*certificate, error) {
	if f.Certfile == "" && f.Keyfile == "" {
		return nil, nil
	}
	if f.Certfile == "" {
		return nil, errors.New("--keyfile needs --certfile, the certificate that belongs to the key")
	}
	c := &certificate{certFile: f.Certfile, keyFile: f.Keyfile}
	if c.keyFile == "" { // as with gunicorn, both may be in one file
		c.keyFile = c.certFile
	}
	return c, c.reload()
}

// reload reads the files again. Where that fails, the certificate that was there before goes on.
func (c *certificate) reload() error {
	if c == nil {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("--certfile %s, --keyfile %s: %w", c.certFile, c.keyFile, err)
	}
	c.current.Store(&pair)
	return nil
}

// secure has the listeners speak TLS. A client that offers HTTP/2 is answered with HTTP/1.1 (RFC 7301).
func (c *certificate) secure(listeners []net.Listener) []net.Listener {
	if c == nil {
		return listeners
	}
	config := &tls.Config{
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
	secured := make([]net.Listener, 0, len(listeners))
	for _, listener := range listeners {
		secured = append(secured, tls.NewListener(listener, config))
	}
	return secured
}
