package command

import (
	"context"
	"log/slog"

	"glasswsgi/inspect/hub"
	"glasswsgi/server/front"
)

// debug starts the faces of the debugger that were asked for.
func (c *serveCommand) debug(f front.Front, log *slog.Logger) error {
	watched, ok := f.(hub.Observed)
	if c.hub == nil || !ok {
		return nil
	}
	c.hub.Watch(watched)
	if c.DAP != "" {
		var err error
		if c.editors, err = listenDAP(string(c.DAP), c.hub, log); err != nil {
			return err
		}
	}
	if c.Step {
		return stepAlong(context.Background(), c.hub, log)
	}
	return nil
}

func (c *serveCommand) stopDebugging() {
	if c.editors != nil {
		c.editors.Close()
	}
	c.hub.Close()
}
