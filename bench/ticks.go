package bench

import (
	"math"
	"strconv"
	"strings"
)

// tick is a value of an axis that is written, and where it stands: from 0 to 1 of the axis.
type tick struct {
	at    float64
	label string
}

// fewTicks is how many an axis has at the most, without its 0.
const fewTicks = 5

// linearTicks are at multiples of 1, 2 or 5 times a power of ten.
func linearTicks(most float64, write func(float64) string) (ticks []tick) {
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{0.1, 0.2, 0.5, 1} {
		if most/(step*part) <= fewTicks+1e-9 {
			step *= part
			break
		}
	}
	for i := 0; float64(i)*step <= most*(1+1e-9); i++ {
		label := "0"
		if i > 0 {
			label = short(write(float64(i) * step))
		}
		ticks = append(ticks, tick{float64(i) * step / most, label})
	}
	return ticks
}

// logTicks are the 1 and 3 of each power of ten between two times.
func logTicks(low, high float64) (ticks []tick) {
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, digit := range []float64{1, 3} {
			if value := digit * math.Pow(10, power); value >= low && value <= high {
				ticks = append(ticks, tick{math.Log(value/low) / math.Log(high/low), short(writeTime(value))})
			}
		}
	}
	return ticks
}

// nines is the last percentile that is drawn, as the axis of percentiles counts: 99.99.
const nines = 4.0

// percentileTicks are those of an axis that counts nines, and ends after so many.
func percentileTicks(end float64) (ticks []tick) {
	for _, t := range []tick{{0, "0 %"}, {math.Log10(2), "50 %"}, {1, "90 %"}, {2, "99 %"}, {3, "99.9 %"}, {nines, "99.99 %"}} {
		if t.at <= end {
			ticks = append(ticks, tick{t.at / end, t.label})
		}
	}
	return ticks
}

// short leaves out decimals that are 0.
func short(label string) string {
	number, unit, spaced := strings.Cut(label, " ")
	if whole, decimals, found := strings.Cut(number, "."); found {
		if decimals = strings.TrimRight(decimals, "0"); decimals != "" {
			decimals = "." + decimals
		}
		number = whole + decimals
	}
	if spaced {
		number += " " + unit
	}
	return number
}

func decimal(v float64) string { return strconv.FormatFloat(rounded(v), 'f', -1, 64) }
