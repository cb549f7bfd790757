package rest

import (
	"errors"
	"io"
	"os"
	"slices"
	"sync"
)

const (
	firstRead = 64 << 10 // bytes that are read before more memory is asked for
	maxKept   = 32 << 20 // bytes of a body above which its memory is not used again
	maxRoutes = 64       // routes whose size is remembered
)

// A bodies keeps buffers of one instance's answers for the next ones: most answers are pages of one list, each as large
// as the one before.
type bodies struct {
	free sync.Pool // of *[]byte, for as long as the garbage collector leaves them

	mu    sync.Mutex
	sizes map[string]int // of the last answer that was longer than firstRead, by route
}

func newBodies() *bodies { return &bodies{sizes: make(map[string]int)} }

// read reads r to its end, or one byte more than limit, by which the caller sees that there is too much.
func (b *bodies) read(r io.Reader, route string, length, limit int64) ([]byte, error) {
	body := b.borrow(min(length, limit) + 1)
	for r = io.LimitReader(r, limit+1); ; {
		if len(body) == cap(body) {
			if len(body) >= maxKept {
				return readLarge(body, r)
			}
			body = b.grow(body, route)
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			b.remember(route, len(body))
			return body, nil
		}
		if err != nil {
			return body, err
		}
	}
}

// readLarge reads the rest of an answer of unknown length into a temporary file first, and from there into memory of
// the right size: a buffer that is doubled again and again would need three times the memory. Where no file can be
// made, it is doubled all the same.
func readLarge(body []byte, r io.Reader) ([]byte, error) {
	f, err := os.CreateTemp("", "assetgraph-answer-") // readable for its owner alone
	if err != nil {
		rest, err := io.ReadAll(r)
		return append(body, rest...), err
	}
	defer func() { _, _ = f.Close(), os.Remove(f.Name()) }() // for systems on which an open file keeps its name
	_ = os.Remove(f.Name())
	n, err := io.Copy(f, r)
	if err != nil {
		return body, err
	}
	whole := append(make([]byte, 0, int64(len(body))+n), body...)
	_, err = io.ReadFull(io.NewSectionReader(f, 0, n), whole[len(body):cap(whole)])
	return whole[:cap(whole)], err
}

// borrow returns an empty slice with room for length bytes, if that is known, and one for firstRead at least.
func (b *bodies) borrow(length int64) []byte {
	if kept, ok := b.free.Get().(*[]byte); ok && int64(cap(*kept)) >= length {
		return (*kept)[:0]
	}
	return make([]byte, 0, max(length, firstRead))
}

// grow makes room for what the route answered the last time, or twice as much as there is.
func (b *bodies) grow(body []byte, route string) []byte {
	b.mu.Lock()
	last := b.sizes[route]
	b.mu.Unlock()
	return slices.Grow(body, max(last+last/16+1, 2*len(body))-len(body))
}

func (b *bodies) remember(route string, size int) {
	if size <= firstRead {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.sizes[route]; known || len(b.sizes) < maxRoutes {
		b.sizes[route] = size
	}
}

// Release hands a body back that Get or Post returned; its memory is used for another answer. It is for the caller to
// see that nothing refers to it any more. Bodies that are not handed back are the caller's for good.
func (c *Client) Release(body []byte) {
	if cap(body) >= firstRead && cap(body) <= maxKept {
		c.bodies.free.Put(&body)
	}
}
