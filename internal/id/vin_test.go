package id_test

import (
	"testing"

	"forecourt/internal/id"
)

func TestOnlyAmericanVINsAreDoubtedForTheirCheckDigit(t *testing.T) {
	t.Parallel()
	for vin, want := range map[string]bool{
		"11111111111111111": false, "1M8GDM9AXKP042788": false, "5GZCZ43D13S812715": false, "1HGCM82633A004352": false, // the regulation's and others in use
		"1HGCM82633A004353": true, "1M8GDM9A1KP042788": true, "5GZCZ43D13S812751": true, "4T1BE32K25U000000": true,
		"VF1RJA00X74471902": false, "UU1RJU00X247K2M9X": false, "WVWZZZ1JZ3W386752": false, // Europe reckons none
		"3VWFE21C04M000001": false, "": false, "1HGCM82633A00435": false, "1HGCM82633A00435O": false,
	} {
		if got := id.DoubtfulVIN(vin); got != want {
			t.Errorf("%q is doubted: %v", vin, got)
		}
	}
}
