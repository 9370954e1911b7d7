//go:build unix

package cpython

import (
	"net"
	"os"
	"syscall"
)

const mostFiles = 64 // descriptors that one read may bring along

func (r *fileReader) Read(b []byte) (int, error) {
	channel, ok := r.channel.(*net.UnixConn)
	if !ok { // a test's
		return r.channel.Read(b)
	}
	if r.control == nil {
		r.control = make([]byte, syscall.CmsgSpace(4*mostFiles))
	}
	n, size, _, _, err := channel.ReadMsgUnix(b, r.control)
	if size > 0 {
		r.keep(r.control[:size])
	}
	if n == 0 && err == nil {
		return r.channel.Read(b) // the end, which a message does not tell
	}
	return max(n, 0), err // with an error it may be -1
}

// keep puts aside what a control message holds: nothing where it cannot be read, or where no descriptor was left for it.
func (r *fileReader) keep(control []byte) {
	messages, _ := syscall.ParseSocketControlMessage(control)
	for i := range messages {
		descriptors, _ := syscall.ParseUnixRights(&messages[i])
		for _, descriptor := range descriptors {
			r.files = append(r.files, os.NewFile(uintptr(descriptor), "a file of the application"))
		}
	}
}
