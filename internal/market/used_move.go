package market

// UsedMove is a band of the fee for bringing a used car to another dealer: up to so many kilometres, as the crow flies. It
// costs FeeMinor, with VAT, and the car is there within Days days of the order.
type UsedMove struct {
	ToKm     int   `yaml:"to_km" json:"to_km"`
	FeeMinor int64 `yaml:"fee_minor" json:"fee_minor"`
	Days     int   `yaml:"days" json:"days"`
}

// MoveOver is the band of a distance; false where no car is brought so far.
func (u Used) MoveOver(metres int64) (UsedMove, bool) {
	for _, b := range u.Moves {
		if metres <= int64(b.ToKm)*1000 {
			return b, true
		}
	}
	return UsedMove{}, false
}

// usedMoves: each band is farther than the one before, and neither cheaper nor quicker.
func (c checker) usedMoves(list []UsedMove, in func(string) []string) {
	last := UsedMove{Days: 1}
	for _, b := range list {
		c.Between(int64(b.ToKm), int64(last.ToKm)+1, 2000, in("moves")...)
		c.Between(b.FeeMinor, last.FeeMinor, 2000_00, in("moves")...)
		c.Between(int64(b.Days), int64(last.Days), 60, in("moves")...)
		last = b
	}
}
