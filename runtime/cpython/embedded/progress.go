package embedded

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"
)

// report tells progress how much is unpacked, until it is stopped. On a terminal the figure counts up in one line.
// Where there is a folder already, all is unpacked, or another process says how far it is: nothing is said, however long a
// busy machine takes to look.
func report(folder string, progress io.Writer) (stop func(done bool)) {
	if builds, _ := filepath.Glob(filepath.Join(folder, build+"-*", "lib")); progress == nil || len(builds) > 0 {
		return func(bool) {}
	}
	end, ended := make(chan bool), make(chan struct{})
	go func() {
		defer close(ended)
		tell(folder, progress, end)
	}()
	return func(done bool) {
		end <- done
		<-ended
	}
}

func tell(folder string, progress io.Writer, end <-chan bool) {
	select {
	case <-end:
		return
	case <-time.After(quietTime):
	}
	const text = "unpacking " + name + ", once"
	if file, ok := progress.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		fmt.Fprintf(progress, "%s: %d MB into %s\n", text, unpackedSize>>20, folder)
		<-end
		return
	}
	for {
		fmt.Fprintf(progress, "\r%s: %3d of %d MB", text, sizeOf(folder)>>20, unpackedSize>>20)
		select {
		case <-end:
			fmt.Fprintf(progress, "\r%s: done%-20s\n", text, "")
			return
		case <-time.After(progressInterval):
		}
	}
}

// sizeOf adds up what is unpacked of this build.
func sizeOf(folder string) (size int64) {
	builds, _ := filepath.Glob(filepath.Join(folder, build+"-*"))
	for _, home := range builds {
		filepath.WalkDir(home, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // it is only a figure
			}
			if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				size += info.Size()
			}
			return nil
		})
	}
	return size
}
