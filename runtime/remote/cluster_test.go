package remote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"glasswsgi/check/peer"
)

// TestCluster: front and nodes meet in the cluster of examples/deploy, with the rights that they have there, whichever of
// the servers each is connected to; when one of the servers is gone, they go on by the others.
func TestCluster(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/deploy/nats-cluster.conf")
	if err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t, 6)
	var addresses []string
	var servers []*server.Server
	for i, name := range []string{"nats1", "nats2", "nats3"} {
		config := replaced(t, string(text), "$NATS_NAME", name, "$FRONT_PASSWORD", "front-secret", "$NODE_PASSWORD", "node-secret",
			"0.0.0.0:4222", "127.0.0.1:"+ports[i], "0.0.0.0:6222", "127.0.0.1:"+ports[3+i],
			"nats1:6222", "127.0.0.1:"+ports[3], "nats2:6222", "127.0.0.1:"+ports[4], "nats3:6222", "127.0.0.1:"+ports[5])
		path := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := server.ProcessConfigFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o.NoLog, o.NoSigs = true, true
		s, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		servers, addresses = append(servers, s), append(addresses, "127.0.0.1:"+ports[i])
	}
	for _, s := range servers {
		if !s.ReadyForConnections(deadline) {
			t.Fatal("NATS does not start")
		}
		eventually(t, "the servers have found each other", func() bool { return s.NumRoutes() >= len(servers)-1 })
	}
	as := func(who string, order ...int) string {
		var hosts []string
		for _, i := range order {
			hosts = append(hosts, who+":"+who+"-secret@"+addresses[i])
		}
		return "nats://" + strings.Join(hosts, ",") + "/shop"
	}
	f, _ := openFrontAt(t, as("front", 0))
	startNodeAt(t, as("node", 1), "a", 2, saying("a"))
	startNodeAt(t, as("node", 2), "b", 2, saying("b"))
	knows(t, f, 2)
	seen := map[string]bool{}
	eventually(t, "both answer", func() bool {
		r := converse(f, environ("POST", "/", nil))
		if r.err != nil {
			t.Fatal(r.err)
		}
		seen[r.by] = true
		return len(seen) == 2
	})
	_, said := openFrontAt(t, as("node", 0))
	eventually(t, "a front with a node's rights says what it may not", func() bool { return strings.Contains(said.String(), "Permissions Violation") })
	both := startNodeAt(t, as("node", 1, 2), "c", 1, saying("c"))
	servers[1].Shutdown() // that of a, and it may be that of c
	eventually(t, "b and c go on", func() bool { return f.Load().Workers == 2 && both.Unready() == "" })
	for range 10 {
		if r := converse(f, environ("POST", "/", nil)); r.err != nil || r.by == "a" {
			t.Errorf("by %q, %v", r.by, r.err)
		}
	}
}

// freePorts are free until the test ends.
func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		port, err := peer.ReservePort()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(port.Release)
		ports = append(ports, port.Number)
	}
	return ports
}

func replaced(t *testing.T, text string, replace ...string) string {
	t.Helper()
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("there is no %q", replace[i])
		}
	}
	return strings.NewReplacer(replace...).Replace(text)
}
