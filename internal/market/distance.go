package market

import "forecourt/internal/platform/i18n"

// Distances are told in a market's unit and kept in kilometres or metres. A mile is the international one of 1,609,344 mm
// (Weights and Measures Act 1985, schedule 1).

// MilesToKm is so many miles in kilometres, half up.
func MilesToKm(n int) int { return (n*1_609_344 + 500_000) / 1_000_000 }

// Unit is how the market measures distances.
func (m *Market) Unit() i18n.Unit {
	if m.Distance == string(i18n.Miles) {
		return i18n.Miles
	}
	return i18n.Kilometres
}

// Miles tells whether the market counts in miles.
func (m *Market) Miles() bool { return m.Unit() == i18n.Miles }

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
