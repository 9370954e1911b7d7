//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// libpython is CPython's C API, as far as it is used here: https://docs.python.org/3/c-api/. Each field is a function of
// that name. All but PyGILState_Ensure and PyEval_RestoreThread are for a thread that holds the interpreter's lock (GIL).
type libpython struct {
	handle uintptr

	setProgramName, initialize, finalize       uintptr
	ensure, release, saveThread, restoreThread uintptr
	runString, addModule, getAttribute         uintptr
	callObject, newTuple, setItem, newFunction uintptr
	callNothing, isCallable                    uintptr
	bytesFrom, bytesOf, longFrom, longOf       uintptr
	viewOf                                     uintptr
	increment, decrement, printError, none     uintptr
}

// object is a PyObject *, and a reference to it.
type object = uintptr

// load opens the library. Its symbols are for all: extension modules look for them.
func load(path string) (*libpython, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("CPython's library cannot be loaded: %w", err)
	}
	p := &libpython{handle: handle}
	var initConfig, preInitialize uintptr
	for name, symbol := range map[string]*uintptr{
		"PyPreConfig_InitPythonConfig": &initConfig, "Py_PreInitialize": &preInitialize,
		"Py_SetProgramName": &p.setProgramName, "Py_InitializeEx": &p.initialize, "Py_FinalizeEx": &p.finalize,
		"PyGILState_Ensure": &p.ensure, "PyGILState_Release": &p.release,
		"PyEval_SaveThread": &p.saveThread, "PyEval_RestoreThread": &p.restoreThread,
		"PyRun_SimpleString": &p.runString, "PyImport_AddModule": &p.addModule, "PyObject_GetAttrString": &p.getAttribute,
		"PyObject_CallObject": &p.callObject, "PyObject_CallNoArgs": &p.callNothing, "PyCallable_Check": &p.isCallable,
		"PyTuple_New": &p.newTuple, "PyTuple_SetItem": &p.setItem,
		"PyCFunction_NewEx": &p.newFunction, "PyBytes_FromStringAndSize": &p.bytesFrom, "PyBytes_AsStringAndSize": &p.bytesOf,
		"PyMemoryView_FromMemory": &p.viewOf, "PyLong_FromLong": &p.longFrom, "PyLong_AsLong": &p.longOf,
		"Py_IncRef": &p.increment, "Py_DecRef": &p.decrement, "PyErr_Print": &p.printError, "_Py_NoneStruct": &p.none,
	} {
		if *symbol, err = purego.Dlsym(handle, name); err != nil {
			return nil, fmt.Errorf("%s is no CPython that --in-process knows: %w", path, err)
		}
	}
	return p, preConfigure(initConfig, preInitialize)
}

// status is a PyStatus.
type status struct {
	kind   int32 // 0: well
	_, why *byte // the function, and what it says
	_      int32 // the exit code
}

// preConfigure has text be UTF-8 where Python as a program has it so, which an embedded one would not.
func preConfigure(initConfig, preInitialize uintptr) error {
	var apply func(config *[256]byte) status // a PyPreConfig has some 40 bytes
	purego.RegisterFunc(&apply, preInitialize)
	config := new([256]byte)
	call(initConfig, uintptr(unsafe.Pointer(config)))
	if s := apply(config); s.kind != 0 {
		return errors.New("CPython cannot be initialized: " + textAt(s.why))
	}
	return nil
}

// start initializes the interpreter of a program, without its signal handlers. The calling thread becomes Python's main
// thread, and holds the lock.
func (p *libpython) start(program string) {
	programName = append([]rune(program), 0) // a wchar_t has four bytes
	call(p.setProgramName, uintptr(unsafe.Pointer(&programName[0])))
	call(p.initialize, 0)
}

var programName []rune // Python keeps a pointer to it

// define runs a source, and returns a function that it defines.
func (p *libpython) define(source, name string) (object, error) {
	if call(p.runString, uintptr(unsafe.Pointer(cText(source)))) != 0 {
		return 0, errors.New("CPython does not run the source of a worker")
	}
	module := call(p.addModule, uintptr(unsafe.Pointer(cText("__main__"))))
	return call(p.getAttribute, module, uintptr(unsafe.Pointer(cText(name)))), nil
}

// apply calls a function with arguments that it takes over. 0: it raised, and that is printed.
func (p *libpython) apply(function object, arguments ...object) object {
	tuple := call(p.newTuple, uintptr(len(arguments)))
	for i, argument := range arguments {
		call(p.setItem, tuple, uintptr(i), argument)
	}
	result := call(p.callObject, function, tuple)
	call(p.decrement, tuple)
	if result == 0 {
		call(p.printError)
	}
	return result
}

func (p *libpython) newBytes(b []byte) object {
	return call(p.bytesFrom, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
}

// newView makes a memoryview of memory that stays where it is.
func (p *libpython) newView(memory []byte) object {
	const writable = 0x200 // PyBUF_WRITE
	return call(p.viewOf, uintptr(unsafe.Pointer(&memory[0])), uintptr(len(memory)), writable)
}

func (p *libpython) newLong(n int) object { return call(p.longFrom, uintptr(n)) }

// without lets go of the lock for a while.
func (p *libpython) without(do func()) {
	state := call(p.saveThread)
	do()
	call(p.restoreThread, state)
}

func (p *libpython) newNone() object {
	call(p.increment, p.none)
	return p.none
}

func (p *libpython) long(o object) int { return int(call(p.longOf, o)) }

// bytes are those of a bytes object, and valid as long as it lives.
func (p *libpython) bytes(o object) []byte {
	out := new(struct {
		first *byte
		size  int
	})
	if int32(call(p.bytesOf, o, uintptr(unsafe.Pointer(&out.first)), uintptr(unsafe.Pointer(&out.size)))) != 0 {
		return nil
	}
	return unsafe.Slice(out.first, out.size)
}

// call calls a function of C that takes numbers and addresses only.
//
//go:uintptrescapes
func call(function uintptr, arguments ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(function, arguments...)
	return result
}

// cText is text as C has it.
func cText(text string) *byte { return &append([]byte(text), 0)[0] }

func textAt(text *byte) string {
	if text == nil {
		return "it does not say why"
	}
	size := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(text), size)) != 0 {
		size++
	}
	return string(unsafe.Slice(text, size))
}
