package dap

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestReadMessage(t *testing.T) {
	for _, test := range []struct{ name, in, content, fault string }{
		{"a message", "Content-Length: 2\r\n\r\n{}rest", "{}", ""},
		{"another header field", "X-Y: 1\r\ncontent-length: 2\r\n\r\n{}", "{}", ""},
		{"nothing", "", "", "EOF"},
		{"cut off in the header part", "Content-Len", "", errNotDAP.Error()},
		{"cut off in the content", "Content-Length: 9\r\n\r\n{}", "", "unexpected EOF"},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", errNotDAP.Error()},
		{"no length", "X-Y: 1\r\n\r\n{}", "", errNotDAP.Error()},
		{"a negative length", "Content-Length: -1\r\n\r\n", "", errNotDAP.Error()},
		{"a length that is too large", "Content-Length: 99999999999\r\n\r\n", "", "more than"},
		{"an endless line", strings.Repeat("x", 2*maxHeader), "", errNotDAP.Error()},
		{"endless lines", strings.Repeat("X-Y: 1\r\n", maxHeader), "", errNotDAP.Error()},
	} {
		content, err := readMessage(bufio.NewReaderSize(strings.NewReader(test.in), maxHeader))
		if test.fault == "" && (err != nil || string(content) != test.content) {
			t.Errorf("%s: got %q, %v", test.name, content, err)
		}
		if test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)) {
			t.Errorf("%s: got %q, %v", test.name, content, err)
		}
	}
}

func TestListen(t *testing.T) {
	for address, fault := range map[string]string{
		"127.0.0.1:0": "", "[::1]:0": "", "localhost:0": "",
		"0.0.0.0:0": "loopback", ":0": "loopback", "192.0.2.1:0": "loopback", "somewhere": "HOST:PORT",
	} {
		listener, err := Listen(address)
		if err == nil {
			listener.Close()
		}
		if var6 := strings.HasPrefix(address, "["); var6 && err != nil {
			continue // this machine has no IPv6
		}
		if fault == "" && err != nil || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestListenUnix(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir, err := os.MkdirTemp("", "dap") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	listener, err := Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if facts, err := os.Stat(path); err != nil || facts.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", facts, err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := listener.Accept()
		accepted <- conn
	}()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	(<-accepted).Close()
	if _, err := Listen("unix:" + path); err == nil || !strings.Contains(err.Error(), "another process listens") {
		t.Errorf("a second time: %v", err)
	}
	listener.Close()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	os.WriteFile(path, nil, 0o600)
	if _, err := Listen("unix:" + path); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("on a file: %v", err)
	}
}

// An editor that breaks off before anything was started costs nothing.
func TestAdaptEnds(t *testing.T) {
	for in, fault := range map[string]string{
		"":                       "",
		"GET / HTTP/1.1\r\n\r\n": errNotDAP.Error(),
		frame(`{"seq":1,"type":"request","command":"threads"}`):                                                                                                   "not initialize",
		frame(`{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"glass"}}`):                                                              "",
		frame(`{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"glass"}}`) + frame(`{"seq":2,"type":"request","command":"disconnect"}`): "",
	} {
		err := Adapt(strings.NewReader(in), io.Discard, nil)
		if fault == "" && err != nil || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%q: %v", in, err)
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func frame(content string) string {
	return "Content-Length: " + strconv.Itoa(len(content)) + "\r\n\r\n" + content
}
