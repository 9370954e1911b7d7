package cpython

// Read: Windows hands over no descriptors, and a worker there sends blocks.
func (r *fileReader) Read(b []byte) (int, error) { return r.channel.Read(b) }
