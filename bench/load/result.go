package load

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histogram counts microseconds, from one to two minutes, with an error below 0.1 %.
const (
	unit             = time.Microsecond
	longest          = 2 * time.Minute
	significantDigit = 3
)

// Latencies are how long answers took.
type Latencies struct{ *hdrhistogram.Histogram }

// NewLatencies are none.
func NewLatencies() Latencies {
	return Latencies{hdrhistogram.New(1, int64(longest/unit), significantDigit)}
}

// Add counts one; what is beyond the longest counts as the longest.
func (l Latencies) Add(d time.Duration) {
	l.RecordValue(min(max(int64((d+unit/2)/unit), 1), int64(longest/unit)))
}

// At is the latency that this share of the answers, 0 to 1, did not exceed.
func (l Latencies) At(quantile float64) time.Duration {
	if quantile >= 1 {
		return time.Duration(l.Max()) * unit
	}
	return time.Duration(l.ValueAtQuantile(quantile*100)) * unit
}

// MarshalText writes the histogram in the compressed format of HdrHistogram, which other tools read.
func (l Latencies) MarshalText() ([]byte, error) {
	return l.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText reads it.
func (l *Latencies) UnmarshalText(text []byte) (err error) {
	if l.Histogram, err = hdrhistogram.Decode(text); err != nil {
		return fmt.Errorf("a histogram of latencies: %w", err)
	}
	return nil
}

// Result is what a load did.
type Result struct {
	Answers   int64            `json:"answers"` // with status 200 and the whole content
	Bytes     int64            `json:"bytes"`   // of content, in both directions
	Elapsed   time.Duration    `json:"elapsed"`
	Latencies Latencies        `json:"latencies"`
	Errors    map[string]int64 `json:"errors,omitempty"`
	CPU       time.Duration    `json:"cpu"`            // of the generator
	Late      time.Duration    `json:"late,omitempty"` // of an open loop: p99 of how late a free connection asked
	Held      int              `json:"held,omitempty"` // connections that the server still kept
	Note      string           `json:"note,omitempty"`
}

func newResult() Result {
	return Result{Latencies: NewLatencies(), Errors: map[string]int64{}}
}

// add takes what another part of the same load did.
func (r *Result) add(other Result) {
	r.Answers += other.Answers
	r.Bytes += other.Bytes
	r.Latencies.Merge(other.Latencies.Histogram)
	for kind, count := range other.Errors {
		r.Errors[kind] += count
	}
}

// count takes one answer, or the error that came instead of it.
func (r *Result) count(latency time.Duration, content int64, err error) {
	if err != nil {
		r.Errors[kindOf(err)]++
		return
	}
	r.Answers++
	r.Bytes += content
	r.Latencies.Add(latency)
}
