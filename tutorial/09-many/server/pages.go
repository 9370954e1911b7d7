// An application: pages for this server. In glass: examples/hello.py, examples/stream.py
package main

import (
	"fmt"
	"time"
)

// pages says hello. /count has a hundred blocks, and makes each when it is asked for.
func pages(e environ, start startResponse) iterable {
	path := e["PATH_INFO"].(string)
	if path == "/raise" {
		panic("the application broke")
	}
	start("200 OK", fields{{"Content-Type", "text/plain"}}, nil)
	switch path {
	case "/count":
		return iterable{-1, func(yield func([]byte)) {
			for number := 0; number < 100; number++ {
				yield([]byte(fmt.Sprintf("number %d\n", number)))
				time.Sleep(time.Second / 10)
			}
		}}
	case "/blocks":
		return iterable{-1, func(yield func([]byte)) {
			yield([]byte("chunk 0\n"))
			yield([]byte("chunk 1\n"))
		}}
	}
	page := []byte("hello " + path + "\n")
	return iterable{len(page), func(yield func([]byte)) { yield(page) }}
}
