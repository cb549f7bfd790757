package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand is for those who make packages: releases hold what it writes.
func (a *app) manCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "man",
		Short:   "Write man pages, one for each command",
		Long:    "Writes man pages (section 1) into a folder, which is made when it is not there: one for each command, of what its help says.",
		Example: "  execute man --dir /usr/local/share/man/man1",
		Hidden:  true,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if dir == "" {
				return fmt.Errorf("man needs --dir DIR")
			}
			a.started = true
			return writeManPages(c.Root(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "`folder` for the pages")
	return c
}

// manWidth is how wide the text of a page is: what man makes of 80 columns.
const manWidth = 72

// writeManPages writes a page for each command that help names. The same build writes the same pages each time.
func writeManPages(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	walk(root, func(c *cobra.Command) {
		c.Long = asItIs(c.Long)
		c.DisableAutoGenTag = true
	})
	b := thisBuild()
	return doc.GenManTree(root, &doc.GenManHeader{
		Section: "1", Date: b.Date, Source: "assetgraph " + b.Version, Manual: "assetgraph",
	}, filepath.Clean(dir))
}

// asItIs has a text for people stay as it is in a page that is made of Markdown. Lines that are no table are wrapped.
func asItIs(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, " ") {
			lines[i] = strings.Join(broken(line, manWidth), "\n")
		}
	}
	return "```\n" + strings.Join(lines, "\n") + "\n```"
}
