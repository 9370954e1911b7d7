package command

import (
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// tellManager tells the service manager how glass is, where there is one (sd_notify(3)). systemd does so without a flag
// for a service of Type=notify or notify-reload.
func (s *service) tellManager(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("the service manager cannot be told how glass is", "state", state, "error", err)
	}
}

// watchdog ticks as often as the service manager must hear of glass, so that it restarts one that hangs (WatchdogSec=).
// Without such a manager it never ticks.
func (s *service) watchdog() *time.Ticker {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		s.log.Warn("the service manager's watchdog is not served", "error", err)
	}
	if err != nil || interval == 0 {
		ticker := time.NewTicker(time.Hour)
		ticker.Stop()
		return ticker
	}
	return time.NewTicker(interval / 2) // half of it, as sd_watchdog_enabled(3) recommends
}
