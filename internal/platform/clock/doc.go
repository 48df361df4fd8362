// Package clock is the one source of time for rules: injected everywhere, so that a demo world or a test can move it. Nothing
// outside the platform calls time.Now for a decision; internal/arch looks.
//
// System is the machine's clock, Manual stands still until a test moves it, and a demo's runs ahead by what was jumped.
package clock
