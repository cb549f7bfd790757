package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// longestFile is how large a configuration file may be, in bytes.
const longestFile = 4 << 20

// Load reads the file at path and what it includes. It returns all problems in the order of the files; the Config is not
// nil, and of use when none of them is fatal. env is where ${NAME} is looked up; nothing is contacted and no command is
// run.
func Load(ctx context.Context, path string, list providers.List, env settings.Environment) (*Config, Problems) {
	l := &loader{ctx: ctx, providers: list, env: env, config: &Config{Global: map[string]Value{}, env: env}}
	l.read(path, false)
	l.instances()
	l.problems.inOrder(l.config.Files)
	return l.config, l.problems
}

// A loader reads one file and what it includes.
type loader struct {
	ctx       context.Context
	providers providers.List
	env       settings.Environment
	config    *Config
	problems  Problems

	file     string // that is being read
	defaults defaults
	nodes    []instanceNode
}

// instanceNode is an instance that was found, before the defaults are known.
type instanceNode struct {
	file string
	node *yaml.Node
}

// defaults hold for all instances that say nothing else.
type defaults struct {
	every    Due
	labels   map[string]Label
	provider map[string]map[string]Value // by provider and variable
}

// entry is one key of a mapping with its value, and which instance it belongs to.
type entry struct {
	key, value *yaml.Node
	instance   string
}

func (l *loader) place(n *yaml.Node) Place {
	return Place{File: l.file, Line: n.Line, Column: n.Column}
}

// fault notes a mistake at a node.
func (l *loader) fault(n *yaml.Node, at entry, text string) { l.note(n, at, text, false) }

func (l *loader) warn(n *yaml.Node, at entry, text string) { l.note(n, at, text, true) }

func (l *loader) note(n *yaml.Node, at entry, text string, warning bool) {
	key := ""
	if at.key != nil {
		key = at.key.Value
	}
	l.problems = append(l.problems,
		Problem{Place: l.place(n), Instance: at.instance, Key: key, Text: text, Warning: warning})
}

// actual follows an alias.
func actual(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// entries returns the keys of a mapping; keys that are none or come twice are mistakes.
func (l *loader) entries(n *yaml.Node, at entry) (list []entry) {
	n = actual(n)
	first := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch before := first[key.Value]; {
		case key.Tag == "!!merge":
			l.fault(key, at, "<< is not read: what several instances share goes into defaults")
		case key.Kind != yaml.ScalarNode:
			l.fault(key, at, "expected a key")
		case before != nil:
			l.fault(key, at, fmt.Sprintf("%s is there twice, first in line %d", key.Value, before.Line))
		default:
			first[key.Value] = key
			list = append(list, entry{key, value, at.instance})
		}
	}
	return list
}

// read reads one file. One that is included holds instances and nothing else.
func (l *loader) read(path string, included bool) {
	before := l.file
	defer func() { l.file = before }()
	l.file = path
	if slices.Contains(l.config.Files, path) {
		return
	}
	l.config.Files = append(l.config.Files, path)
	root, err := l.parse(path)
	if err != nil {
		l.problems = append(l.problems, *err)
		return
	}
	if root == nil {
		if !included {
			l.problems = append(l.problems, Problem{Place: Place{File: path}, Text: "is empty"})
		}
		return
	}
	if root.Kind != yaml.MappingNode {
		l.fault(root, entry{}, "expected keys such as instances:")
		return
	}
	known := append(slices.Collect(maps.Keys(ProgramSettings())), "graph", "defaults", "include", "instances", "notify",
		"age")
	for _, e := range l.entries(root, entry{}) {
		if included && e.key.Value != "instances" && slices.Contains(known, e.key.Value) {
			l.fault(e.key, entry{}, e.key.Value+" stands in a file that another includes: only instances may; move it to "+
				l.config.Files[0])
			continue
		}
		switch e.key.Value {
		case "instances":
			l.listInstances(e)
		case "graph":
			l.graph(e)
		case "defaults":
			l.readDefaults(e)
		case "include":
			l.include(e)
		case "notify":
			l.notify(e)
		case "age":
			l.recipients(e)
		default:
			s, ok := ProgramSettings()[e.key.Value]
			if !ok {
				l.fault(e.key, entry{}, e.key.Value+" "+unknown(e.key.Value, known))
				continue
			}
			l.global(s, e)
		}
	}
}

// parse returns the root of the file's only document, nil for none.
func (l *loader) parse(path string) (*yaml.Node, *Problem) {
	wrong := func(line int, text string) (*yaml.Node, *Problem) {
		return nil, &Problem{Place: Place{File: path, Line: line, Column: min(line, 1)}, Text: text}
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong(0, "there is no such file")
	case err != nil:
		return wrong(0, "can't be read: "+strings.TrimPrefix(err.Error(), "open "+path+": "))
	case len(text) > longestFile:
		return wrong(0, fmt.Sprintf("has more than %d bytes", longestFile))
	case bytes.IndexByte(text, 0) >= 0:
		return wrong(0, "is not UTF-8 text: save it as UTF-8")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		line, what := syntax(err)
		return wrong(line, what)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			line, what := syntax(err)
			return wrong(line, what)
		}
		return wrong(second.Line, "a second document begins here: one file holds one")
	}
	root := actual(doc.Content[0])
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	return root, nil
}

// syntax takes the line out of an error of the YAML parser.
func syntax(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits
		text = strings.TrimPrefix(text, m[0])
	}
	return max(line, 1), "is no YAML: " + text + "; texts with : # { [ or % in them need quotation marks, and indentation is by spaces"
}

// include reads other files. A pattern that fits none is no mistake: conf.d may be empty; a plain name is.
func (l *loader) include(e entry) {
	for _, item := range l.texts(e) {
		pattern := item.Value
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(l.file), pattern)
		}
		files, err := filepath.Glob(pattern)
		switch {
		case err != nil:
			l.fault(item, e, "is no pattern of file names: "+err.Error())
		case len(files) == 0 && !strings.ContainsAny(item.Value, "*?["):
			l.fault(item, e, "there is no file "+pattern)
		}
		for _, f := range files {
			l.read(f, true)
		}
	}
}

// texts returns the nodes of a text or a list of texts.
func (l *loader) texts(e entry) (list []*yaml.Node) {
	n := actual(e.value)
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		item = actual(item)
		if item.Kind != yaml.ScalarNode || item.Value == "" || item.Tag == "!!null" {
			l.fault(item, e, "expected a text or a list of texts")
			continue
		}
		list = append(list, item)
	}
	return list
}
