package cpython

// reserve holds nothing: Windows has no limit that connections could reach.
type reserve struct{}

func (*reserve) fill()    {}
func (*reserve) release() {}

func isNoDescriptor(error) bool { return false }
