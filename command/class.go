package command

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
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
	s := &class.Server{Board: class.NewBoard(), Code: c.Code, Lang: c.Lang, Chapters: chapters, Hosts: reachable}
	address, page, stop, err := s.Serve(c.Listen)
	if err != nil {
		return err
	}
	defer stop()
	hosts := reachable(address)
	fmt.Println(tutorial.Say(c.Lang, "class-learners"))
	for _, host := range hosts {
		fmt.Printf("  glass learn --class %s --as NAME\n", class.JoinURL(host, c.Code))
	}
	fmt.Printf("%s\n  http://%s%s\n", tutorial.Say(c.Lang, "class-board"), hosts[0], page)
	ctx, cancel := interruptible()
	defer cancel()
	<-ctx.Done()
	return nil
}

// reachable are the addresses that learners can type.
func reachable(address net.Addr) (hosts []string) {
	listening := address.(*net.TCPAddr)
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
