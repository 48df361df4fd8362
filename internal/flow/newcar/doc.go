// Package newcar sells new cars: from a build to a draft, a basket at a dealer's desk, an order with a card deposit, the
// factory's stages and the preparation, and changes of the car on the way. What every sale does, whatever is sold, is
// package sale. One file is one use case.
package newcar
