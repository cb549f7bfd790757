// Package questions holds the texts of the question library, one Markdown file for each question, so that the program
// carries them with it. It imports nothing of the project.
package questions

import "embed"

// Files holds one file for each question, named after it, and README.md.
//
//go:embed *.md
var Files embed.FS
