package class

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"glasswsgi/tutorial"
)

// Client is a learner's side of the board. Reports are sent in the background, the newest only: the course goes on as it
// would without a class.
type Client struct {
	url    string
	client http.Client
	queue  chan Report
	done   chan struct{} // Run has ended
	reply  func(Reply)
	failed func(error)
	lang   string // of errors
}

const (
	sendTimeout = 5 * time.Second
	mostReply   = 4 << 10
)

// Join checks the URL that the instructor gave. reply is called with each answer, and failed when the board cannot be
// reached or refuses, once until it works again.
func Join(address, lang string, reply func(Reply), failed func(error)) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return nil, fmt.Errorf(tutorial.Say(lang, "class-write"), address)
	}
	return &Client{
		url: strings.TrimRight(address, "/") + "/report", client: http.Client{Timeout: sendTimeout},
		queue: make(chan Report, 1), done: make(chan struct{}), reply: reply, failed: failed, lang: lang,
	}, nil
}

// Send gives a report to the sender. One that still waits is replaced: it is old.
func (c *Client) Send(r Report) {
	for {
		select {
		case c.queue <- r:
			return
		default:
		}
		select {
		case <-c.queue:
		default:
		}
	}
}

// Run sends what is given to Send, one after the other, until Close.
func (c *Client) Run() {
	defer close(c.done)
	down := false
	for r := range c.queue {
		reply, err := c.Post(context.Background(), r)
		if err == nil {
			c.reply(reply)
		} else if !down {
			c.failed(err)
		}
		down = err != nil
	}
}

// Close sends a last report behind those that wait, and ends Run when it is sent: an older one must not come after it.
// Nothing may be sent afterwards.
func (c *Client) Close(last Report) {
	c.Send(last)
	close(c.queue)
	<-c.done
}

// ErrUnreachable is that of a board that is not there, or not any more.
var ErrUnreachable = errors.New("the class board cannot be reached")

type unreachable struct{ error }

func (unreachable) Is(target error) bool { return target == ErrUnreachable }

// Post sends one report now.
func (c *Client) Post(ctx context.Context, r Report) (reply Reply, err error) {
	text, err := json.Marshal(r)
	if err != nil {
		return reply, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(text))
	if err != nil {
		return reply, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return reply, unreachable{fmt.Errorf(tutorial.Say(c.lang, "class-unreachable"), err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostReply))
	switch {
	case err != nil:
		return reply, err
	case response.StatusCode != http.StatusOK:
		return reply, fmt.Errorf(tutorial.Say(c.lang, "class-says"), strings.TrimSpace(string(body)))
	}
	return reply, json.Unmarshal(body, &reply)
}
