package dialog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"assetgraph/internal/panics"
)

// longest is how many bytes an answer may have.
const longest = 32 << 10

// lines gives whoever reads it one line at a time, however far ahead they would read. After the end it gives empty
// lines for ever and keeps the reason in err: a question that is asked again until its answer is right must end too.
type lines struct {
	in   *bufio.Reader
	ctx  context.Context
	rest string // of a line that was not read whole
	err  error
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	if l.rest == "" {
		text := ""
		if l.err == nil {
			text, l.err = l.wait(l.line)
		}
		l.rest = text + "\n"
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// wait returns what read does, or the reason why the context ends before. Then nothing may be read any more.
func (l *lines) wait(read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() { done <- r }()
		defer panics.Catch(&r.err)
		r.text, r.err = read()
	}()
	select {
	case <-l.ctx.Done():
		return "", context.Cause(l.ctx)
	case r := <-done:
		return r.text, r.err
	}
}

// line reads up to the end of a line.
func (l *lines) line() (string, error) {
	var text strings.Builder
	for {
		part, err := l.in.ReadSlice('\n')
		text.Write(part)
		switch {
		case text.Len() > longest:
			return "", errLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && text.Len() > 0: // the last line needs no end
		case errors.Is(err, io.EOF):
			return "", ErrEnded
		case err != nil:
			return "", err
		}
		return strings.TrimRight(text.String(), "\r\n"), nil
	}
}

var errLong = fmt.Errorf("an answer has more than %d bytes", longest)
