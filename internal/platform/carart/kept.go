package carart

import "sync"

// halfPlates is half of what drawn plates may hold in bytes. They are kept in two generations: when the young
// one is full the old one goes, and what is asked for often is carried over.
const halfPlates = 8 << 20

type plateShelf struct {
	mu         sync.Mutex
	young, old map[Plate][]byte
	bytes      int
}

var plates = plateShelf{young: map[Plate][]byte{}}

func (s *plateShelf) get(p Plate) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.young[p]; ok {
		return b, true
	}
	b, ok := s.old[p]
	if ok {
		s.add(p, b)
	}
	return b, ok
}

func (s *plateShelf) put(p Plate, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(p, b)
}

func (s *plateShelf) add(p Plate, b []byte) {
	if _, there := s.young[p]; there || len(b) > halfPlates {
		return
	}
	if s.bytes+len(b) > halfPlates {
		s.old, s.young, s.bytes = s.young, map[Plate][]byte{}, 0
	}
	s.young[p] = b
	s.bytes += len(b)
}
