package compare

import "testing"

// FuzzAnswer: whatever was recorded is an answer with a problem or without, and no byte of it is invented.
func FuzzAnswer(f *testing.F) {
	for _, raw := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nmore", "HTTP/1.0 200 OK\r\n\r\nhi", "", "\n\n", "HTTP/1.1 200 OK\n\n",
	} {
		f.Add([]byte(raw), []byte(plain))
	}
	f.Fuzz(func(t *testing.T, raw, request []byte) {
		a := AnswerOf("recorded", raw, request)
		if len(a.Raw)+len(a.Surplus) > len(raw) || a.Status == "" && a.Problem == "" {
			t.Errorf("%q became %+v", raw, a)
		}
	})
}
