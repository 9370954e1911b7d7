package load

import (
	"context"
	"net"
	"sync"
	"time"
)

// slowPace is how often a slow client sends a byte.
const slowPace = time.Second

// slowClients opens connections that send a request byte by byte, and returns when all are open. Where the server gives
// one up, it comes again. The returned function ends them, and waits for it.
func slowClients(ctx context.Context, p *Plan) (open int, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	opened := make(chan bool, p.Slow)
	var running sync.WaitGroup
	places := make(chan struct{}, dialsAtATime)
	for range p.Slow {
		running.Go(func() {
			places <- struct{}{}
			socket, err := dial(p)
			<-places
			opened <- err == nil
			for ctx.Err() == nil {
				if err == nil {
					trickle(ctx, socket, request(p))
				}
				if pause(ctx, slowPace); ctx.Err() == nil {
					socket, err = dial(p)
				}
			}
			if err == nil {
				socket.Close()
			}
		})
	}
	for range p.Slow {
		if <-opened {
			open++
		}
	}
	return open, func() { cancel(); running.Wait() }
}

// dialsAtATime keeps within the backlog of any server.
const dialsAtATime = 64

// trickle sends a byte at a time until all is sent, or the server has had enough.
func trickle(ctx context.Context, socket net.Conn, request []byte) {
	defer socket.Close()
	for i := range request {
		if _, err := socket.Write(request[i : i+1]); err != nil {
			return
		}
		if pause(ctx, slowPace); ctx.Err() != nil {
			return
		}
	}
	socket.SetReadDeadline(time.Now().Add(slowPace))
	socket.Read(make([]byte, 4<<10))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
