package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/settings"
)

// A Value is what stands in the file for one setting: the text itself, or where it is to be had.
type Value struct {
	Place
	text    string   // with ${NAME} in it
	file    string   // whose content it is; resolved against the folder of the configuration file
	command []string // whose output it is
	age     string   // encrypted, as base64 or in armour
	listed  bool     // text was a list
}

// Limits of what is looked up elsewhere.
const (
	longest     = 64 << 10 // bytes of one value
	commandTime = 30 * time.Second
)

var (
	errLong  = fmt.Errorf("more than %d bytes: this is no value of a setting", longest)
	errEmpty = errors.New("is empty")
)

// Origin says where the value comes from, without the value.
func (v Value) Origin() string {
	switch {
	case v.file != "":
		return "file " + v.file
	case v.command != nil:
		return "command " + v.command[0]
	case v.age != "":
		return "encrypted with age"
	}
	if names := v.variables(); len(names) > 0 {
		return "variable " + strings.Join(names, ", ")
	}
	return ""
}

// literal reports whether the text stands in the file itself.
func (v Value) literal() bool {
	return v.file == "" && v.command == nil && v.age == "" && len(v.variables()) == 0
}

// variable matches $$, which stands for a dollar sign, ${NAME} and ${NAME:-default}.
func variable() *regexp.Regexp {
	return regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}`)
}

// variables returns the names of the environment variables that the text holds.
func (v Value) variables() (names []string) {
	for _, m := range variable().FindAllStringSubmatch(v.text, -1) {
		if m[1] != "" {
			names = append(names, m[1])
		}
	}
	return names
}

// expanded returns the text with its variables' values, and the names of those that are not set.
func (v Value) expanded(env settings.Environment) (text string, missing []string) {
	text = variable().ReplaceAllStringFunc(v.text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		m := variable().FindStringSubmatch(found)
		value := env.Get(m[1])
		switch {
		case value != "":
			return value
		case m[2] != "":
			return m[3]
		}
		missing = append(missing, m[1])
		return ""
	})
	return text, missing
}

// A resolver looks values up.
type resolver struct {
	env settings.Environment
}

// resolve returns the value itself. Its error names what could not be read and never holds a value: what a command or
// a parser says of one may be the secret itself.
func (r resolver) resolve(ctx context.Context, v Value) (string, error) {
	text, err := r.lookUp(ctx, v)
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", errEmpty
	}
	return text, nil
}

func (r resolver) lookUp(ctx context.Context, v Value) (string, error) {
	switch {
	case v.file != "":
		return readValue(v.file)
	case v.command != nil:
		return run(ctx, v.command)
	case v.age != "":
		return decrypt(v.age, r.env)
	}
	text, missing := v.expanded(r.env)
	if len(missing) > 0 {
		return "", fmt.Errorf("the environment variable %s is not set", strings.Join(missing, " and "))
	}
	return text, nil
}

// readValue reads a file that holds one value, as Kubernetes, Docker and systemd mount secrets.
func readValue(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, longest+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > longest:
		return "", fmt.Errorf("%s: %w", name, errLong)
	case len(bytes.TrimSpace(text)) == 0:
		return "", fmt.Errorf("%s %w", name, errEmpty)
	}
	return string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))), nil
}

// run returns what a command prints. There is no shell, and nothing of what it prints is ever shown.
func run(ctx context.Context, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.WaitDelay = time.Second
	out := &bounded{left: longest}
	c.Stdout = out
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case out.left < 0:
		return "", fmt.Errorf("command %s printed %w", argv[0], errLong)
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("command %s did not end within %s", argv[0], commandTime)
	case errors.As(err, &exit):
		return "", fmt.Errorf("command %s failed: %s (run it by hand to see why)", argv[0], exit.ProcessState)
	case err != nil:
		return "", fmt.Errorf("command %s can't be run: %w", argv[0], err)
	case len(bytes.TrimSpace(out.text)) == 0:
		return "", fmt.Errorf("command %s printed nothing", argv[0])
	}
	return string(out.text), nil
}

// bounded keeps so many bytes and refuses more. It embeds no buffer: copying would read straight into that.
type bounded struct {
	text []byte
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errLong
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

// available says why a value surely can't be had, nil when it may be. It runs no command.
func (r resolver) available(ctx context.Context, v Value) error {
	if v.command == nil {
		_, err := r.resolve(ctx, v)
		return err
	}
	if _, err := exec.LookPath(v.command[0]); err != nil {
		return fmt.Errorf("command %s is not there: %w", v.command[0], errors.Unwrap(err))
	}
	return nil
}

// value reads the node of one value. asList allows a list of texts, which stands for them as settings.FormatList writes it.
func (l *loader) value(node *yaml.Node, at entry, asList bool) (Value, bool) {
	node = actual(node)
	v := Value{Place: l.place(node)}
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null", node.Kind == yaml.ScalarNode && node.Value == "":
		l.fault(node, at, "is empty: fill it in, or leave the key out")
		return v, false
	case node.Kind == yaml.ScalarNode:
		v.text = node.Value
		return v, l.checkText(node, at, v.text)
	case node.Kind == yaml.SequenceNode && asList:
		var parts []string
		for _, item := range node.Content {
			item = actual(item)
			if item.Kind != yaml.ScalarNode || item.Value == "" {
				l.fault(item, at, "expected a list of texts")
				return v, false
			}
			parts = append(parts, item.Value)
		}
		v.text, v.listed = settings.FormatList(parts), true
		if len(parts) == 0 {
			l.fault(node, at, "is an empty list: leave the key out")
		}
		return v, len(parts) > 0
	case node.Kind == yaml.MappingNode:
		return l.elsewhere(node, at, v)
	}
	l.fault(node, at, "expected a text, or one of {file: PATH}, {command: [program, argument]}, {age: …}")
	return v, false
}

// elsewhere reads the mapping that says where a value is to be had.
func (l *loader) elsewhere(node *yaml.Node, at entry, v Value) (Value, bool) {
	entries := l.entries(node, at)
	if len(entries) != 1 {
		l.fault(node, at, "expected exactly one of file, command and age")
		return v, false
	}
	value := actual(entries[0].value)
	switch key := entries[0].key; key.Value {
	case "file":
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			l.fault(value, at, "file: expected a path")
			return v, false
		}
		v.file = value.Value
		if !filepath.IsAbs(v.file) {
			v.file = filepath.Join(filepath.Dir(l.file), v.file)
		}
	case "command":
		for _, item := range value.Content {
			item = actual(item)
			v.command = append(v.command, item.Value)
			if item.Kind != yaml.ScalarNode {
				v.command = nil
				break
			}
		}
		if value.Kind != yaml.SequenceNode || len(v.command) == 0 || v.command[0] == "" {
			l.fault(value, at, "command: expected a list of the program and its arguments, such as [op, read, \"op://vault/item/field\"]; no shell reads it")
			return v, false
		}
	case "age":
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			l.fault(value, at, "age: expected what `config encrypt` wrote")
			return v, false
		}
		v.age = value.Value
	default:
		l.fault(key, at, key.Value+" "+unknown(key.Value, []string{"file", "command", "age"}))
		return v, false
	}
	return v, true
}

// checkText finds what is surely not meant.
func (l *loader) checkText(node *yaml.Node, at entry, text string) bool {
	rest := variable().ReplaceAllString(text, "")
	if strings.Contains(rest, "${") {
		l.fault(node, at, "${ begins the name of an environment variable, which ends with }: write ${NAME}, or $${ for these characters themselves")
		return false
	}
	return true
}
