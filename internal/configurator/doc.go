// Package configurator knows which choices go together: it completes a car, prices every choice on the
// page, says which two parts clash and offers the nearest car that keeps what the buyer just picked.
// It is pure and owns no tables; saved builds are stored by their owners as Encode writes them.
//
// A car has exactly one feature of each group but the options, of which it has any number. What its
// version has as standard and what its packs include is in the car at no price, counts for every rule,
// and is never part of a Selection. Of groups with one choice two things differ: a pack that includes
// such a feature insists on it, and a feature that is standard there is free when chosen, while another
// of the group may be chosen at its own price.
//
// A feature without a price is not sold in the market: rules lose it as a target, and a feature that
// no buildable car has is not offered at all, so that no page leads to a dead end.
//
// Every "cheapest" means the on-the-road total, duties included, and is exact.
package configurator
