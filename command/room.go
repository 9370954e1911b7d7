package command

import (
	"os"
	"time"

	"glasswsgi/server/front"
)

const (
	roomFiles = 8                     // that a signal may need at the same time: logs, the configuration, a Python that is asked for its version
	roomTries = 50                    // to have connections give way: new ones take what they leave
	roomPause = 20 * time.Millisecond // between two of them: a connection closes a little after it gave way
)

// withRoom does what opens files: at once, or, where connections hold every descriptor, when some have given way.
func (s *service) withRoom(do func()) {
	if hasRoom() {
		do()
		return
	}
	go func() {
		s.makeRoom()
		do()
	}()
}

// makeRoom has connections give way until there is room for files. It may wait, and gives up after a second.
func (s *service) makeRoom() {
	for try := 0; try < roomTries && !hasRoom(); try++ {
		for range roomFiles {
			s.giveWay()
		}
		time.Sleep(roomPause)
	}
}

// hasRoom says that files can be opened.
func hasRoom() bool {
	for range roomFiles {
		file, err := os.Open(os.DevNull)
		if err != nil {
			return !front.IsNoDescriptor(err)
		}
		defer file.Close()
	}
	return true
}
