package wsgi

// Watcher sees the conversation between a server and an application as it goes on. Each method returns before the next
// thing happens, and may block it.
type Watcher interface {
	Called()                                            // the application callable is about to be called
	Started(status string, headers []Header, err error) // it called start_response, which returned err
	Returned(iterable Iterable)                         // it has returned
	Yielded(block []byte)                               // the iterable yielded a block
	Wrote(block []byte)                                 // it called write()
	Closes()                                            // close() is about to be called
}

// Run is the conversation with an application about one request, the whole of PEP 3333 "The Server/Gateway Side": call the
// callable, iterate what it returns, close it. Every server holds it like this, whatever its bytes look like: they come in
// as the environ, and leave through the Assembler of the response.
//
// failed is why the response is not whole. unclosed is what close() raised, which cannot change the response any more.
func Run(application Application, environ *Environ, response *Response) (failed, unclosed error) {
	response.watch.Called()
	iterable, err := application.Call(environ, response.StartResponse)
	if err != nil {
		return err, nil
	}
	defer func() {
		response.watch.Closes()
		unclosed = iterable.Close() // whatever became of the response
	}()
	response.watch.Returned(iterable)
	response.size = iterable.Size()
	if err := response.sendFile(iterable); err != nil {
		return err, nil
	}
	for block, err := range iterable.Chunks() {
		if err != nil {
			return err, nil
		}
		response.watch.Yielded(block)
		if err := response.Write(block); err != nil {
			return err, nil
		}
	}
	return response.Finish(), nil
}

// unwatched is the Watcher where there is none.
type unwatched struct{}

func (unwatched) Called()                         {}
func (unwatched) Started(string, []Header, error) {}
func (unwatched) Returned(Iterable)               {}
func (unwatched) Yielded([]byte)                  {}
func (unwatched) Wrote([]byte)                    {}
func (unwatched) Closes()                         {}
