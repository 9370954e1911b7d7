// What an application must not say in the head of its response. In glass: runtime/wsgi/contract.go
package main

import (
	"fmt"
	"regexp"
	"strings"
)

var validStatus = regexp.MustCompile(`^[2-5][0-9]{2} [^\x00-\x08\x0a-\x1f\x7f]*$`)

// hopByHop are the fields about the connection, which is the server's (PEP 3333 "Other HTTP Features").
var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// checkHead refuses what would become another field, or another response.
func checkHead(status string, headers fields) error {
	if !validStatus.MatchString(status) {
		return fmt.Errorf("the application must not send the status %q", status)
	}
	for _, h := range headers {
		if !token.MatchString(h.name) || control.MatchString(h.value) || hopByHop[strings.ToLower(h.name)] {
			return fmt.Errorf("the application must not send the field %q: %q", h.name, h.value)
		}
	}
	return nil
}
