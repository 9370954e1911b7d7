package wsgi

// SetSize is what Run does with the size of the iterable.
func (r *Response) SetSize(n int64) { r.size = n }
