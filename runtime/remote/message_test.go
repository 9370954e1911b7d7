package remote

import (
	"errors"
	"reflect"
	"testing"

	"glasswsgi/runtime/wsgi"
)

// FuzzMessage: no message makes a decoder panic or take more memory than it has bytes; what is decoded and encoded again is
// decoded to the same.
func FuzzMessage(f *testing.F) {
	e := environ("GET", "/", nil)
	f.Add(appendRequest(e, []byte("body"), true))
	f.Add(appendHead(&wsgi.Head{Status: "200 OK", Headers: []wsgi.Header{{Name: "A", Value: "b"}}, Length: -1}, "a"))
	f.Add(appendFailure(&wsgi.ApplicationError{Exception: "e", Traceback: "t"}))
	f.Add(appendFailure(&wsgi.ContractError{Rule: "r", Section: "s", Detail: "d"}))
	f.Add(appendFailure(&Failure{504, "late"}))
	f.Add(appendFailure(errors.New("other")))
	f.Add(appendState("a", 4, 2, true))
	f.Add([]byte("r\x00\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, d := decode(b)
		switch k {
		case request:
			e, body, whole, err := d.request()
			if len(e.Variables) > len(b) {
				t.Fatalf("%d variables of %d bytes", len(e.Variables), len(b))
			}
			if err != nil {
				return
			}
			_, again := decode(appendRequest(e, body, whole))
			e2, body2, whole2, err := again.request()
			if err != nil || !reflect.DeepEqual(e, e2) || string(body) != string(body2) || whole != whole2 {
				t.Errorf("%+v, again %+v, %v", e, e2, err)
			}
		case head:
			h, by, err := d.head()
			if err != nil {
				return
			}
			_, again := decode(appendHead(&h, by))
			if h2, by2, err := again.head(); err != nil || !reflect.DeepEqual(h, h2) || by != by2 {
				t.Errorf("%+v, again %+v, %v", h, h2, err)
			}
		case failed:
			if d.failure("a") == nil {
				t.Error("a failure is none")
			}
		default:
			d.text()
			d.number()
			d.boolean()
		}
	})
}
