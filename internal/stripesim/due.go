package stripesim

import (
	"container/heap"
	"time"
)

// due is something that happens to id at a time, unless it no longer applies by then.
type due struct {
	at time.Time
	id string
	to string // endpoint, for deliveries
}

// dueHeap has the earliest on top, so that "is anything due?" costs nothing on each request.
type dueHeap struct{ list dueList }

func (h *dueHeap) add(d due) { heap.Push(&h.list, d) }

// next takes the earliest off when its time has come.
func (h *dueHeap) next(now time.Time) (due, bool) {
	if len(h.list) == 0 || h.list[0].at.After(now) {
		return due{}, false
	}
	return heap.Pop(&h.list).(due), true
}

// has tells whether something's time has come.
func (h *dueHeap) has(now time.Time) bool { return len(h.list) > 0 && !h.list[0].at.After(now) }

type dueList []due

func (l dueList) Len() int           { return len(l) }
func (l dueList) Less(i, j int) bool { return l[i].at.Before(l[j].at) }
func (l dueList) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

// Push implements heap.Interface.
func (l *dueList) Push(x any) { *l = append(*l, x.(due)) }

// Pop implements heap.Interface.
func (l *dueList) Pop() any {
	old := *l
	last := old[len(old)-1]
	*l = old[:len(old)-1]
	return last
}
