package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"assetgraph/internal/config"
	"assetgraph/internal/modeldoc"
	"assetgraph/internal/notify"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// A file is one generated file, its path relative to the project's root.
type file struct {
	path string
	text string
}

// generate returns all generated files; those that people write in part are read below root.
func generate(root string) ([]file, error) {
	schema, err := providers.All().Schema()
	if err != nil {
		return nil, err
	}
	files, err := scheduled(root)
	if err != nil {
		return nil, err
	}
	rules, err := alertRules(root)
	if err != nil {
		return nil, err
	}
	files = append(files, rules...)
	return append(files, []file{
		{"docs/graph-model.md", modelHead + modeldoc.Markdown(schema)},
		{"docs/configuration.md", configuration()},
		{"docs/metrics.md", metricsDocument()},
		{".env.example", envExample()},
	}...), nil
}

// alertRules returns the chart's copy of the alert rules: a chart holds all that it is made of.
func alertRules(root string) ([]file, error) {
	text, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/alerts.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return []file{{"deploy/helm/assetgraph/files/alerts.yaml", string(text)}}, err
}

const modelHead = `# The graph model

Generated from the code by ` + "`go run ./tools/docs`" + `; do not edit.

Classes and common property names follow JupiterOne's published data model. A value that no product gives is absent.

Every entity has:

| property | type | |
|---|---|---|
| ` + "`_key`" + ` | string | identity, unique in the whole graph: ` + "`<instance>:<_type>:<provider id>`" + ` |
| ` + "`_type`" + ` | string | what it is, specific to its product |
| ` + "`_class`" + ` | list of string | JupiterOne classes |
| ` + "`_integration`" + ` | string | the product, or ` + "`assetgraph`" + ` for what is derived |
| ` + "`_instance`" + ` | string | the configured instance that owns it |
| ` + "`_digest`" + ` | string | digest of all properties that are not volatile |
| ` + "`_createdOn`, `_updatedOn`" + ` | datetime | when it was first written, and last changed |

A relationship has the same, with ` + "`_key`" + ` as ` + "`<from key>|<verb>|<to key>`" + ` and its verb as ` +
	"`_class`" + `. A property marked *volatile* changes by
itself; when nothing else changed the entity counts as refreshed, not as updated.

**SQLite**: one view for each ` + "`_type`" +
	`, one column for each property; lists are JSON text, booleans 0 and 1, times RFC 3339 text. A relationship's view has
` + "`_from` and `_to`" + `. **Neo4j**: the labels of an entity are ` + "`Entity`" + `, its ` + "`_type`" +
	` and its classes; a relationship's type is its verb; times are ` + "`datetime`" + `.
**Export** (` + "`execute export`" + `): JSON lines, times as epoch milliseconds.

`

const configurationHead = `# Settings

Generated from the code by ` + "`go run ./tools/docs`" + `; do not edit.

Settings are environment variables. They may stand in a file as well: ` + "`.env`" +
	` in the working directory, or the one that ` + "`--env-file`" + ` names; a variable that is
already set wins over the file. Put values with spaces, quotes, ` + "`#`, `$` or `\\`" + ` in single quotes.

That is enough for one account of each product. More than one, how often each is due and secrets that stand elsewhere go into a
[configuration file](#configuration-file).

A product is read when its variables are set. A part of them is an error that names what is missing. Plain ` +
	"`http://`" + ` is refused unless the host is loopback.
Everything else is a flag: ` + "`go run ./cmd/execute --help`" + `.

How to make the credentials, step by step, which rights they need, and what each error message means, is in the guide of each product:
`

