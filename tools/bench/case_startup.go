package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// startup measures how long `execute --help` takes, 20 times.
func startup(ctx context.Context, s *session) ([]row, error) {
	r := row{Case: "startup", What: "execute --help", Unit: "ms", Limit: 50}
	for range 20 {
		cmd := exec.CommandContext(ctx, s.execute, "--help")
		cmd.Dir = s.folder
		began := time.Now()
		if err := cmd.Run(); err != nil {
			return nil, err
		}
		r.Ours = append(r.Ours, time.Since(began).Seconds()*1000)
	}
	info, err := os.Stat(s.execute)
	if err != nil {
		return nil, err
	}
	r.Note = fmt.Sprintf("the program has %.1f MB", float64(info.Size())/1e6)
	return []row{r}, nil
}
