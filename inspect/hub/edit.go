package hub

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"glasswsgi/runtime/wsgi"
)

// Changes are made while the goroutine of the exchange waits, and seen by it when it goes on.

func (r *record) editsEnviron() bool { return r.at("environ", "call") && r.liveEnv != nil }
func (r *record) editsHead() bool    { return r.at("head") && r.liveHead != nil }

// at says that the exchange is stopped at one of these steps.
func (r *record) at(names ...string) bool {
	if r.Stop == nil || r.Stop.InPython() {
		return false
	}
	for _, name := range names {
		if r.Steps[r.Stop.Step].Name == name {
			return true
		}
	}
	return false
}

// SetEnviron gives a variable of the environ a new value, or adds it, at the steps "environ" and "call". value is text;
// its characters must be within Latin-1, as the PEP has it.
func (s *Session) SetEnviron(id uint64, name, value string) error {
	return s.edit(id, (*record).editsEnviron, func(r *record) error {
		native, err := Native(value)
		if err != nil {
			return err
		}
		if strings.HasPrefix(name, "wsgi.") {
			return fmt.Errorf("%s is the server's own, and no str: it stays what it is until the application runs", name)
		}
		before, _ := r.liveEnv.Lookup(name)
		r.liveEnv.Set(name, native)
		r.edited(Edit{What: "environ", Name: name, Before: wsgi.Latin1(before), After: value, By: s.name})
		r.takeEnviron(r.liveEnv)
		return nil
	})
}

// SetStatus replaces the status at the step "head". What it is replaced by is held to the PEP's rules.
func (s *Session) SetStatus(id uint64, status string) error {
	return s.edit(id, (*record).editsHead, func(r *record) error {
		if err := checkHead(status, nil); err != nil {
			return err
		}
		r.edited(Edit{What: "status", Before: r.liveHead.Status, After: status, By: s.name})
		r.liveHead.Status = status
		r.takeFinalHead(r.liveHead)
		return nil
	})
}

// SetHeader replaces the first header field of a name at the step "head", or adds it. Content-Length stays what it is:
// the body is counted by it.
func (s *Session) SetHeader(id uint64, name, value string) error {
	return s.edit(id, (*record).editsHead, func(r *record) error {
		native, err := Native(value)
		if err != nil {
			return err
		}
		if err := checkHead("200 OK", []wsgi.Header{{Name: name, Value: native}}); err != nil {
			return err
		}
		before, headers := "", append([]wsgi.Header(nil), r.liveHead.Headers...)
		at := indexOf(headers, name)
		if at < 0 {
			headers = append(headers, wsgi.Header{Name: name, Value: native})
		} else {
			before, headers[at].Value = headers[at].Value, native
		}
		r.liveHead.Headers = headers
		r.edited(Edit{What: "header", Name: name, Before: wsgi.Latin1(before), After: value, By: s.name})
		r.takeFinalHead(r.liveHead)
		return nil
	})
}

// RemoveHeader removes all header fields of a name at the step "head".
func (s *Session) RemoveHeader(id uint64, name string) error {
	return s.edit(id, (*record).editsHead, func(r *record) error {
		if sameName(name, "Content-Length") {
			return errLength
		}
		var headers []wsgi.Header
		for _, field := range r.liveHead.Headers {
			if !sameName(field.Name, name) {
				headers = append(headers, field)
				continue
			}
			r.edited(Edit{What: "header", Name: name, Before: wsgi.Latin1(field.Value), By: s.name})
		}
		r.liveHead.Headers = headers
		r.takeFinalHead(r.liveHead)
		return nil
	})
}

// edit makes a change to an exchange that is stopped where that can be.
func (s *Session) edit(id uint64, can func(*record) bool, change func(*record) error) error {
	h := s.hub
	defer h.mu.Unlock()
	if err := s.commanding(); err != nil {
		return err
	}
	r, err := h.stopped(id)
	if err != nil {
		return err
	}
	if !can(r) {
		return ErrNotHere
	}
	if err := change(r); err != nil {
		return err
	}
	h.tell(Event{Kind: ExchangeChanged, Exchange: id, Step: len(r.Steps) - 1})
	return nil
}

func (r *record) edited(e Edit) {
	e.Step = r.Stop.Step
	r.Edits = append(r.Edits, e)
}

// liveValuesChanged copies what was edited, by whatever means, before the exchange goes on.
func (r *record) liveValuesChanged() {
	if r.editsEnviron() {
		r.takeEnviron(r.liveEnv)
	}
	if r.editsHead() {
		r.takeFinalHead(r.liveHead)
	}
}

var (
	errLatin1 = errors.New("a native string holds characters up to U+00FF only: encode it first, as an application would")
	errLength = errors.New("Content-Length stays what it is: the body is counted by it")
)

// Native makes a native string of text: code point n becomes byte n (PEP 3333 "Unicode Issues").
func Native(text string) (string, error) {
	b := make([]byte, 0, len(text))
	for _, c := range text {
		if c > 0xff {
			return "", errLatin1
		}
		b = append(b, byte(c))
	}
	return string(b), nil
}

// checkHead holds what a user makes of a head to the rules that bind the application.
func checkHead(status string, headers []wsgi.Header) error {
	for _, field := range headers {
		if sameName(field.Name, "Content-Length") {
			return errLength
		}
	}
	_, err := wsgi.NewResponse(nil, nil).StartResponse(status, headers, nil)
	return err
}

func indexOf(headers []wsgi.Header, name string) int {
	return slices.IndexFunc(headers, func(h wsgi.Header) bool { return sameName(h.Name, name) })
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }
