package collectors_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestWordsAreKeptOnce(t *testing.T) {
	var w collectors.Words
	require.Zero(t, w.Keep(""))
	require.Empty(t, w.Text(0))
	a, b := w.Keep("HEALTHY"), w.Keep("UNHEALTHY")
	require.NotEqual(t, a, b)
	require.Equal(t, a, w.Keep("HEALTHY"))
	require.Equal(t, "HEALTHY", w.Text(a))
	require.Equal(t, "UNHEALTHY", w.Text(b))
}

func TestWordsOfAList(t *testing.T) {
	var w collectors.Words
	var list collectors.Word
	require.Nil(t, w.List(list))
	for _, name := range []string{"E:", "D:", "", "E:", "a\nb"} {
		list = w.With(list, name)
	}
	require.Equal(t, []string{"D:", "E:", "a b"}, w.List(list))
	require.Equal(t, list, w.With(w.With(w.With(0, "a\nb"), "D:"), "E:"), "the same names in another order")
}

func TestWordsSideBySide(t *testing.T) {
	var w collectors.Words
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for n := range 2000 {
				text := fmt.Sprint(n % 300)
				if have := w.Text(w.Keep(text)); have != text {
					t.Errorf("%q was kept as %q", text, have)
				}
			}
		})
	}
	work.Wait()
}
