package load

import "math"

// chunks reads a chunked body (RFC 9112 §7.1) as its bytes come.
type chunks struct {
	expect uint8
	digits bool  // of a size have come
	size   int64 // that is being read, or what is left of the chunk
}

// What must come next.
const (
	chunkSize    uint8 = iota // 1*HEXDIG; then CR, or an extension
	chunkExt                  // anything, until CR
	chunkSizeLF               // then the data, or behind the last chunk the trailer section
	chunkData                 // size bytes
	chunkCR                   // behind the data
	chunkLF                   // then the next size
	trailerStart              // CR is the end
	trailerLine               // anything, until LF
	lastLF
)

// take hands the content to accept, and says when the body is complete.
func (c *chunks) take(data []byte, accept func([]byte) error) (rest []byte, done bool, err error) {
	for len(data) > 0 {
		if c.expect == chunkData {
			n := min(int64(len(data)), c.size)
			if err := accept(data[:n]); err != nil {
				return nil, false, err
			}
			if c.size -= n; c.size == 0 {
				c.expect = chunkCR
			}
			data = data[n:]
			continue
		}
		done, ok := c.step(data[0])
		if !ok {
			return nil, false, errChunks
		}
		if data = data[1:]; done {
			return data, true, nil
		}
	}
	return nil, false, nil
}

// step takes a byte that is no content.
func (c *chunks) step(b byte) (done, ok bool) {
	switch c.expect {
	case chunkSize:
		return false, c.sizeByte(b)
	case chunkExt:
		if b == '\r' {
			c.expect = chunkSizeLF
		}
		return false, b != '\n'
	case chunkSizeLF:
		c.expect = chunkData
		if c.size == 0 {
			c.expect = trailerStart
		}
		return false, b == '\n'
	case chunkCR:
		c.expect = chunkLF
		return false, b == '\r'
	case chunkLF:
		*c = chunks{expect: chunkSize}
		return false, b == '\n'
	case trailerStart:
		if c.expect = trailerLine; b == '\r' {
			c.expect = lastLF
		}
		return false, b != '\n'
	case trailerLine:
		if b == '\n' {
			c.expect = trailerStart
		}
		return false, true
	}
	return true, b == '\n'
}

// sizeByte is one of the line of a size.
func (c *chunks) sizeByte(b byte) bool {
	digit := int64(-1)
	switch {
	case '0' <= b && b <= '9':
		digit = int64(b - '0')
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		digit = int64(b|0x20-'a') + 10
	case b == '\r':
		c.expect = chunkSizeLF
		return c.digits
	case b == ';' || b == ' ' || b == '\t':
		c.expect = chunkExt
		return c.digits
	}
	if digit < 0 || c.size > math.MaxInt64>>4 {
		return false
	}
	c.size, c.digits = c.size<<4|digit, true
	return true
}
