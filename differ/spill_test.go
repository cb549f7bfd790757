package differ

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/panics"
)

func TestSpillReadsBackWhatWasWritten(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := &spill{name: filepath.Join(t.TempDir(), "x"), keep: r.IntN(200)}
		var want []byte
		for range 40 {
			p := make([]byte, r.IntN(120))
			for i := range p {
				p[i] = byte(r.Uint32())
			}
			n, err := s.Write(p)
			require.NoError(t, err)
			require.Len(t, p, n)
			want = append(want, p...)
			require.EqualValues(t, len(want), s.size())

			from, length := r.IntN(len(want)+3), r.IntN(250)
			got, wanted := make([]byte, length), make([]byte, length)
			n, err = s.ReadAt(got, int64(from))
			wantedN, wantedErr := bytes.NewReader(want).ReadAt(wanted, int64(from))
			require.Equal(t, wantedN, n)
			require.Equal(t, wanted[:n], got[:n])
			if length > 0 {
				require.Equal(t, wantedErr, err)
			}
		}
		all, err := io.ReadAll(io.NewSectionReader(s, 0, s.size()))
		require.NoError(t, err)
		require.Equal(t, want, all)
		require.NoError(t, s.Close())
	}
}

func TestSpillMakesAFileWhenThereIsTooMuch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	s := &spill{name: name, keep: 10}
	write := func(n int) {
		t.Helper()
		_, err := s.Write(make([]byte, n))
		require.NoError(t, err)
	}
	write(4)
	write(6)
	require.NoFileExists(t, name)
	write(1)
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.EqualValues(t, 10, info.Size())
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
	write(500)
	require.Len(t, s.kept, 500, "what is longer than all that fits is written with what comes next")
	write(1)
	require.EqualValues(t, 512, s.size())
	require.NoError(t, s.Close())
	require.NoError(t, (*spill)(nil).Close())

	s = &spill{name: filepath.Join(t.TempDir(), "no", "such", "folder"), keep: 1}
	write(1)
	_, err = s.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.EqualValues(t, 1, s.size())
}

func TestSpillIsReadWhileItIsWritten(t *testing.T) {
	s := &spill{name: filepath.Join(t.TempDir(), "x"), keep: 100}
	const lines, width = 3_000, 8
	var reading panics.Group
	for range 3 {
		reading.Go(func() {
			for read := int64(0); read < lines; read = s.size() / width {
				if read == 0 {
					continue
				}
				got := make([]byte, width)
				at := rand.Int64N(read)
				_, err := s.ReadAt(got, at*width)
				if n, parsed := strconv.Atoi(string(got)); err != nil || parsed != nil || int64(n) != at+10_000_000 {
					t.Errorf("line %d: %q, %v", at, got, err)
					return
				}
			}
		})
	}
	for i := range lines {
		_, err := s.Write([]byte(strconv.Itoa(i + 10_000_000)))
		require.NoError(t, err)
	}
	reading.Wait()
	require.NoError(t, s.Close())
}
