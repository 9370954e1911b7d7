package remote

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// TestAddresses: what no address is says what to write, and never a secret.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"nats:///shop":                         "there is no host",
		"nats://h":                             "there is no subject",
		"nats://h/":                            "there is no subject",
		"nats://h/a b":                         "is no subject",
		"nats://h/a.*":                         "is no subject",
		"nats://h/a..b":                        "is empty",
		"nats://h/$SYS":                        "is no subject",
		"nats://h,/a":                          "a host cannot be understood",
		"nats://h/a?%":                         "behind ?",
		"nats://h/a?color=red":                 "there are creds, nkey, ca, cert and key",
		"nats://h/a?cert=c":                    "cert=FILE needs key=FILE",
		"nats://h/a?key=c":                     "key=FILE needs cert=FILE",
		"nats://h/a?nkey=/no/such":             "/no/such",
		"nats://me:secret@h,token-secret@i/a>": "nats://h,i/a>",
	} {
		_, err := ParseBroker(address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	b := parse(t, "tls://me:secret@h:1,i/shop.eu?ca=/ca.pem")
	if b.String() != "tls://h:1,i/shop.eu?ca=/ca.pem" || b.Subject != "shop.eu" || b.servers != "tls://me:secret@h:1,tls://i" {
		t.Errorf("%s %+v", b, b)
	}
}

// TestCredentials: a user and password, a key file, and TLS on both sides open a broker that wants them; without them a
// front goes on trying, and says why.
func TestCredentials(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := key.PublicKey()
	seed, _ := key.Seed()
	nkey := file(t, dir, "user.nk", seed)
	certificate, pool, ca, private := selfSigned(t, dir)
	withJWT, creds := decentralized(t, dir)
	withTLS := server.Options{TLS: true, TLSVerify: true, TLSTimeout: deadline.Seconds(), TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{certificate}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}}
	for name, row := range map[string]struct {
		options        server.Options
		scheme, before string
		query          string
	}{
		"password": {server.Options{Username: "me", Password: "p%20w"}, "nats", "me:p%2520w@", ""},
		"nkey":     {server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}}, "nats", "", "?nkey=" + nkey},
		"creds":    {withJWT, "nats", "", "?creds=" + creds},
		"tls":      {withTLS, "tls", "", "?ca=" + ca + "&cert=" + ca + "&key=" + private},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := startBroker(t, row.options)
			b := parse(t, row.scheme+"://"+row.before+address+"/shop"+row.query)
			nc, err := b.dial("test", (&log{}).logger(), func() {})
			if err != nil {
				t.Fatal(err)
			}
			nc.Close()
			if nc, err := parse(t, "nats://"+address+"/shop").dial("test", (&log{}).logger(), func() {}); err == nil {
				nc.Close()
				t.Error("it is open to everyone")
			}
		})
	}
	if _, err := Open(parse(t, "nats://127.0.0.1:1/shop?creds="+dir+"/none"), (&log{}).logger()); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func file(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decentralized is a broker whose operator has signed an account, which has signed a user, and the file that nsc gives to
// that user.
func decentralized(t *testing.T, dir string) (o server.Options, creds string) {
	t.Helper()
	operator, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	account, _ := nkeys.CreateAccount()
	user, _ := nkeys.CreateUser()
	trusted, _ := operator.PublicKey()
	accountKey, _ := account.PublicKey()
	userKey, _ := user.PublicKey()
	signedAccount, err := jwt.NewAccountClaims(accountKey).Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	signedUser, err := jwt.NewUserClaims(userKey).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	resolver := &server.MemAccResolver{}
	if err := resolver.Store(accountKey, signedAccount); err != nil {
		t.Fatal(err)
	}
	seed, _ := user.Seed()
	text, err := jwt.FormatUserConfig(signedUser, seed)
	if err != nil {
		t.Fatal(err)
	}
	return server.Options{TrustedKeys: []string{trusted}, AccountResolver: resolver}, file(t, dir, "user.creds", text)
}

// selfSigned is a certificate for both sides, of which each is the other's authority.
func selfSigned(t *testing.T, dir string) (certificate tls.Certificate, pool *x509.CertPool, ca, private string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ca = file(t, dir, "ca.pem", text)
	private = file(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	if certificate, err = tls.LoadX509KeyPair(ca, private); err != nil {
		t.Fatal(err)
	}
	return certificate, pool, ca, private
}