func configuration() string {
	var b strings.Builder
	b.WriteString(configurationHead)
	for _, p := range providers.All() {
		fmt.Fprintf(&b, "\n- [%s](providers/%s.md)", p.Title, p.Name)
	}
	b.WriteString("\n\n`go run ./cmd/execute check` says which file was read, what may be read with it, and names variables that look like settings and are none.\n" +
		"`HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured, from the environment alone. A file that holds secrets belongs to its owner: `chmod 600 .env`.\n\n")
	b.WriteString(configurationFile)
	keyTable(&b)
	for _, p := range providers.All() {
		fmt.Fprintf(&b, "## %s\n\nInstance name: `%s`. %s [Guide](providers/%s.md).\n\n", p.Title, p.Name,
			strings.TrimSpace(p.Guide+" "+p.Last), p.Name)
		table(&b, p.Settings)
	}
	b.WriteString("## Graph\n\n")
	table(&b, settings.Graph())
	b.WriteString("## The program itself\n\n")
	table(&b, settings.Program())
	return strings.TrimRight(b.String(), "\n") + "\n"
}

const configurationFile = `## Configuration file

` + "`--config FILE`, else `ASSETGRAPH_CONFIG`, else `assetgraph.yaml`" + ` in the working directory when it is there. It says which instances there are, any number of each
product; the variables of products below are not read then, but may be referred to. A file without ` + "`instances`" + ` leaves that to the variables.

` + "```yaml" + `
graph: neo4j://graph.example:7687          # or {url: …, username: …, password: …, database: …}
defaults:                                  # of all instances that say nothing else
  every: 1h
  labels: {env: prod}
  sentinelone: {skip: [users]}
include: conf.d/*.yaml                     # files with more instances, from this file's folder
instances:
  - {name: s1-emea, provider: sentinelone, url: "https://emea.sentinelone.net", apiToken: {file: /run/secrets/s1-emea}}
  - {name: ninja, provider: ninjarmm, url: "https://eu.ninjarmm.com", clientId: abc, clientSecret: "${NINJA_SECRET}", every: 30m}
  - name: immy
    provider: immybot
    subdomain: acme
    tenantId: 00000000-0000-0000-0000-000000000001
    clientId: 00000000-0000-0000-0000-000000000002
    clientSecret: {command: [op, read, "op://vault/immy/secret"]}
` + "```" + `

` + "`collect`" + ` says which *parts* are read beside machines, customers and people, such as alerts or how disks are encrypted; each product's are
in the table of its settings below (` + "`…_COLLECT`" + `). Without it those are read that cost about one request for a thousand machines, or less.
` + "`execute check`" + ` says for each part whether the credentials may read it and how much it is. A part that they may not read is ` + "`unavailable`" + `: a run
says so once, changes nothing of it and is none the less complete.

The name of an instance is part of every key in the graph: it stays for the life of the instance. Deleting an instance from the file leaves what the graph holds
of it alone, until ` + "`execute clear --instance NAME`" + `.

Any value may be

| form | what it is |
|---|---|
| a text | itself. ` + "`${NAME}`" + ` is an environment variable, ` + "`${NAME:-text}`" + ` with what holds without it, ` + "`$$`" + ` a dollar sign |
| ` + "`{file: PATH}`" + ` | what a file holds, as Kubernetes, Docker and systemd (` + "`LoadCredential`" + `) mount secrets; from this file's folder |
| ` + "`{command: [program, argument]}`" + ` | what a program prints: 1Password, Vault, a keyring. No shell reads it; it has 30 s; what it prints is never shown |
| ` + "`{age: …}`" + ` | encrypted with [age](https://age-encryption.org). ` + "`execute config encrypt`" + ` writes it in the place of secrets that stand there as they are, ` + "`execute config edit`" + ` opens them in an editor |

Surrounding white space is no part of a value. A file that [SOPS](https://getsops.io) encrypted is read through it, its values as variables: ` + "`sops exec-env secrets.env 'execute --config assetgraph.yaml'`" + `.
A secret that stands in a file which others may read is a warning.

` + "`execute init`" + ` asks for accounts, with the way to each credential, signs in to each at once, asks where the graph lies and how secrets are kept (in the file, each in a file
beside it, or encrypted with a new key), and writes the file, for its owner alone. It asks by forms, or line by line: with ` + "`--accessible`, where `ACCESSIBLE`" + ` is set, on a dumb
terminal, and in a pipe, where each line is an answer and an empty one takes what stands in brackets. Nothing is written before the last question. A file that is there
already is not overwritten; ` + "`--force`" + ` puts it aside as ` + "`FILE.old`. `execute init --demo`" + ` tries it with made-up accounts.

` + "`execute config check`" + ` lists all mistakes at once, one a line as ` + "`FILE:LINE:COLUMN`" + `; ` + "`execute config show`" + ` what is in force and where each value comes from;
` + "`execute config schema`" + ` a JSON Schema for editors. A variable that is set goes before what the file says of the graph and of the program itself. Where a flag or a variable
names another graph, user name and password of the file are not sent there.

`

