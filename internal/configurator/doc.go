// Package configurator knows which choices go together: it completes a car, prices every choice on the
// page, says exactly why something cannot be had and what is the least to change. It is pure and owns
// no tables; saved builds are stored by their owners as Encode writes them, published ranges by world.
//
// # From rules to a diagram
//
// A range is written by the product office: groups of one choice (version, engine, colour, upholstery,
// wheels), options and packs, rules between them, and price lists kept apart. For one market and one
// day it becomes a plan: a variable for each group and each option, and rules over them. A feature that
// something can bring for free has two values, paid for and free, so that the price of a car is a sum
// over values. Package diagram compiles the plan; Publish does so ahead, Open lays a price list over
// what was published. Two plans of the same structure share a diagram: its signature counts features
// and rules. Of prices it only knows whether a feature of a group of one choice that can come for free
// costs anything at all.
//
// # What a price can be
//
// The diagram adds up. What adds up is a weight of a value: list prices, duties on an engine. What does
// not add up is either written as a variable with a rule, or applied after:
//
//   - a bundle price is a pack: an option that includes others, with a price of its own;
//   - a free colour on one version is standard on it: the free value of the colour;
//   - a price that depends on two choices at once is an option that the two require, or a table of
//     allowed combinations with a feature for each price;
//   - a duty that is a share of the price (desk.go): engines that pay the same are a class, within which a
//     dearer car pays more; each class is asked by sums, and the answers are compared with their shares;
//   - a percentage on the total, a voucher, a part-exchange and VAT contained in a price are applied to
//     the finished quote (package pricing): they keep the order of totals, so "from" stays the least;
//   - limits on a sum (weight, power) are not expressed; they would be tables over what adds up.
//
// # Picks
//
// What the buyer picked is kept apart from what fills the rest of the car as cheaply as possible. A
// choice's From is the total of the cheapest car after the click, and the page behind the click shows
// exactly that. Among equally dear cars the one that the range lists first is taken.
//
// What its version has as standard and what its packs include is in the car at no price, counts for
// every rule, and is never part of a Build's Selection. Of groups of one choice two things differ: a
// pack that includes such a feature insists on it, and a feature that is standard there is free when
// chosen, while another of the group may be chosen at its own price.
//
// A feature without a price is not sold in the market: rules lose it as a target, and a feature that no
// buildable car has is not offered at all, so that no page leads to a dead end. A feature that is held
// (out of stock, not this week) is a mask laid over the diagram at query time.
//
// # The gate
//
// Check reads the range's own rules before an order and knows nothing of the diagram: a mistake there
// cannot sell a car that cannot be built.
package configurator
