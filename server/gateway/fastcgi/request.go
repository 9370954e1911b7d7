package fastcgi

import "glasswsgi/server/gateway/token"

// AppendRequest appends a whole request, as a web server sends it: the variables in one FCGI_PARAMS stream, the content in
// one FCGI_STDIN stream, each ended by an empty record.
func AppendRequest(b []byte, id uint16, keep bool, variables []token.Variable, content []byte) []byte {
	b = AppendBeginRequest(b, id, Responder, keep)
	var params []byte
	for _, v := range variables {
		params = AppendPair(params, v.Name, v.Value)
	}
	b = AppendStream(b, Params, id, params)
	b = AppendRecord(b, Params, id, nil)
	b = AppendStream(b, Stdin, id, content)
	return AppendRecord(b, Stdin, id, nil)
}
