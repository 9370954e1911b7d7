package fasthttpd

import "iter"

// keptCoroutines is how many are kept for exchanges to come. A new one has a small stack, which the first call of an
// application would have to let grow, each time.
const keptCoroutines = 64

// coroutine runs the WSGI of one exchange after the other.
type coroutine struct {
	exchange *exchange
	yield    func([]byte) bool
	next     func() ([]byte, bool) // goes on until there is a block, or, with nil, the exchange is over
	stop     func()
}

func newCoroutine() *coroutine {
	k := &coroutine{}
	k.next, k.stop = iter.Pull(k.run)
	return k
}

func (k *coroutine) run(yield func([]byte) bool) {
	k.yield = yield
	for {
		k.exchange.err = k.exchange.respond()
		k.exchange = nil
		if !yield(nil) {
			return
		}
	}
}

// coroutineFor gives an exchange a coroutine.
func (s *Server) coroutineFor(x *exchange) (k *coroutine) {
	select {
	case k = <-s.coroutines:
	default:
		k = newCoroutine()
	}
	k.exchange = x
	return k
}

// keep takes back a coroutine whose exchange is over.
func (s *Server) keep(k *coroutine) {
	if !s.stopping.Load() {
		select {
		case s.coroutines <- k:
			return
		default:
		}
	}
	k.stop()
}

func (s *Server) stopCoroutines() {
	for {
		select {
		case k := <-s.coroutines:
			k.stop()
		default:
			return
		}
	}
}
