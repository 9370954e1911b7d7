package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"glasswsgi/bench/load"
)

// GeneratorCommand is the hidden command of glass that is the load generator.
const GeneratorCommand = "bench-load"

// generate runs a plan in a process of its own. begun is called when the warm-up is over, or all idle connections are
// open.
func (o *Options) generate(ctx context.Context, plan load.Plan, begun func()) (*load.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, plan.WarmUp+2*plan.Duration+generatorGrace)
	defer cancel()
	command := exec.CommandContext(ctx, o.Glass, GeneratorCommand)
	var messages bytes.Buffer
	command.Stderr = &messages
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("the load generator: %w", err)
	}
	result, err := converse(in, out, plan, begun)
	in.Close()
	if waited := command.Wait(); waited != nil {
		err = errors.Join(ctx.Err(), fmt.Errorf("the load generator ended: %w\n%s", waited, messages.Bytes()))
	}
	return result, err
}

// generatorGrace is for what a load waits for beyond its time: an open loop that has fallen behind, the last answers.
const generatorGrace = 90 * time.Second

func converse(in io.WriteCloser, out io.Reader, plan load.Plan, begun func()) (*load.Result, error) {
	if err := json.NewEncoder(in).Encode(plan); err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(out); ; {
		var event load.Event
		if err := decoder.Decode(&event); err != nil {
			return nil, err
		}
		if event.Begun {
			begun()
			in.Close() // idle connections are not needed any more
		}
		if event.Result != nil {
			return event.Result, nil
		}
	}
}
