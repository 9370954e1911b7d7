package cpython_test

func alive(int) bool { return false }
