// Package clock is the one source of time for rules: injected everywhere, so that a demo
// world or a test can move it. Nothing outside the platform calls time.Now for a decision.
package clock
