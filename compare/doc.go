// Package compare sends one raw request to two servers and shows where they differ: in the bytes of the response, and,
// where both run the same application behind its recorder, in the environ and in the calls. Each difference comes with
// the rule that permits or forbids it, as far as rules.go knows one.
//
// In go raw requests and addresses; out come Answers, Records and Differences. `glass compare` prints them, and the
// page of `--inspect` shows those of a replay. Start reading at Send and Answers.
package compare
