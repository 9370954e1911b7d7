package bench

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Noise tells how quiet the machine was.
type Noise struct {
	Load        float64   `json:"load"`        // the load average when it began
	Calibration []float64 `json:"calibration"` // seconds that the same work took, before each round
	Variation   float64   `json:"variation"`   // of these: the coefficient of variation
	Steal       float64   `json:"steal"`       // the share of CPU time that the hypervisor gave to others
}

// What is called noisy.
const (
	busyShare      = 0.25 // of the cores, as load average
	noisyVariation = 0.05
	noisySteal     = 0.01
	nearCeiling    = 0.9 // of the load generator's own
)

var work = sync.OnceValue(func() []byte { return make([]byte, 8<<20) })

// calibrate does the same work every time, and returns how long it took.
func calibrate() float64 {
	data := work()
	begun := time.Now()
	for range 4 {
		sum := sha256.Sum256(data)
		data[0] = sum[0] // so that nothing is left out
	}
	return time.Since(begun).Seconds()
}

// remarks say in words what the figures of noise mean.
func (n *Noise) remarks(cores int) (remarks []string) {
	if n.Load > busyShare*float64(cores) {
		remarks = append(remarks, fmt.Sprintf("The machine was busy when it began: load average %.2f on %d cores. Measure on an idle one.", n.Load, cores))
	}
	if n.Variation > noisyVariation {
		remarks = append(remarks, fmt.Sprintf("The machine is noisy: the same work took between rounds times that vary by %.1f %% (coefficient of variation; above %.0f %% small differences mean nothing).", 100*n.Variation, 100*noisyVariation))
	}
	if n.Steal > noisySteal {
		remarks = append(remarks, fmt.Sprintf("The hypervisor gave %.1f %% of the CPU time to other machines.", 100*n.Steal))
	}
	return remarks
}

// unsureRemarks explain the word, where it stands in a table.
func (r *Report) unsureRemarks() []string {
	for _, w := range r.Workloads {
		for _, row := range w.Body() {
			if slices.ContainsFunc(row, func(cell string) bool { return strings.HasSuffix(cell, unsure) }) {
				return []string{fmt.Sprintf("%s stands where no interval of confidence would tell anything: there are fewer than %d rounds, or the rounds differ so much that it would reach beyond twice the mean. More rounds (--rounds), longer ones (--duration) and a quiet machine help.",
					strings.TrimSpace(unsure), leastRounds)}
			}
		}
	}
	return nil
}

// nearTheCeiling names the servers that the load generator held back.
func (r *Report) nearTheCeiling() (remarks []string) {
	if r.Ceiling == 0 {
		return nil
	}
	for _, w := range r.Workloads {
		if w.App != "hello" || w.Close || w.Idle > 0 {
			continue
		}
		for _, server := range w.Servers {
			if rate := Estimated(w.values(server, "rate")).Mean; rate >= nearCeiling*r.Ceiling && server != "glass native" {
				remarks = append(remarks, fmt.Sprintf("%s, %s: %s requests/s is at least %.0f %% of what the load generator reaches against an application in Go (%s): the generator, which shares the cores, is the limit, and the server may be faster.",
					w.Title, server, writeCount(rate), 100*nearCeiling, writeCount(r.Ceiling)))
			}
		}
	}
	return remarks
}
