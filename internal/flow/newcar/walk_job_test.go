package newcar_test

import (
	"strings"

	"forecourt/internal/payment"

	"pgregory.net/rapid"
)

// job runs one waiting job, and leaves it there when the worker died before it could say so.
func (w *walk) job(t *rapid.T) {
	jobs := w.waiting()
	if len(jobs) == 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	w.run(jobs[rapid.IntRange(0, len(jobs)-1).Draw(t, "job")], rapid.IntRange(0, 4).Draw(t, "again") == 0)
}

type walkJob struct {
	ID         int64
	Kind, Args string
}

func (w *walk) waiting() (out []walkJob) {
	w.must(w.k.DB.Read(w.ctx).Raw(`SELECT id, kind, args::text AS args FROM river_job WHERE id > ? AND kind IN ('sale.settle', 'sale.event') AND state = 'available' ORDER BY id`, w.jobs).Scan(&out).Error)
	return out
}

func (w *walk) run(j walkJob, again bool) {
	_, err := w.k.NewCar.RunJob(w.ctx, j.Kind, []byte(j.Args))
	if bankSaysNo(err) { // it will be tried again
		w.askBank()
		w.said["job failed"]++
		return
	}
	w.must(err)
	known := strings.Contains(j.Args, `"success": true`) && w.m.card != payment.Opening && w.m.card != payment.Open
	if !known {
		w.m.settle(w.now())
	}
	if !again {
		w.must(w.k.DB.Read(w.ctx).Exec(`DELETE FROM river_job WHERE id = ?`, j.ID).Error)
	}
	w.said["job"]++
}

// askBank tells the model what only the bank knows: that it did what it then failed to answer.
func (w *walk) askBank() {
	if l, ok := w.bank(); ok && l.Captured > 0 {
		w.m.taken = true
	}
}

func (w *walk) sweep(*rapid.T) {
	p := w.payment()
	due := !p.DueAt.IsZero() && !w.now().Before(p.DueAt)
	if err := w.k.NewCar.Sweep(w.ctx); err != nil {
		if !bankSaysNo(err) {
			w.t.Fatal(err)
		}
		due = false // the bank did not say: the payment stays where it is
		w.askBank()
	}
	w.m.sweep(w.now(), due)
	w.said["sweep"]++
}
