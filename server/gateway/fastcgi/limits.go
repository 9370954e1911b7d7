package fastcgi

const (
	// LargestContent is the most that a record of ours carries: contentLength is 16 bits, and the specification
	// recommends multiples of eight bytes (§3.3).
	LargestContent = 65535 &^ 7

	// mostValueBytes is the longest content of FCGI_GET_VALUES; the three names that there are need 50 bytes.
	mostValueBytes = 1 << 10
)
