package id

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
	"time"
)

// lastTime is that of the last key that this process made, in 4096ths of a millisecond.
var lastTime atomic.Int64

// New makes a key of any of the key types: a UUID of version 7 (RFC 9562), so that keys sort by the time they were made, those
// of one process without exception.
func New[T ~string]() T {
	var b [16]byte
	_, _ = rand.Read(b[8:]) // it never fails
	at := nextTime(time.Now())
	binary.BigEndian.PutUint64(b[:8], uint64(at>>12)<<16|7<<12|uint64(at&0xfff))
	b[8] = b[8]&0x3f | 0x80
	return T(Text(b))
}

// nextTime is now, or a little later than the last one when that is not over.
func nextTime(now time.Time) int64 {
	ns := now.UnixNano()
	at := ns/1e6<<12 | ns%1e6<<12/1e6
	for {
		last := lastTime.Load()
		if at = max(at, last+1); lastTime.CompareAndSwap(last, at) {
			return at
		}
	}
}

// IsKey tells whether s has the form of a key, so that a wrong URL never reaches the database.
func IsKey(s string) bool { _, ok := Bytes(s); return ok }

// Bytes are the sixteen bytes of a key; false when s has not its form.
func Bytes(s string) (b [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return b, false
	}
	_, err := hex.Decode(b[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:]))
	return b, err == nil
}

// Text writes the sixteen bytes of a key.
func Text(b [16]byte) string {
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
