package cpython

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const connectTimeout = 10 * time.Second // for a worker to connect to us

// start runs the command and waits until it has connected twice: Windows hands over no sockets, so the channel and the
// lifeline are loopback connections, and a token that is used once proves who is calling.
func start(command *exec.Cmd) (channel, lifeline net.Conn, err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	token := rand.Text()
	port := listener.Addr().(*net.TCPAddr).Port
	command.Env = append(command.Env, fmt.Sprintf("GLASS_CHANNEL=%d:%s", port, token))
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	listener.(*net.TCPListener).SetDeadline(time.Now().Add(connectTimeout))
	for channel == nil || lifeline == nil {
		conn, err := listener.Accept()
		if err != nil {
			command.Process.Kill()
			command.Wait()
			return nil, nil, fmt.Errorf("the worker did not connect: %w", err)
		}
		switch introduction(conn, token) {
		case 'c':
			channel = conn
		case 'l':
			lifeline = conn
		default:
			conn.Close() // another program
		}
	}
	return channel, lifeline, nil
}

// introduction reads which connection this is: 0 where the token is wrong.
func introduction(conn net.Conn, token string) byte {
	conn.SetDeadline(time.Now().Add(connectTimeout))
	line := make([]byte, 1+len(token))
	if _, err := io.ReadFull(conn, line); err != nil {
		return 0
	}
	conn.SetDeadline(time.Time{})
	if subtle.ConstantTimeCompare(line[1:], []byte(token)) != 1 {
		return 0
	}
	return line[0]
}

// Simplified: Windows has no process groups to signal, so what the application started may outlive its worker.
func terminateOne(p *os.Process)     { p.Kill() }
func killOne(p *os.Process)          { p.Kill() }
func terminateGroup(p *os.Process)   { p.Kill() }
func killGroup(p *os.Process)        { p.Kill() }
func groupExists(p *os.Process) bool { return false }

func isReset(err error) bool {
	const connectionReset = syscall.Errno(10054) // WSAECONNRESET
	return errors.Is(err, connectionReset)
}

func describeExit(s *os.ProcessState) string { return s.String() }

// canPreload: there is no fork.
const canPreload = false

func channels() (channel, lifeline net.Conn, ends []*os.File, err error) {
	return nil, nil, nil, errors.ErrUnsupported
}

func closeFiles([]*os.File)                        {}
func sendFiles(net.Conn, []byte, []*os.File) error { return errors.ErrUnsupported }
func describeStatus(status int) string             { return fmt.Sprintf("exit status %d", status) }
