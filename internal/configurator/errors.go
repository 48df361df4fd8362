package configurator

import (
	"fmt"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Refusals. ErrUnknown, ErrTwoOfGroup, ErrTooMany and ErrMalformed answer what somebody typed into a
// URL; ErrRange means that the range itself can not be sold as written, ErrBudget that its rules are
// too tangled to be compiled, ErrHeld that what is held leaves no car.
var (
	ErrUnknown    = fault.New(fault.Invalid, "fault.feature_unknown", "configurator")
	ErrTwoOfGroup = fault.New(fault.Invalid, "fault.feature_twice", "configurator")
	ErrTooMany    = fault.New(fault.Invalid, "fault.feature_too_many", "configurator")
	ErrMalformed  = fault.New(fault.Invalid, "fault.build_malformed", "configurator.Decode")
	ErrIncomplete = fault.New(fault.Invalid, "fault.car_incomplete", "configurator")
	ErrClash      = fault.New(fault.Invalid, "fault.features_clash", "configurator")
	ErrHeld       = fault.New(fault.Conflict, "fault.feature_held", "configurator")
	ErrRange      = fault.New(fault.Internal, "fault.range_not_buildable", "configurator.Compile")
	ErrBudget     = fault.New(fault.Internal, "fault.range_too_large", "configurator.Compile")
)

// Clash says what does not go together, exactly, and the least that has to change.
type Clash struct {
	Feature id.Feature        // what was asked for; empty when the picks clash among themselves or at the gate
	Leaving bool              // it was asked to be left out
	Picks   []id.Feature      // the smallest set of the buyer's own picks that Feature clashes with; ~code is one left out
	Rules   []*catalogue.Rule // the rules behind it, none to spare
	Hold    *Hold             // why it cannot be had at all, when it is held

	Repair      Selection    // picks after the change that gives up the fewest; empty at the gate and when nothing helps
	RepairTotal money.Money  // of the cheapest car with them, on the road
	Drops       []id.Feature // picks that the change gives up
	Adds        []id.Feature // what comes into the car beside Feature
	Leaves      []id.Feature // options that leave the car beside Drops
}

// Error is for logs; pages say it in the reader's language.
func (c *Clash) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "configurator: %s clashes with %v", c.Feature, c.Picks)
	for _, r := range c.Rules {
		fmt.Fprintf(&b, "; %s %s %v", r.If, r.Kind, r.Any)
	}
	return b.String()
}

// Unwrap makes a clash a refusal of the buyer's input.
func (c *Clash) Unwrap() error { return ErrClash }

// Because is the product office's sentence for the first rule that has one.
func (c *Clash) Because() catalogue.Words {
	for _, r := range c.Rules {
		if len(r.Because) > 0 {
			return r.Because
		}
	}
	return nil
}
