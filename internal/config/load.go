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
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

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

func (l *loader) graph(e entry) {
	n := actual(e.value)
	if n.Kind != yaml.MappingNode {
		if v, ok := l.value(n, e, false); ok {
			l.checkGraph(n, e, v)
			l.config.Global[settings.GraphEndpoint] = v
		}
		return
	}
	known := graphSettings()
	for _, one := range l.entries(n, e) {
		s, ok := known[one.key.Value]
		if !ok {
			l.fault(one.key, e, one.key.Value+" "+unknown(one.key.Value, slices.Collect(maps.Keys(known))))
			continue
		}
		if v, ok := l.value(one.value, one, false); ok {
			if s.Env == settings.GraphEndpoint {
				l.checkGraph(one.value, e, v)
			}
			l.secretInFile(s, one, v)
			l.config.Global[s.Env] = v
		}
	}
}

// checkGraph finds an address that is none.
func (l *loader) checkGraph(n *yaml.Node, e entry, v Value) {
	if !v.literal() {
		return
	}
	if _, err := settings.ParseEndpoint(v.text, settings.Environment{}); err != nil {
		l.fault(n, e, err.Error())
	}
}

func (l *loader) global(s settings.Setting, e entry) {
	v, ok := l.value(e.value, e, s.List)
	if !ok {
		return
	}
	l.secretInFile(s, e, v)
	if s.Path && v.literal() && !filepath.IsAbs(v.text) {
		v.text = filepath.Join(filepath.Dir(l.file), v.text)
	}
	if s.Check != nil && v.literal() {
		if err := s.Check(v.text); err != nil {
			l.fault(e.value, e, err.Error())
		}
	}
	l.config.Global[s.Env] = v
}

// secretInFile warns of a secret that every user of the machine may read.
func (l *loader) secretInFile(s settings.Setting, e entry, v Value) {
	if !s.Secret || !v.literal() || runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(l.file)
	if err != nil || info.Mode().Perm()&0o044 == 0 {
		return
	}
	l.warn(e.value, e, fmt.Sprintf("a secret stands here, and others than the owner may read %s (mode %04o): chmod 600 %s, or `config encrypt`, or {file: …}", l.file, info.Mode().Perm(), l.file))
}

func (l *loader) readDefaults(e entry) {
	l.defaults.provider = map[string]map[string]Value{}
	known := []string{"every", "labels"}
	for _, p := range l.providers {
		known = append(known, p.Name)
	}
	for _, one := range l.mapping(e, "every, labels, or the name of a provider") {
		switch i := l.provider(one.key.Value); {
		case one.key.Value == "every":
			l.defaults.every = l.every(one)
		case one.key.Value == "labels":
			l.defaults.labels = l.labels(one)
		case i >= 0:
			l.defaults.provider[one.key.Value] = l.settings(l.providers[i], one, l.mapping(one, "settings of "+l.providers[i].Title), nil)
		default:
			l.fault(one.key, e, l.unknownDefault(one.key.Value, known))
		}
	}
}

// unknownDefault knows what people call the products.
func (l *loader) unknownDefault(key string, known []string) string {
	if p := l.aliased(key); p != "" {
		return key + " is no key here; did you mean " + p + "?"
	}
	return key + " " + unknown(key, known)
}

func (l *loader) provider(name string) int {
	return slices.IndexFunc(l.providers, func(p providers.Provider) bool { return p.Name == name })
}

// mapping returns the entries of a value that has to be a mapping.
func (l *loader) mapping(e entry, what string) []entry {
	if n := actual(e.value); n.Kind != yaml.MappingNode {
		l.fault(n, e, "expected "+what)
		return nil
	}
	return l.entries(e.value, e)
}

// settings reads the settings of a provider among the entries of a mapping, and passes over the keys in beside.
func (l *loader) settings(p providers.Provider, e entry, entries []entry, beside []string) map[string]Value {
	out := make(map[string]Value)
	known := settingsOf(p)
	for _, one := range entries {
		if slices.Contains(beside, one.key.Value) {
			continue
		}
		s, ok := known[one.key.Value]
		if !ok {
			names := append(slices.Collect(maps.Keys(known)), beside...)
			l.fault(one.key, entry{instance: e.instance}, one.key.Value+" "+unknownSetting(one.key.Value, names, p))
			continue
		}
		if v, ok := l.value(one.value, one, s.List); ok {
			l.secretInFile(s, one, v)
			out[s.Env] = v
		}
	}
	return out
}

// unknownSetting knows the names of variables too.
func unknownSetting(key string, known []string, p providers.Provider) string {
	for _, s := range p.Settings {
		if strings.EqualFold(key, s.Env) {
			return "is the name of a variable; the key is " + KeyOf(s, p.Family.Prefix)
		}
	}
	for _, prefix := range append([]string{p.Family.Prefix}, p.Family.Aliases...) {
		if rest, ok := strings.CutPrefix(plain(key), plain(prefix)); ok && rest != "" {
			key = rest
			break
		}
	}
	return unknown(key, known)
}

// every reads how often something is due.
func (l *loader) every(e entry) Due {
	n := actual(e.value)
	if err := CheckEvery(n.Value); n.Kind != yaml.ScalarNode || err != nil {
		l.fault(n, e, cause(err, errNoTime.Error()))
	}
	d, _ := settings.ParseDuration(n.Value) // it was checked
	return Due{l.place(n), d}
}

var errNoTime = errors.New("expected a time such as 30m, 1h or 1d")

// CheckEvery says why a text is not how often something can be due, nil when it is.
func CheckEvery(text string) error {
	d, err := settings.ParseDuration(text)
	switch {
	case err != nil:
		return errNoTime
	case d < time.Minute:
		return errors.New("must be at least 1m")
	}
	return nil
}

// labels reads the words that people give an instance.
func (l *loader) labels(e entry) map[string]Label {
	out := make(map[string]Label)
	for _, one := range l.mapping(e, "names and texts, such as {region: emea}") {
		v := actual(one.value)
		switch {
		case !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,62}$`).MatchString(one.key.Value):
			l.fault(one.key, e, fmt.Sprintf("the name of a label has up to 63 letters, digits, dots, hyphens and underscores, and begins with a letter; %q has not", one.key.Value))
		case v.Kind != yaml.ScalarNode:
			l.fault(v, e, "label "+one.key.Value+": expected a text")
		default:
			out[one.key.Value] = Label{l.place(v), v.Value}
		}
	}
	return out
}

func (l *loader) recipients(e entry) {
	for _, item := range l.texts(e) {
		if err := checkRecipient(item.Value); err != nil {
			l.fault(item, e, err.Error())
			continue
		}
		l.config.Age = append(l.config.Age, item.Value)
	}
}
