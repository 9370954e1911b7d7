package command

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// config is what the flags say to the front.
func (c *serveCommand) config(l logs) (config front.Config, err error) {
	limits := parser.DefaultLimits
	limits.RequestLine, limits.Fields = c.LimitRequestLine, c.LimitRequestFields
	limits.FieldSize, limits.HeaderSection = c.headerLimits()
	limits.Body = c.LimitRequestBody
	config = front.Config{
		Software:     software,
		Limits:       limits,
		ReadTimeout:  time.Duration(c.ReadTimeout),
		WriteTimeout: time.Duration(c.WriteTimeout),
		KeepAlive:    orNone(time.Duration(c.KeepAlive)),

		MaxConnections: orNone(c.LimitConnections),
		ProxyProtocol:  c.ProxyProtocol,
		StreamChunked:  c.StreamChunked,
		MaxSpool:       orNone(c.LimitRequestSpool),

		Debug:  c.Debug,
		Errors: l.errors,
		Log:    l.messages,
	}
	if config.TrustedProxies, err = parseNetworks("--forwarded-allow-ips", c.ForwardedAllowIPs); err != nil {
		return config, err
	}
	if config.ProxyAllowFrom, err = parseNetworks("--proxy-allow-from", c.ProxyAllowFrom); err != nil {
		return config, err
	}
	if c.Trace != "" {
		if config.Observer, err = inspect.Trace(string(c.Trace), os.Stdout); err != nil {
			return config, err
		}
	}
	if c.StepTimes != "" {
		config.Observer = c.stopwatch()
	}
	if l.access != nil {
		if config.Access, err = front.AccessLog(l.access, c.AccessLogformat); err != nil {
			return config, err
		}
	}
	return config, nil
}

// headerLimits are the limits of a field line and of all of them. A line that may be so long must fit.
func (c *serveCommand) headerLimits() (line, section int) {
	if c.LimitRequestFieldSize == 0 {
		return largestSection, largestSection
	}
	return c.LimitRequestFieldSize, max(c.LimitRequestSection, min(c.LimitRequestFieldSize+parser.DefaultLimits.FieldSize, largestSection))
}

// orNone is how a flag's 0, which means none, is said in a front.Config, where 0 is the default.
func orNone[T int | int64 | time.Duration](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// options is what the flags say to the runtime.
func (c *serveCommand) options(output *os.File, log *slog.Logger) options {
	o := runtimeOptions(c.workerFlags, c.callFlags, output, log)
	o.lint, o.inProcess = c.Lint, c.InProcess
	return o
}

// runtimeOptions is what every command says that serves.
func runtimeOptions(w workerFlags, t callFlags, output *os.File, log *slog.Logger) options {
	return options{
		timeout: time.Duration(t.Timeout), graceful: time.Duration(t.GracefulTimeout), start: cmp.Or(time.Duration(t.StartTimeout), -1),
		maxRequests: w.MaxRequests, maxJitter: w.MaxRequestsJitter, maxMemory: int64(w.MaxWorkerMemory) << 20, preload: w.Preload,
		output: output, log: log,
	}
}

// parseNetworks reads a flag that says who is trusted.
func parseNetworks(flag string, list []string) (prefixes []netip.Prefix, err error) {
	for _, item := range list {
		if item == "*" {
			prefixes = append(prefixes, netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))
			continue
		}
		if address, err := netip.ParseAddr(item); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(strings.TrimSpace(item))
		if err != nil {
			return nil, fmt.Errorf("%s: %q is neither an address, nor a network such as 10.0.0.0/8, nor *", flag, item)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}
