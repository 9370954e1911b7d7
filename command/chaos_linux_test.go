package command

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"

	"github.com/nats-io/nats-server/v2/server"
)

// chaosTimeout is how long the proxies wait for a node; examples/deploy has a minute.
const chaosTimeout = "5s"

// chaosApplication writes down each POST that it executes.
const chaosApplication = `import os, time
record = os.open(os.environ["RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    time.sleep(.005)
    if environ["REQUEST_METHOD"] == "POST": os.write(record, body + b"\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"answer to " + body]
`

// cluster is three machines, each a network namespace, with a glass and a node of NATS on each.
type cluster struct {
	t        *testing.T
	dir      string
	bridge   string
	net      string // its first three bytes
	broker   string
	machines [3]*machine
	ways     []*way
}

type machine struct {
	number      int
	glass, node *running
}

func run(t *testing.T, line string, args ...any) {
	t.Helper()
	fields := strings.Fields(fmt.Sprintf(line, args...))
	if out, err := exec.Command(fields[0], fields[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(fields, " "), err, out)
	}
}

// ownNetwork is in the environment of a test that has a network namespace of its own.
const ownNetwork = "GLASS_TEST_OWN_NETWORK"

// inOwnNetwork runs a test in a network namespace of its own, by another process, and returns true in this one when it is
// through. Browsers of other tests would take what it does to its network for a change of theirs, and give requests up.
func inOwnNetwork(t *testing.T) (through bool) {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		run(t, "ip link set lo up")
		return false
	}
	suite.NeedsMore(t) // root's rights
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Dir = filepath.Join(root, "command")
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, beGlass+"=") }), ownNetwork+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	return true
}

// newCluster lays the network: a bridge, and behind it a namespace for each machine.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	id := os.Getpid()
	c := &cluster{t: t, dir: open(t), bridge: fmt.Sprintf("gx%d", id), net: fmt.Sprintf("198.%d.%d", 18+id>>8&1, id&255)} // RFC 2544

	run(t, "ip link add %s type bridge", c.bridge)
	t.Cleanup(func() { exec.Command("ip", "link", "del", c.bridge).Run() })
	run(t, "ip addr add %s.1/24 dev %s", c.net, c.bridge)
	run(t, "ip link set %s up", c.bridge)
	for i := range c.machines {
		c.machines[i] = &machine{number: i}
		space := c.space(i)
		run(t, "ip netns add %s", space)
		t.Cleanup(func() { exec.Command("ip", "netns", "del", space).Run() })
		run(t, "ip link add %s type veth peer name eth0 netns %s", space, space)
		run(t, "ip link set %s master %s up", space, c.bridge)
		run(t, "ip -n %s addr add %s/24 dev eth0", space, c.address(i))
		run(t, "ip -n %s link set eth0 up", space)
		run(t, "ip -n %s link set lo up", space)
	}
	return c
}

func (c *cluster) space(machine int) string   { return fmt.Sprintf("%sn%d", c.bridge, machine) }
func (c *cluster) address(machine int) string { return fmt.Sprintf("%s.%d", c.net, 11+machine) }

// on starts glass on a machine.
func (c *cluster) on(machine int, args ...string) *running {
	inner := command(c.t, args...)
	return c.serve(inner, "ip", append([]string{"netns", "exec", c.space(machine), inner.Path}, inner.Args[1:]...)...)
}

// serve starts a glass that may take longer than others.
func (c *cluster) serve(as *exec.Cmd, program string, args ...string) *running {
	ctx, cancel := context.WithTimeout(context.Background(), 5*deadline)
	c.t.Cleanup(cancel)
	outer := exec.CommandContext(ctx, program, args...)
	outer.Env = append(as.Env, "RECORD="+filepath.Join(c.dir, "record"))
	return serveCmd(c.t, outer)
}

func (c *cluster) startGlass(m *machine) {
	m.glass = c.on(m.number, "-b", c.address(m.number)+":8000", "--health", c.address(m.number)+":9100", "--drain", "1.5", "--threads", "4", "--chdir", c.dir, "app:app")
}

func (c *cluster) startNode(m *machine) {
	m.node = c.on(m.number, "node", c.broker, "app:app", "--threads", "4", "--chdir", c.dir, "--name", fmt.Sprint(m.number))
}

