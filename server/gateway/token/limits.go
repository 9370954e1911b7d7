package token

// Limits bound what a peer can make the server keep in memory. A limit that is zero or less means the default, except
// for Content, where zero means that there is none.
type Limits struct {
	Variables int   // of a request; 431 beyond
	Head      int   // bytes of all names and values together; 431 beyond
	Content   int64 // bytes of the content; 413 beyond
}

// The web server has limits of its own for what a client sends, and adds some thirty variables to it. These are beyond
// what nginx, Apache and lighttpd let pass with their defaults: 32 KiB, 100 fields of 8 KiB, and 8 KiB of fields.
const (
	mostVariables     = 500
	largestHead       = 128 << 10
	largestKeptBuffer = 128 << 10 // of a connection between two requests
)

// OrDefaults replaces the limits that were left out.
func (l Limits) OrDefaults() Limits {
	if l.Variables <= 0 {
		l.Variables = mostVariables
	}
	if l.Head <= 0 {
		l.Head = largestHead
	}
	return l
}
