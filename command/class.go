package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
	"glasswsgi/tutorial/learn"
)

// classCommand is `glass class`: the board of a room.
type classCommand struct {
	Listen string `required:"" placeholder:"ADDR" help:"Where learners reach the board: 10.0.0.5:7000, or :7000 for every address of this machine."`
	Code   string `placeholder:"CODE" help:"The class code, which is a part of the learners' URL: letters and digits. (a new one)"`
	Lang   string `enum:"en,zh" default:"en" help:"The language of the board: en or zh. (${default})"`
}

// Validate is called by kong before Run.
func (c *classCommand) Validate() error {
	for _, r := range c.Code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return errors.New("--code is made of the letters a to z and digits")
		}
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q: write HOST:PORT, or :PORT for every address of this machine", c.Listen)
	}
	return nil
}

// Run shows the board until it is interrupted.
func (c *classCommand) Run() error {
	chapters, err := tutorial.Load()
	if err != nil {
		return err
	}
	if c.Code == "" {
		c.Code = class.NewCode()
	}
	s := &class.Server{Board: class.NewBoard(), Code: c.Code, Lang: c.Lang, Chapters: chapters}
	address, token, stop, err := s.Serve(c.Listen)
	if err != nil {
		return err
	}
	defer stop()
	hosts := reachable(address.(*net.TCPAddr))
	fmt.Println(tutorial.Say(c.Lang, "class-learners"))
	for _, host := range hosts {
		fmt.Printf("  glass learn --class http://%s/%s --as NAME\n", host, c.Code)
	}
	fmt.Printf("%s\n  http://%s/?token=%s\n", tutorial.Say(c.Lang, "class-board"), hosts[0], token)
	ctx, cancel := interruptible()
	defer cancel()
	<-ctx.Done()
	return nil
}

// reachable are the addresses that learners can type.
func reachable(listening *net.TCPAddr) (hosts []string) {
	port := strconv.Itoa(listening.Port)
	if !listening.IP.IsUnspecified() {
		return []string{net.JoinHostPort(listening.IP.String(), port)}
	}
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && network.IP.To4() != nil {
			hosts = append(hosts, net.JoinHostPort(network.IP.String(), port))
		}
	}
	return append(hosts, net.JoinHostPort("127.0.0.1", port))
}

// join is a learner's way into a class: what the board may know is sent after each attempt.
func (c *learnCommand) join(ctx context.Context, course *learn.Course) (report func(context.Context) error, err error) {
	if c.Class == "" {
		return nil, nil
	}
	take := func(r class.Reply) { course.SetPace(r.Pace) }
	client, err := class.Join(c.Class, course.Lang(), take, func(err error) {
		fmt.Fprintf(os.Stderr, tutorial.Say(course.Lang(), "class-lost"), err)
	})
	if err != nil {
		return nil, err
	}
	now := func() class.Report {
		s := course.Standing()
		return class.Report{
			Name: c.As, Key: s.Key, Unit: s.Unit, Passed: s.Passed, Attempts: s.Attempts,
			Mistake: s.Mistake, Same: s.Same, Done: s.Done, Status: s.Status,
		}
	}
	fmt.Printf(tutorial.Say(course.Lang(), "class-joined")+"\n", c.As)
	events, stop := course.Listen()
	context.AfterFunc(ctx, stop)
	go client.Run(ctx)
	go func() {
		client.Send(now())
		for {
			select {
			case <-ctx.Done():
				return
			case <-events:
				client.Send(now())
			}
		}
	}()
	return func(ctx context.Context) error {
		reply, err := client.Post(ctx, now())
		if err == nil {
			take(reply)
		}
		return err
	}, nil
}
