package diagram

// siftBlocks takes runs of neighbouring levels through the diagram together, as sift does with single
// variables: some moves only pay when kin go along.
func (f *forest) siftBlocks(length int32, slack float64) error {
	for _, v := range append([]int32(nil), f.vars...) {
		at := f.at[v]
		if f.unique[v].count == 0 || at+length > int32(len(f.vars)) || f.unique[f.vars[at+length-1]].count == 0 {
			continue
		}
		b := block{forest: f, at: at, length: length, slack: slack, best: f.size, home: at}
		if err := b.settle(); err != nil {
			return err
		}
	}
	return nil
}

// block is a run of levels on its way through the others.
type block struct {
	*forest
	at, length int32 // its first level, its number of levels
	slack      float64
	best       int
	home       int32
	err        error
}

func (b *block) settle() error {
	last := int32(len(b.vars)) - b.length
	upFirst := b.at <= last/2
	for turn := range 2 {
		if (turn == 0) == upFirst {
			for b.at > 0 && b.canLift() && !b.lift() {
			}
		} else {
			for b.at < last && b.canSink() && !b.sink() {
			}
		}
	}
	for b.at < b.home {
		b.sink()
	}
	for b.at > b.home {
		b.lift()
	}
	return b.err
}

// lift exchanges the block with the level above it; it answers true when going on is no use.
func (b *block) lift() bool {
	for l := b.at - 1; l < b.at+b.length-1; l++ {
		b.swap(l)
	}
	b.at--
	return b.judge()
}

// sink exchanges the block with the level below it.
func (b *block) sink() bool {
	for l := b.at + b.length - 1; l >= b.at; l-- {
		b.swap(l)
	}
	b.at++
	return b.judge()
}

func (b *block) judge() bool {
	if b.err == nil && b.size < b.best {
		b.best, b.home = b.size, b.at
	}
	if b.err == nil {
		b.err = b.meter.add(0)
	}
	return b.err != nil || b.size > b.best+400 && float64(b.size) > b.slack*float64(b.best)
}

func (b *block) canLift() bool { return b.err == nil && b.roomFor(b.vars[b.at-1]) }
func (b *block) canSink() bool { return b.err == nil && b.roomFor(b.vars[b.at+b.length]) }

// roomFor tells whether exchanging the block with v cannot pass the limit.
func (b *block) roomFor(v int32) bool {
	grown := b.live
	for l := b.at; l < b.at+b.length; l++ {
		u := b.vars[l]
		grown += b.unique[u].count*int(b.width[v]) + b.unique[v].count*int(b.width[u])
	}
	return grown <= b.limit*2/3
}
