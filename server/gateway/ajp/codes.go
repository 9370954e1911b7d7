package ajp

// The headings in "AJP Protocol Reference - AJPv13".
const (
	specPacket   = `AJPv13 "Basic Packet Structure"`
	specRequest  = `AJPv13 "Request Packet Structure"`
	specResponse = `AJPv13 "Response Packet Structure"`
)

// Prefix codes: the first byte of a packet, but for those with content from the web server, which have none.
const (
	forwardRequest = 2
	sendBodyChunk  = 3
	sendHeaders    = 4
	endResponse    = 5
	getBodyChunk   = 6
	shutdown       = 7
	ping           = 8
	cPong          = 9
	cPing          = 10
)

const (
	headerSize  = 4 // 12 34, or "AB", and the length
	integerSize = 2
	nullString  = 0xFFFF // the length of a string that is not there
	codedName   = 0xA0   // the first byte of a name that is a code
	longestName = 0x9FFF
)

// methods are the codes of methods (AJPv13 "Request Packet Structure", "method").
var methods = [...]string{
	1: "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",
	"UNLOCK", "ACL", "REPORT", "VERSION-CONTROL", "CHECKIN", "CHECKOUT", "UNCHECKOUT", "SEARCH", "MKWORKSPACE", "UPDATE",
	"LABEL", "MERGE", "BASELINE-CONTROL", "MKACTIVITY",
}

// storedMethod is the code of a method that stands in the attribute stored_method.
const storedMethod = 0xFF

// requestNames are the codes of names of request headers, the second byte of them ("Headers").
var requestNames = [...]string{
	1: "accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "connection", "content-type",
	"content-length", "cookie", "cookie2", "host", "pragma", "referer", "user-agent",
}

// responseNames are those of response headers ("Send Headers").
var responseNames = [...]string{
	1: "Content-Type", "Content-Language", "Content-Length", "Date", "Last-Modified", "Location", "Set-Cookie",
	"Set-Cookie2", "Servlet-Engine", "Status", "WWW-Authenticate",
}

// Attribute codes ("Attributes").
const (
	attributeRequest = 0x0A // a name follows, before the value
	attributeKeySize = 0x0B // an integer
	attributesDone   = 0xFF
)

// attribute is what an attribute is called, and the variable that has its value, if there is one.
type attribute struct{ name, variable string }

// attributes are the attributes that there are. SSL_… are mod_ssl's names.
var attributes = map[byte]attribute{
	0x01:             {name: "context"},
	0x02:             {name: "servlet_path"},
	0x03:             {"remote_user", "REMOTE_USER"},
	0x04:             {"auth_type", "AUTH_TYPE"},
	0x05:             {"query_string", "QUERY_STRING"},
	0x06:             {name: "route"},
	0x07:             {"ssl_cert", "SSL_CLIENT_CERT"},
	0x08:             {"ssl_cipher", "SSL_CIPHER"},
	0x09:             {"ssl_session", "SSL_SESSION_ID"},
	attributeRequest: {name: "req_attribute"},
	attributeKeySize: {"ssl_key_size", "SSL_CIPHER_USEKEYSIZE"},
	0x0C:             {name: "secret"},
	0x0D:             {"stored_method", "REQUEST_METHOD"},
}
