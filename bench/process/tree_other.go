//go:build !linux

package process

// Tree is unknown here.
func Tree(int) (Usage, error) { return Usage{}, ErrUnknown }

// Split is unknown here.
func Split(int) (Parts, error) { return Parts{}, ErrUnknown }

// CPU is unknown here.
func CPU(int) (Usage, error) { return Usage{}, ErrUnknown }
