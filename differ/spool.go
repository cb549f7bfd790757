package differ

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"assetgraph/graph"
)

// A Spool keeps the elements that a run read, on disk when they are many, until they are compared and applied. Scopes may be filled
// from several goroutines at once.
type Spool struct {
	folder folder
	mu     sync.Mutex
	scopes map[graph.Scope]*spooled
	order  []*spooled // by number

	buffers sync.Pool // of *[]byte, at least one element long in most cases
}

// NewSpool makes a spool in a new folder below dir; "" is the system's temporary folder. The folder is readable by its
// owner alone and removed by Close. Folders of spools that were never closed, since their process was killed, are
// removed.
func NewSpool(dir string) (*Spool, error) {
	folder, err := newFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("differ: make spool: %w", err)
	}
	return &Spool{folder: folder, scopes: make(map[graph.Scope]*spooled), buffers: sync.Pool{New: func() any {
		buf := make([]byte, 4096)
		return &buf
	}}}, nil
}

// Add writes one sealed element to its scope and says where it lies. The element may be reused afterwards.
func (s *Spool) Add(e *graph.Element) (Ref, error) {
	f, err := s.scope(e.Type, e.Instance)
	if err != nil {
		return 0, err
	}
	return f.add(e)
}

// A Ref is the place of an element in its spool.
type Ref uint64

// A Ref is the number of the scope and, in the lower bits, the offset in its data file.
const refOffsetBits = 44

// Size returns how many bytes the elements of the scope take that were added before.
func (r Ref) Size() int64 { return int64(r & (1<<refOffsetBits - 1)) }

// Read decodes the element at ref into e. It may be called from several goroutines at once.
func (s *Spool) Read(ref Ref, e *graph.Element) error {
	number := int(ref >> refOffsetBits)
	s.mu.Lock()
	if number >= len(s.order) {
		s.mu.Unlock()
		return errCorruptSpool
	}
	f := s.order[number]
	s.mu.Unlock()
	_, err := f.readAt(ref.Size(), e)
	return err
}

// Close removes everything.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, f := range s.scopes {
		errs = append(errs, f.data.Close(), f.index.Close(), f.ops.Close())
	}
	s.scopes, s.order = nil, nil
	return errors.Join(append(errs, s.folder.remove())...)
}

func (s *Spool) scope(t *graph.Type, instance string) (*spooled, error) {
	sc := graph.Scope{Instance: instance, Type: t.Name}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.scopes[sc]; f != nil {
		return f, nil
	}
	name := filepath.Join(s.folder.path, strconv.Itoa(len(s.scopes)))
	f := &spooled{
		typ: t, number: len(s.order), name: name, buffers: &s.buffers,
		data: spill{name: name + ".data", keep: 1 << 16}, index: spill{name: name + ".index", keep: 1 << 15},
	}
	s.scopes[sc] = f
	s.order = append(s.order, f)
	return f, nil
}

// A spooled scope is the elements as graph.Element.AppendTo writes them, each behind its length in four bytes, and an
// index of their headers and places, so that comparing need not read the elements.
type spooled struct {
	typ         *graph.Type
	number      int
	name        string
	mu          sync.Mutex
	data, index spill
	ops         *spill // of the plan that was made last; nil while there is none
	size        int64  // bytes in data
	indexSize   int    // bytes in index
	count       int
	sum         graph.Sum // of the headers that were added
	scratch     []byte
	buffers     *sync.Pool // of *[]byte, for readAt
}

// lengthSize is the size of the length before each element.
const lengthSize = 4

func (f *spooled) add(e *graph.Element) (Ref, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := e.AppendTo(append(f.scratch[:0], 0, 0, 0, 0))
	length := len(b) - lengthSize
	binary.LittleEndian.PutUint32(b, uint32(length))
	ref := Ref(f.number)<<refOffsetBits | Ref(f.size)
	if _, err := f.data.Write(b); err != nil {
		return 0, fmt.Errorf("differ: write spool: %w", err)
	}
	f.sum.Add(graph.Header{Key: e.Key, Digest: e.Digest, Volatile: e.Volatile})
	b = appendEntry(b[:0], e, f.size+lengthSize, length)
	f.size += lengthSize + int64(length)
	f.indexSize += len(b)
	f.scratch = b
	f.count++
	if _, err := f.index.Write(b); err != nil {
		return 0, fmt.Errorf("differ: write spool: %w", err)
	}
	return ref, nil
}

// newOperations returns where the operations of a plan go. Those of an earlier plan are gone.
func (f *spooled) newOperations() *spill {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.ops.Close() // what was in it does not matter
	f.ops = &spill{name: f.name + ".ops", keep: 1 << 16}
	return f.ops
}

// sorted returns the scope's elements in key order, each key once, and how many keys came with different content.
func (f *spooled) sorted() (x *headerIndex, conflicts int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var raw strings.Builder
	raw.Grow(f.indexSize)
	if _, err := io.Copy(&raw, io.NewSectionReader(&f.index, 0, int64(f.indexSize))); err != nil {
		return nil, 0, fmt.Errorf("differ: read spool: %w", err)
	}
	return parseIndex(raw.String(), f.count)
}

// bytes is how many bytes the elements take.
func (f *spooled) bytes() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.size
}

// indexBytes is how much memory the index takes, about.
func (f *spooled) indexBytes() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(f.indexSize)
}

// is reports whether what was added is just what a seal says.
func (f *spooled) is(seal graph.Seal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count == seal.Count && f.sum == seal.Sum
}

var errCorruptSpool = errors.New("differ: the spool is damaged")

// read decodes the element at offset into out, reusing buf.
func (f *spooled) read(offset int64, length int, out *graph.Element, buf []byte) ([]byte, error) {
	buf = slices.Grow(buf[:0], length)[:length]
	if _, err := f.data.ReadAt(buf, offset); err != nil {
		return buf, fmt.Errorf("differ: read spool: %w", err)
	}
	return buf, out.Decode(f.typ, buf)
}

// readAt decodes the element whose length, which it returns, lies at offset.
func (f *spooled) readAt(offset int64, out *graph.Element) (length int, _ error) {
	buf := f.buffers.Get().(*[]byte)
	defer f.buffers.Put(buf)
	n, err := f.data.ReadAt(*buf, offset)
	if n < lengthSize {
		return 0, fmt.Errorf("differ: read spool: %w", err)
	}
	length = int(binary.LittleEndian.Uint32(*buf))
	if length+lengthSize > n {
		*buf, err = f.read(offset+lengthSize, length, out, *buf)
		return length, err
	}
	return length, out.Decode(f.typ, (*buf)[lengthSize:lengthSize+length])
}
