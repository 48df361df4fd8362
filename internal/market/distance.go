package market

// Distances are told in a market's unit and kept in kilometres or metres. A mile is the international one of 1,609,344 mm
// (Weights and Measures Act 1985, schedule 1).

// MilesToKm is so many miles in kilometres, half up.
func MilesToKm(n int) int { return (n*1_609_344 + 500_000) / 1_000_000 }

// Miles tells whether the market counts in miles.
func (m *Market) Miles() bool { return m.Distance == "mi" }

// Km is so many of the market's unit in kilometres, half up.
func (m *Market) Km(n int) int {
	if m.Miles() {
		return MilesToKm(n)
	}
	return n
}

// Metres is so many of the market's unit in metres, half up.
func (m *Market) Metres(n int64) int64 {
	if m.Miles() {
		return (n*1_609_344 + 500) / 1000
	}
	return n * 1000
}
