package newcar_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"time"

	"forecourt/internal/document/pack"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/talk"
	"forecourt/internal/testkit"
)

// talkedAbout is an order about which the dealer asked, the buyer answered, and both wrote, one with a picture.
func talkedAbout(k *testkit.Kit) *ordering.Order {
	k.T.Helper()
	o := k.Buy()
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AskBuyerTx(ctx, tx, leedsStaff, o.Number, "Is the tow bar a must?")
	})
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ReplyTx(ctx, tx, o.ID, "Yes, a caravan.") })
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AcceptTx(ctx, tx, leedsStaff, o.Number)
	})
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.WriteTx(ctx, tx, o.ID, "Where do I park?", nil)
	})
	var b bytes.Buffer
	must(k, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 6)), nil))
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AnswerTx(ctx, tx, leedsStaff, o.Number, "Behind the hall.", &photo.Photo{JPEG: b.Bytes(), Width: 8, Height: 6})
	})
	return k.Order(o.ID)
}

func packOf(k *testkit.Kit, o *ordering.Order) (pack.Report, map[string][]byte) {
	k.T.Helper()
	files, _, err := k.NewCar.EvidenceOf(k.T.Context(), o)
	must(k, err)
	seal, err := pack.NewKey([]byte(strings.Repeat("s", 32)))
	must(k, err)
	raw, err := seal.Seal(o.Number, k.Clock.Now(), files)
	must(k, err)
	r, err := pack.Check(raw, nil)
	must(k, err)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(k, err)
	out := map[string][]byte{}
	for _, f := range z.File {
		rc, err := f.Open()
		must(k, err)
		out[f.Name], err = io.ReadAll(rc)
		must(k, err)
		rc.Close()
	}
	return r, out
}

func TestThePackHoldsWhatWasWritten(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := talkedAbout(k)
	r, files := packOf(k, o)
	if !r.OK() || r.Messages != 4 {
		t.Errorf("%+v", r)
	}
	told := string(files[pack.TalkName])
	for _, want := range []string{"Is the tow bar a must?", "Yes, a caravan.", "Where do I park?", "Behind the hall.", `"file": "talk/002.jpg"`} {
		if !strings.Contains(told, want) {
			t.Errorf("the pack lacks %q", want)
		}
	}
	if len(files["talk/002.jpg"]) == 0 {
		t.Error("the pack lacks the picture")
	}
	for name, change := range map[string]func(files []pack.File){
		"other words":   func(fs []pack.File) { swap(fs, pack.TalkName, "Behind the hall.", "Before the hall.") },
		"other picture": func(fs []pack.File) { swap(fs, "talk/002.jpg", "\xff\xd8", "\xff\xd9") },
	} {
		fs, _, err := k.NewCar.EvidenceOf(t.Context(), o)
		must(k, err)
		change(fs)
		seal, _ := pack.NewKey([]byte(strings.Repeat("s", 32)))
		raw, err := seal.Seal(o.Number, k.Clock.Now(), fs)
		must(k, err)
		if r, err := pack.Check(raw, nil); err != nil || r.OK() {
			t.Errorf("%s: nothing is found", name)
		}
	}
}

func swap(fs []pack.File, name, old, new string) {
	for i := range fs {
		if fs[i].Name == name {
			before := fs[i].Data
			if fs[i].Data = bytes.Replace(before, []byte(old), []byte(new), 1); bytes.Equal(before, fs[i].Data) {
				panic("nothing to change in " + name)
			}
		}
	}
}

// The words of an order that is over go when the market's time to keep them is over, and not a day before; those of an
// order that goes on stay.
func TestWordsAreErasedAfterTheirTime(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	over, goesOn := talkedAbout(k), talkedAbout(k)
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, over.ID) })
	_, before := packOf(k, over)
	mk, _ := k.World.Now().Market("gb")
	ends := k.Clock.Now().AddDate(0, mk.WordsKept("2026-11-30"), 0)
	k.Clock.Advance(ends.Add(-24 * time.Hour).Sub(k.Clock.Now()))
	must(k, k.NewCar.ForgetWords(t.Context()))
	if n := kept(k, over.ID); n != 3 {
		t.Fatalf("%d texts a day before the end, want 3", n)
	}
	k.Clock.Advance(25 * time.Hour)
	must(k, k.NewCar.ForgetWords(t.Context()))
	must(k, k.NewCar.ForgetWords(t.Context())) // twice is once
	if n, others := kept(k, over.ID), kept(k, goesOn.ID); n != 0 || others != 3 {
		t.Fatalf("%d texts are left of the order that is over, %d of the other", n, others)
	}
	r, after := packOf(k, over)
	if !r.OK() || r.Messages != 4 {
		t.Errorf("%+v", r)
	}
	told := string(after[pack.TalkName])
	for _, gone := range []string{"tow bar", "caravan", "park", "hall", "talk/002.jpg"} {
		if strings.Contains(told, gone) {
			t.Errorf("the pack still holds %q", gone)
		}
	}
	for _, line := range strings.Split(string(before[pack.TalkName]), "\n") {
		if strings.Contains(line, `"sha256"`) && !strings.Contains(told, strings.Trim(strings.TrimSpace(line), ",")) {
			t.Errorf("a hash is gone: %s", line)
		}
	}
	ms, err := talk.Of(k.DB.Read(t.Context()), over.ID)
	must(k, err)
	if len(ms) != 2 || !ms[0].Erased || ms[1].Photo {
		t.Errorf("the thread: %+v", ms)
	}
	var audits int
	_, err = db.One(k.DB.Read(t.Context()), &audits, `SELECT count(*) FROM audit_log WHERE action = 'order.erase_words' AND subject = ?`, "order:"+string(over.ID))
	must(k, err)
	if audits != 1 {
		t.Errorf("%d rows in the audit", audits)
	}
	if err := k.DB.Read(t.Context()).Exec(`UPDATE messages SET body = 'forged' WHERE order_id = ?`, goesOn.ID).Error; err == nil {
		t.Error("a message can be changed")
	}
	if err := k.DB.Read(t.Context()).Exec(`UPDATE messages SET body = '', erased_at = now(), body_hash = sha256('other') WHERE order_id = ?`, goesOn.ID).Error; err == nil {
		t.Error("a message can be erased to another hash")
	}
}

// kept counts what can still be read of what people wrote about an order.
func kept(k *testkit.Kit, o id.Order) (n int) {
	k.T.Helper()
	_, err := db.One(k.DB.Read(k.T.Context()), &n, `SELECT (SELECT count(*) FROM messages WHERE order_id = @o AND body <> '')
		+ (SELECT count(*) FROM queue_questions WHERE order_id = @o AND question <> '')`, map[string]any{"o": o})
	must(k, err)
	return n
}