// keyTable lists the keys of the configuration file.
func keyTable(b *strings.Builder) {
	b.WriteString("| key | |\n|---|---|\n| `graph` | Where the graph lies; as a mapping with `url`, `username`, `password`, `database` |\n" +
		"| `instances` | A list: `name`, `provider`, `every`, `labels` and the settings of the provider |\n" +
		"| `defaults` | `every`, `labels`, and settings by provider |\n| `include` | Patterns of files with more `instances` |\n" +
		"| `age` | Public keys to which `config encrypt` encrypts |\n| `notify` | Whom to tell what: `url`, `format` (" +
		strings.Join(notify.Formats(), ", ") + "), `secret`, `on` (" + strings.Join(notify.Kinds(), ", ") + ") |\n")
	keys := config.ProgramSettings()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		fmt.Fprintf(b, "| `%s` | as `%s` |\n", key, keys[key].Env)
	}
	for _, p := range providers.All() {
		fmt.Fprintf(b, "| of `%s` | ", p.Name)
		for i, s := range p.Settings {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "`%s`", config.KeyOf(s, p.Family.Prefix))
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\n")
}

func table(b *strings.Builder, list []settings.Setting) {
	b.WriteString("| variable | | default | |\n|---|---|---|---|\n")
	for _, s := range list {
		help := strings.TrimSpace(s.Help + " " + s.Where)
		if s.Fallback != "" {
			help += " Where absent, `" + s.Fallback + "` is read."
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", s.Env, need(s), strings.ReplaceAll(s.Default, "|", `\|`), help)
	}
	b.WriteString("\n")
}

func need(s settings.Setting) string {
	words := make([]string, 0, 2)
	switch {
	case s.Required && s.Instead != "":
		words = append(words, "required, or `"+s.Instead+"`")
	case s.Required:
		words = append(words, "required")
	default:
		words = append(words, "optional")
	}
	if s.Secret {
		words = append(words, "secret")
	}
	return strings.Join(words, ", ")
}

const envHead = `# Settings of assetgraph. Copy this file to .env, keep .env out of version control, and fill in the products that you have:
# all of a product's uncommented lines, or none. The guide of each product says where to get each value; let nobody else read
# the file (chmod 600 .env), then see what it is good for: go run ./cmd/execute check
# Put values with spaces, quotes, #, $ or \ in single quotes.
# Generated by go run ./tools/docs; do not edit.
`

func envExample() string {
	var b strings.Builder
	b.WriteString(envHead)
	for _, p := range providers.All() {
		fmt.Fprintf(&b, "\n# %s: docs/providers/%s.md, step by step\n", p.Title, p.Name)
		envLines(&b, p.Settings)
	}
	b.WriteString("\n# Graph: docs/configuration.md\n")
	envLines(&b, settings.Graph())
	b.WriteString("\n# The program itself\n")
	envLines(&b, settings.Program())
	return b.String()
}

// envLines writes required variables as empty lines to fill in, and optional ones commented out.
func envLines(b *strings.Builder, list []settings.Setting) {
	for _, s := range list {
		fmt.Fprintf(b, "# %s", s.Help)
		if s.Default != "" {
			fmt.Fprintf(b, " Default: %s.", s.Default)
		}
		if s.Required && s.Example != "" {
			fmt.Fprintf(b, " For example %s", s.Example)
		}
		b.WriteString("\n")
		if s.Required {
			fmt.Fprintf(b, "%s=\n", s.Env)
		} else {
			fmt.Fprintf(b, "#%s=%s\n", s.Env, s.Example)
		}
	}
}
