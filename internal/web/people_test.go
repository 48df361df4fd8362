package web

import "testing"

func TestAPhoneNumberIsDialledWithoutItsBlanksAndReadOnOneLine(t *testing.T) {
	t.Parallel()
	for written, want := range map[string][2]string{
		"01632 960110":      {"01632960110", "01632\u00a0960110"},
		"+49 (341) 55.00-1": {"+4934155001", "+49\u00a0(341)\u00a055.00-1"},
	} {
		if got := [2]string{tel(written), unbroken(written)}; got != want {
			t.Errorf("%s: %q, want %q", written, got, want)
		}
	}
}
