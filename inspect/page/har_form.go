package page

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"strings"

	"glasswsgi/inspect/hub"
)

// harPost is the body of a request: Params of a form, or else Text. "text and params fields are mutually exclusive" (HAR
// 1.2, postData).
type harPost struct {
	Type    string     `json:"mimeType"`
	Params  []harParam `json:"params,omitempty"`
	Text    string     `json:"text,omitempty"`
	Comment string     `json:"comment,omitempty"`
}

type harParam struct {
	harPair
	FileName string `json:"fileName,omitempty"`
	Type     string `json:"contentType,omitempty"`
}

// postOf reads a body that is a form, and is whole. All else is text, so that no byte is lost.
func postOf(contentType string, body []byte, s hub.Stream) *harPost {
	post := &harPost{Type: contentType, Comment: missing(s)}
	kind, parameters := mediaType(contentType)
	switch {
	case s.Cut:
	case kind == "application/x-www-form-urlencoded":
		pairs := formPairs(string(body))
		if strings.Count(string(body), "&")+1 == len(pairs) {
			for _, p := range pairs {
				post.Params = append(post.Params, harParam{harPair: p})
			}
		}
	case kind == "multipart/form-data":
		post.Params = partsOf(body, parameters["boundary"])
	}
	if post.Params == nil {
		post.Text = latin1(body)
	}
	return post
}

// partsOf are those of a multipart body, or nil where it is not one from its beginning to its end.
func partsOf(body []byte, boundary string) (params []harParam) {
	if boundary == "" {
		return nil
	}
	for reader := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := reader.NextRawPart() // as it is, also where Content-Transfer-Encoding says otherwise
		if err == io.EOF {
			return params
		}
		if err != nil {
			return nil
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil
		}
		params = append(params, harParam{harPair{part.FormName(), latin1(value)}, part.FileName(), part.Header.Get("Content-Type")})
	}
}

// formPairs reads a query, or a form that is written like one. What is not percent-encoded as it should be is left out.
func formPairs(text string) []harPair {
	pairs := []harPair{}
	for part := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if part != "" && err1 == nil && err2 == nil {
			pairs = append(pairs, harPair{latin1([]byte(n)), latin1([]byte(v))})
		}
	}
	return pairs
}
