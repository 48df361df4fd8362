package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars/intake"
)

// At the command line a file goes the same way: its columns told where no word says them, looked at, carried out.
func TestAFileOfCarsAtTheCommandLine(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	scope := intake.Scope{Actor: "system", Dealer: testkit.Leeds}
	path := filepath.Join(t.TempDir(), "cars.csv")
	text := "Chassis number,Make,Model,Body,Fuel,Gearbox,Colour,Doors,Seats,BHP,CO2,Euro class,First registration,Mileage,Owners,Wert,VAT\nUU1RJU00X24000001,Dacia,Duster,SUV,Petrol,Manual,Grey,5,5,130,120,6d,02/05/2023,25476,1,15990,margin\nUU1RJU00X24000002,Dacia\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for columns, want := range map[string]string{"Wert=gold": "there is no such field", "Chassis number=": "say which with -column", "Price=price": "the file has the columns"} {
		if _, err := takeStock(t.Context(), k.UsedCar, scope, path, []string{columns}); err == nil || !strings.Contains(fileFault(err, stockFaults).Error(), want) {
			t.Errorf("%s: %v", columns, err)
		}
	}
	key, err := takeStock(t.Context(), k.UsedCar, scope, path, []string{"Wert=price"})
	if err == nil {
		err = throughStock(t.Context(), k.UsedCar, scope, key, "looked at")
	}
	if err == nil {
		err = k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.UsedCar.ApplyStockTx(ctx, tx, scope, key) })
	}
	if err == nil {
		err = throughStock(t.Context(), k.UsedCar, scope, key, "carried out")
	}
	if err == nil {
		err = tellStock(t.Context(), k.DB, scope, key, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := intake.Of(k.DB.Read(t.Context()), scope.Dealer, key)
	if err != nil || f.State != intake.Done || f.Counts[intake.New] != 1 || f.Counts[intake.Rejects] != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}