// startProxies starts what is in front of the machines: the proxies with what examples/deploy has for them, and glass itself
// where NATS is.
func (c *cluster) startProxies() {
	t := c.t
	nodes := []string{"node1:8000", c.address(0) + ":8000", "node2:8000", c.address(1) + ":8000", "node3:8000", c.address(2) + ":8000"}
	for name, start := range map[string]func(dir, port string) *exec.Cmd{
		"haproxy": func(dir, port string) *exec.Cmd {
			return exec.Command(suite.Program(t, "haproxy"), "-db", "-f", deployed(t, dir, "haproxy-nodes.cfg", append(nodes, "bind :80", "bind 127.0.0.1:"+port, "server 60s", "server "+chaosTimeout)...))
		},
		"nginx": func(dir, port string) *exec.Cmd {
			site := deployed(t, dir, "nginx-nodes.conf", append(nodes, "listen 80", "listen 127.0.0.1:"+port, "read_timeout 60s", "read_timeout "+chaosTimeout)...)
			return startNginx(t, dir, site, port)
		},
		"caddy": func(dir, port string) *exec.Cmd {
			config := deployed(t, dir, "Caddyfile-nodes", append(nodes, "\n:80 {", "\n{\n\tadmin off\n}\nhttp://127.0.0.1:"+port+" {", "response_header_timeout 60s", "response_header_timeout "+chaosTimeout)...)
			caddy := exec.Command(suite.Program(t, "caddy"), "run", "--adapter", "caddyfile", "--config", config)
			caddy.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return caddy
		},
	} {
		port := freePort(t)
		proxy, messages := start(open(t), port), newOutput()
		proxy.Stdout, proxy.Stderr = messages, messages
		if err := proxy.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			proxy.Process.Signal(syscall.SIGTERM)
			proxy.Wait()
			if t.Failed() {
				t.Logf("%s\n%s", name, messages)
			}
		})
		c.ways = append(c.ways, newWay(name, "http://127.0.0.1:"+port))
	}
	inner := command(t, "-b", "127.0.0.1:0", c.broker)
	front := c.serve(inner, inner.Path, inner.Args[1:]...)
	c.ways = append(c.ways, newWay("nats", front.url))
	for _, w := range c.ways { // until each has seen its machines
		request, _ := http.NewRequest("GET", w.url, nil)
		through(t, request, front.err)
	}
}

// TestChaos: of three machines one is killed, stopped and cut off, and at the end all are replaced, while clients send
// requests through HAProxy, nginx, Caddy and NATS. docs/SCALE.md has what it logs.
func TestChaos(t *testing.T) {
	t.Parallel()
	if inOwnNetwork(t) {
		return
	}
	c := newCluster(t)
	broker, err := server.NewServer(&server.Options{Host: c.net + ".1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go broker.Start()
	if !broker.ReadyForConnections(deadline) {
		t.Fatal("NATS does not start")
	}
	defer broker.Shutdown()
	c.broker = fmt.Sprintf("nats://%s/chaos", broker.Addr().(*net.TCPAddr))
	write(t, c.dir, "app.py", chaosApplication)
	for _, m := range c.machines {
		c.startGlass(m)
		c.startNode(m)
	}
	c.startProxies()

	stop, stopped := make(chan struct{}), make(chan struct{}, len(c.ways))
	phases := []string{"kill -9", "SIGSTOP", "partition", "rolling restart", "end"}
	for _, w := range c.ways {
		w.begin(phases[0])
		go func() { w.send(stop); stopped <- struct{}{} }()
	}
	for i, happens := range []func(){c.kill, c.freeze, c.cutOff, c.replace} {
		for _, w := range c.ways {
			w.begin(phases[i])
		}
		happens()
	}
	for _, w := range c.ways {
		w.begin(phases[4])
	}
	c.await(5)
	close(stop)
	for range c.ways {
		<-stopped
	}
	for _, w := range c.ways {
		w.hold(t, filepath.Join(c.dir, "record"), phases, map[string]bool{"rolling restart": true, "end": true})
	}
}

// await lets each client have so many answers from now on, good or bad: one that is stuck is waited for.
func (c *cluster) await(requests int) {
	want := map[*way][2]int{}
	for _, w := range c.ways {
		reads, posts := w.count()
		want[w] = [2]int{reads + requests, posts + requests}
	}
	for begun := time.Now(); len(want) > 0; time.Sleep(chaosPause) {
		for w, least := range want {
			if reads, posts := w.count(); reads >= least[0] && posts >= least[1] {
				delete(want, w)
			}
		}
		if time.Since(begun) > deadline {
			c.t.Fatal("a way answers no more")
		}
	}
}

// kill ends machine 0 in the middle of what it does, and starts it again.
func (c *cluster) kill() {
	c.await(10)
	m := c.machines[0]
	for _, r := range []*running{m.glass, m.node} {
		r.Process.Kill()
		<-r.ended
		r.ended = nil
	}
	c.await(20)
	c.startGlass(m)
	c.startNode(m)
	c.await(10)
}

// freeze stops the processes of machine 1 until the proxies have given up on them.
func (c *cluster) freeze() {
	m := c.machines[1]
	for _, r := range []*running{m.glass, m.node} {
		r.signal(syscall.SIGSTOP)
	}
	c.await(40)
	for _, r := range []*running{m.glass, m.node} {
		r.signal(syscall.SIGCONT)
	}
	c.await(20)
}

// cutOff takes the cable of machine 2 out, and puts it in again.
func (c *cluster) cutOff() {
	run(c.t, "ip link set %s down", c.space(2))
	c.await(40)
	run(c.t, "ip link set %s up", c.space(2))
	c.await(20)
}

// replace ends all machines in peace, one after the other, and starts them again.
func (c *cluster) replace() {
	for _, m := range c.machines {
		left := make(chan struct{})
		go func() { m.node.stop(c.t, syscall.SIGTERM); close(left) }()
		m.glass.stop(c.t, syscall.SIGTERM)
		<-left
		c.startGlass(m)
		c.startNode(m)
	}
	c.await(20)
}
