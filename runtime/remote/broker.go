package remote

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Broker is the NATS server or cluster that front and nodes meet at, and the subject by which they find each other.
type Broker struct {
	Subject string

	servers string // for nats.Connect
	options []nats.Option
	shown   string
}

// String is the address without secrets.
func (b *Broker) String() string { return b.shown }

// Schemes are how addresses of brokers begin.
var Schemes = []string{"nats://", "tls://"}

// IsAddress says that a name is the address of a broker.
func IsAddress(name string) bool {
	for _, scheme := range Schemes {
		if strings.HasPrefix(name, scheme) {
			return true
		}
	}
	return false
}

// Times of the connection to the broker.
const (
	dialTime     = 2 * time.Second // to connect, with TLS and authentication
	pingInterval = time.Second     // how often the connection is looked at, where nothing comes over it
	pingsLost    = 2               // then it is given up
	writeTime    = 2 * time.Second // for the broker to take what we send
)

// ParseBroker reads nats://HOST[:PORT][,HOST...]/SUBJECT or tls://…, where NATS's own URL has no path. USER:PASSWORD@ or
// TOKEN@ may stand before each host. Files are named by ?creds=FILE (of nsc), nkey=FILE, ca=FILE, cert=FILE and key=FILE.
func ParseBroker(address string) (*Broker, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	hosts, path, _ := strings.Cut(rest, "/")
	subject, query, _ := strings.Cut(path, "?")
	wrong := func(what string) error {
		return fmt.Errorf("%s: %s; write nats://HOST/SUBJECT or tls://HOST/SUBJECT, as for example nats://127.0.0.1:4222/shop", Redacted(address), what)
	}
	if hosts == "" {
		return nil, wrong("there is no host")
	}
	if err := checkSubject(subject); err != nil {
		return nil, wrong(err.Error())
	}
	b := &Broker{Subject: subject}
	var servers []string
	for host := range strings.SplitSeq(hosts, ",") {
		server := scheme + "://" + host
		if u, err := url.Parse(server); err != nil || u.Hostname() == "" {
			return nil, wrong("a host cannot be understood")
		}
		servers = append(servers, server)
	}
	b.servers, b.shown = strings.Join(servers, ","), Redacted(address)
	files, err := url.ParseQuery(query)
	if err != nil {
		return nil, wrong("what is behind ? cannot be understood")
	}
	if b.options, err = fileOptions(files); err != nil {
		return nil, fmt.Errorf("%s: %w", b, err)
	}
	return b, nil
}

// checkSubject: a subject is tokens with dots between; * and > are patterns of subscribers.
func checkSubject(subject string) error {
	switch {
	case subject == "":
		return errors.New("there is no subject")
	case strings.ContainsAny(subject, " \t\r\n*>/"), strings.HasPrefix(subject, "$"):
		return fmt.Errorf("%q is no subject: it is words with dots between", subject)
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" {
			return fmt.Errorf("%q is no subject: a word between its dots is empty", subject)
		}
	}
	return nil
}

// fileOptions are the files that an address names.
func fileOptions(files url.Values) (options []nats.Option, err error) {
	for name := range files {
		switch file := files.Get(name); name {
		case "creds":
			options = append(options, nats.UserCredentials(file))
		case "nkey":
			option, err := nats.NkeyOptionFromSeed(file)
			if err != nil {
				return nil, fmt.Errorf("nkey: %w", err)
			}
			options = append(options, option)
		case "ca":
			options = append(options, nats.RootCAs(file))
		case "cert":
			if !files.Has("key") {
				return nil, errors.New("cert=FILE needs key=FILE")
			}
			options = append(options, nats.ClientCert(file, files.Get("key")))
		case "key":
			if !files.Has("cert") {
				return nil, errors.New("key=FILE needs cert=FILE")
			}
		default:
			return nil, fmt.Errorf("%s=: there are creds, nkey, ca, cert and key", name)
		}
	}
	return options, nil
}

// Redacted is an address without the secrets before its hosts.
func Redacted(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	hosts, path, found := strings.Cut(rest, "/")
	var shown []string
	for host := range strings.SplitSeq(hosts, ",") {
		if _, after, secret := strings.Cut(host, "@"); secret {
			host = after
		}
		shown = append(shown, host)
	}
	text := scheme + "://" + strings.Join(shown, ",")
	if found {
		text += "/" + path
	}
	return text
}

// dial connects once. The connection is not mended: whoever uses it begins anew, since calls in hand cannot go on anyway.
func (b *Broker) dial(name string, log *slog.Logger, closed func()) (*nats.Conn, error) {
	options := append([]nats.Option{
		nats.Name(name), nats.NoReconnect(), nats.Timeout(dialTime), nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(pingsLost),
		nats.FlusherTimeout(writeTime), nats.ClosedHandler(func(*nats.Conn) { closed() }),
		nats.ErrorHandler(func(nc *nats.Conn, _ *nats.Subscription, err error) {
			log.Error("NATS does not do what it was asked for", "at", b.String(), "error", err)
			if errors.Is(err, nats.ErrSlowConsumer) || errors.Is(err, nats.ErrPermissionViolation) {
				nc.Close() // messages are lost: no call can go on
			}
		}),
	}, b.options...)
	return nats.Connect(b.servers, options...)
}

// noResponders says that NATS itself answers a request: no one is subscribed to its subject.
func noResponders(m *nats.Msg) bool {
	return len(m.Data) == 0 && m.Header.Get("Status") == "503"
}
