package storefront_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

// A car's page shows its pictures, faults, inspection and past; its pictures are everybody's while it is offered, and nobody's before.
func TestAUsedCarShowsWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Draft)
	staff := sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}
	s.Photograph(staff, "U-7K2M9X")
	s.Inspect(staff, "U-7K2M9X", usedcars.Answers{"tyres": {Said: usedcars.Disclosed, Words: "3 mm left"}})
	s.Report(staff, "U-7K2M9X", usedcars.Report{Source: "Test register", Owners: 1, Readings: []usedcars.Reading{{On: "2023-05-02", Km: 9_000, Source: "service"}, {On: "2024-05-02", Km: 19_000, Source: "service"}}})
	shown := s.UsedPhoto("")
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.UsedCar.AddFaultTx(ctx, tx, staff, "U-7K2M9X", usedcars.Fault{Panel: "roof", Kind: "dent", MM: 12, Words: "above the door"}, &shown)
	})
	w, err := usedcars.WholeOf(s.DB.Read(t.Context()), "U-7K2M9X")
	must(t, err)
	first := fmt.Sprintf("/used-photo/%s/1-640.jpg", w.Photos[0].ID)
	fault := fmt.Sprintf("/used-photo/%s/1-320.jpg", w.Faults[0].Photo.ID)
	for _, address := range []string{first, fault, dusterSlug} {
		if a := s.get(address); a.status != 404 {
			t.Errorf("%s of a draft answers %d", address, a.status)
		}
	}
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.UsedCar.ListTx(ctx, tx, staff, "U-7K2M9X") })
	must(t, s.UsedCar.Shelf.Refresh(t.Context()))
	for _, address := range []string{first, fault} {
		if a := s.get(address); a.status != 200 || a.head.Get("Content-Type") != "image/jpeg" || !strings.Contains(a.head.Get("Cache-Control"), "immutable") {
			t.Errorf("%s answers %d, %v", address, a.status, a.head)
		}
	}
	for _, bad := range []string{strings.Replace(first, "1-640", "2-640", 1), strings.Replace(first, "640", "0", 1), strings.Replace(first, "1-640", "01-640", 1), strings.Replace(first, "640", "641", 1), "/used-photo/x/1-640.jpg", "/used-photo/" + string(id.New[id.UsedPhoto]()) + "/1-640.jpg"} {
		if a := s.get(bad); a.status != 404 {
			t.Errorf("%s answers %d", bad, a.status)
		}
	}
	a := s.page(dusterSlug)
	for _, want := range []string{"The car, front_left", "12 mm above the door", "Inspected by Owen Pryce", "20 of 21", "3 mm left", "Test register", "Photo of fault 1", "with 1 numbered marks", "3 readings"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Count(a.body, `loading="lazy"`) < 6 || strings.Contains(a.body, `class="stage hero"`) || !strings.Contains(a.body, `srcset="/used-photo/`) {
		t.Error("the pictures are not shown as they should be")
	}
	if strings.Count(a.body, "data-said=") != 6 || !strings.Contains(a.body, `data-said="Front left, picture 1 of 6"`) || !strings.Contains(a.body, `data-turn-bar hidden`) || strings.Count(a.body, "The car, side_left") != 1 {
		t.Error("the tour around the car is not what it should be")
	}
	if list := s.page("/dacia/gb/used"); !strings.Contains(list.body, first) {
		t.Error("the list does not show the first picture")
	}
	// Something turns up while somebody holds it: who comes next cannot have it.
	s.visitor()
	if a := s.post(dusterSlug+"/hold", keyed()); a.status != 303 {
		t.Fatalf("the button: %d", a.status)
	}
	hold := s.get(dusterSlug)
	s.Report(staff, "U-7K2M9X", usedcars.Report{Source: "Test register", Finance: true})
	s.Clock.Advance(time.Hour)
	must(t, s.UsedCar.Sweep(t.Context()))
	if a := s.get(dusterSlug); hold.status != 200 || a.status != 404 {
		t.Errorf("a car on which money is owed answers %d, held %d", a.status, hold.status)
	}
}

// The health of a battery is said of every car that has one, measured or not.
func TestABatteryIsSaidOfEitherWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	for key, fuel := range map[id.UsedCar]string{"U-7K2M9X": "electric", "U-7K2M9Y": "plugin", "U-7K2M9Z": "petrol"} {
		s.offer(key, "Duster", fuel, 1299000, usedcars.Listed)
		a := s.page("/dacia/gb/used/dacia-duster-2022-" + strings.ToLower(string(key)))
		if said := strings.Contains(a.body, "was not measured"); said != (fuel != "petrol") {
			t.Errorf("%s: not measured is said: %t", fuel, said)
		}
	}
}
