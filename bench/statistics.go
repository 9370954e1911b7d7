package bench

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// confidence is that of every interval.
const confidence = 0.95

// Estimate is a mean with the interval in which the true one lies with 95 % confidence, if rounds are alike.
type Estimate struct {
	Mean      float64
	Low, High float64 // as Mean where there is one round only: then nothing is known of the spread
	Rounds    int
}

// leastRounds are needed for an interval that tells something: that of two is 12.7 times as wide as they are apart.
const leastRounds = 3

// Known says whether the interval tells something.
func (e Estimate) Known() bool { return e.Rounds >= leastRounds }

// Steady says whether the interval is worth a reader's time: it does not reach beyond twice the mean.
func (e Estimate) Steady() bool { return e.Known() && e.High <= 2*e.Mean }

// Estimated is the mean of one metric over the rounds, with Student's interval.
func Estimated(values []float64) Estimate {
	n := len(values)
	if n == 0 {
		return Estimate{Mean: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	mean, variance := meanVariance(values)
	e := Estimate{Mean: mean, Low: mean, High: mean, Rounds: n}
	if n > 1 {
		half := student(float64(n-1)) * math.Sqrt(variance/float64(n))
		e.Low, e.High = mean-half, mean+half
	}
	return e
}

// student is the quantile of Student's distribution that both tails together leave. The tails beyond t hold
// I(freedom/2, 1/2), the regularized incomplete beta function, at freedom/(freedom+t²).
func student(freedom float64) float64 {
	x := mathext.InvRegIncBeta(freedom/2, 0.5, 1-confidence)
	return math.Sqrt(freedom * (1 - x) / x)
}

// meanVariance are the mean and the variance of a sample, the latter NaN where there is but one value.
func meanVariance(values []float64) (mean, variance float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(values)-1)
}

// Ratio compares two servers, round by round: what drifts from one round to the next drifts for both. It is the
// geometric mean, so that a / b is the inverse of b / a.
func Ratio(of, over map[int]float64) Estimate {
	var logs []float64
	for round, a := range of {
		if b, ok := over[round]; ok && a > 0 && b > 0 {
			logs = append(logs, math.Log(a/b))
		}
	}
	return exponential(Estimated(logs))
}

func exponential(e Estimate) Estimate {
	e.Mean, e.Low, e.High = math.Exp(e.Mean), math.Exp(e.Low), math.Exp(e.High)
	return e
}

// Change compares two reports, whose rounds have nothing in common: the ratio of the geometric means, with Welch's
// interval.
func Change(before, after []float64) Estimate {
	a, b := logarithms(before), logarithms(after)
	if len(a) == 0 || len(b) == 0 {
		return Estimated(nil)
	}
	meanA, varianceA := meanVariance(a)
	meanB, varianceB := meanVariance(b)
	e := Estimate{Mean: meanB - meanA, Low: meanB - meanA, High: meanB - meanA, Rounds: min(len(a), len(b))}
	if e.Known() {
		u, v := varianceA/float64(len(a)), varianceB/float64(len(b))
		if u+v > 0 {
			freedom := (u + v) * (u + v) / (u*u/float64(len(a)-1) + v*v/float64(len(b)-1))
			half := student(freedom) * math.Sqrt(u+v)
			e.Low, e.High = e.Mean-half, e.Mean+half
		}
	}
	return exponential(e)
}

func logarithms(values []float64) (logs []float64) {
	for _, v := range values {
		if v > 0 {
			logs = append(logs, math.Log(v))
		}
	}
	return logs
}

// variation is the coefficient of variation: the standard deviation as a share of the mean.
func variation(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	mean, variance := meanVariance(values)
	if mean == 0 {
		return 0
	}
	return math.Sqrt(variance) / mean
}
