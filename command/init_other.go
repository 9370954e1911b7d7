//go:build !linux

package command

func isInit() bool { return false } // containers are Linux

func beInit() error { return nil }

func takeOverFromInit() {}
