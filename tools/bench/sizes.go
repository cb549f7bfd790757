package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sizes are what one run over the main fleet reads and writes: the coefficients of the cost model.
type sizes struct {
	Machines      int                     `json:"machines"`
	Providers     map[string]providerSize `json:"providers"`
	Entities      int                     `json:"entities"`
	Relationships int                     `json:"relationships"`
	SpoolBytes    int64                   `json:"spoolBytes"` // most at any time
	FileBytes     int64                   `json:"fileBytes"`  // of the embedded graph
}

type providerSize struct {
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`
	Records  int   `json:"records"`
}

// sizes returns nil unless the main fleet was recorded and loaded into an embedded graph.
func (s *session) sizes() *sizes {
	f := s.fleets[fleetSize{machines: s.machines}]
	firsts := s.found("first", sqliteStore, s.machines)
	if f == nil || f.recorded == nil || len(firsts) == 0 || f.graphs[sqliteStore] == nil {
		return nil
	}
	r := firsts[0].Report
	out := &sizes{Machines: s.machines, Providers: map[string]providerSize{}, SpoolBytes: f.spool}
	for provider, list := range f.recorded {
		out.Providers[provider] = providerSize{Requests: len(list), Bytes: recording{provider: list}.bytes()}
	}
	for _, step := range r.Steps {
		p := out.Providers[step.Instance]
		p.Records += step.Records
		out.Providers[step.Instance] = p
	}
	for _, n := range r.Entities {
		out.Entities += n.Created
	}
	for _, n := range r.Relationships {
		out.Relationships += n.Created
	}
	if info, err := os.Stat(f.graphs[sqliteStore].file); err == nil {
		out.FileBytes = info.Size()
	}
	return out
}

func (z *sizes) markdown() string {
	var b strings.Builder
	b.WriteString("\nWhat a first run reads and writes:\n\n| provider | requests | MB | records | bytes a record |\n|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(z.Providers)) {
		p := z.Providers[name]
		fmt.Fprintf(&b, "| %s | %d | %.1f | %d | %d |\n", name, p.Requests, float64(p.Bytes)/1e6, p.Records,
			p.Bytes/int64(max(1, p.Records)))
	}
	elements := z.Entities + z.Relationships
	each := int64(max(1, elements))
	fmt.Fprintf(&b, "\n%d entities and %d relationships, %.1f elements a machine. At most %d bytes an element in temporary files, %d in the SQLite file.\n",
		z.Entities, z.Relationships, float64(elements)/float64(z.Machines), z.SpoolBytes/each, z.FileBytes/each)
	return b.String()
}

// watchSize looks at a folder again and again until the returned function is called, which says how many bytes its
// files had at most.
func watchSize(folder string) (largest func() int64) {
	stop, done := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var most int64
		for {
			select {
			case <-tick.C:
				most = max(most, folderSize(folder))
			case <-stop:
				done <- most
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-done
	}
}

// folderSize is 0 for a folder that goes away meanwhile.
func folderSize(folder string) (total int64) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // a file that has just been removed has no size
		}
		if info, err := entry.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}
