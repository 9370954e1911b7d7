package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// manifest is what the manifests of examples/deploy have for a container of glass.
type manifest struct {
	args  []string
	grace time.Duration // that it has to end
}

// TestManifests: what examples/deploy says to Kubernetes and to compose, glass understands; the probes ask where --health
// is, and a node has the time to leave that it takes.
func TestManifests(t *testing.T) {
	t.Parallel()
	all := map[string]manifest{"kubernetes.yaml": kubernetesManifest(t), "compose.yaml": composeManifest(t)}
	for name, m := range all {
		flags := &commands{}
		parser, err := newParser(flags)
		if err != nil {
			t.Fatal(err)
		}
		// what the Dockerfile beside them says before
		if _, err := parser.Parse(append([]string{"--python", "/usr/local/bin/python3", "-b", "0.0.0.0:8000", "--access-logfile", "-"}, m.args...)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		serve := &flags.Serve
		if least := time.Duration(serve.Drain + serve.GracefulTimeout); m.grace <= least || serve.Drain == 0 {
			t.Errorf("%s: a node has %v to end, and may take %v", name, m.grace, least)
		}
		if serve.Health != "0.0.0.0:9100" || serve.App != "shop.wsgi:application" {
			t.Errorf("%s: %+v", name, serve)
		}
	}
	dockerfile, err := os.ReadFile("examples/deploy/Dockerfile")
	if err != nil || !bytes.Contains(dockerfile, []byte(`"--python", "/usr/local/bin/python3", "-b", "0.0.0.0:8000", "--access-logfile", "-"]`)) {
		t.Errorf("the Dockerfile says something else: %v", err)
	}
}

// readYAML reads all documents of a file.
func readYAML[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	text, err := os.ReadFile("examples/deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one T
		switch err := d.Decode(&one); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, one)
	}
}

type kubernetesProbe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

type kubernetesObject struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Spec       struct {
		Template struct {
			Spec struct {
				Grace      int `yaml:"terminationGracePeriodSeconds"`
				Containers []struct {
					Args  []string
					Ports []struct {
						Name string
						Port int `yaml:"containerPort"`
					}
					Liveness  kubernetesProbe `yaml:"livenessProbe"`
					Readiness kubernetesProbe `yaml:"readinessProbe"`
				}
			}
		}
	}
}

func kubernetesManifest(t *testing.T) (m manifest) {
	t.Helper()
	var kinds []string
	for _, o := range readYAML[kubernetesObject](t, "kubernetes.yaml") {
		kinds = append(kinds, o.APIVersion+" "+o.Kind)
		if o.Kind != "Deployment" {
			continue
		}
		c := o.Spec.Template.Spec.Containers[0]
		m = manifest{c.Args, time.Duration(o.Spec.Template.Spec.Grace) * time.Second}
		if c.Ports[0].Name != "http" || c.Ports[0].Port != 8000 || c.Ports[1].Name != "health" || c.Ports[1].Port != 9100 {
			t.Errorf("the ports are %+v", c.Ports)
		}
		if c.Liveness.HTTPGet != (struct{ Path, Port string }{"/livez", "health"}) || c.Readiness.HTTPGet != (struct{ Path, Port string }{"/readyz", "health"}) {
			t.Errorf("the probes are %+v and %+v", c.Liveness, c.Readiness)
		}
	}
	if want := []string{"apps/v1 Deployment", "v1 Service", "policy/v1 PodDisruptionBudget", "autoscaling/v2 HorizontalPodAutoscaler"}; !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
	return m
}

func composeManifest(t *testing.T) (m manifest) {
	t.Helper()
	file := readYAML[struct {
		Services map[string]struct {
			Command []string
			Grace   string `yaml:"stop_grace_period"`
			Volumes []string
		}
	}](t, "compose.yaml")[0]
	haproxy, err := os.ReadFile("examples/deploy/haproxy-nodes.cfg")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		if name == "proxy" {
			continue
		}
		grace, err := time.ParseDuration(s.Grace)
		if err != nil {
			t.Fatal(err)
		}
		m = manifest{s.Command, grace}
		if !strings.Contains(string(haproxy), "server "+name+" "+name+":8000") {
			t.Errorf("HAProxy does not know %s", name)
		}
	}
	if len(file.Services) != 4 {
		t.Errorf("%d services", len(file.Services))
	}
	return m
}
