package config

import (
	"fmt"
	"slices"
	"strings"

	"assetgraph/internal/plaintext"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// KeyOf is the key of a setting in the file: its variable's name without the prefix, in camel case. ACME_CLIENT_ID is
// clientId.
func KeyOf(s settings.Setting, prefix string) string {
	words := strings.Split(strings.ToLower(strings.TrimPrefix(s.Env, prefix)), "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

// settingsOf returns a provider's settings by their keys.
func settingsOf(p providers.Provider) map[string]settings.Setting {
	out := make(map[string]settings.Setting, len(p.Settings))
	for _, s := range p.Settings {
		out[KeyOf(s, p.Family.Prefix)] = s
	}
	return out
}

// graphSettings returns the settings of the graph by their keys in the mapping `graph:`.
func graphSettings() map[string]settings.Setting {
	out := make(map[string]settings.Setting)
	for _, s := range settings.Graph() {
		key := KeyOf(s, "GRAPH_DB_")
		if s.Env == settings.GraphEndpoint {
			key = "url"
		}
		out[key] = s
	}
	return out
}

// ProgramSettings returns the settings of the program itself that a file may hold, by their keys at its top.
func ProgramSettings() map[string]settings.Setting {
	out := make(map[string]settings.Setting)
	for _, s := range settings.Program() {
		switch s.Env {
		case settings.NoColor, settings.Accessible, settings.ConfigFile: // of a terminal, and of the file itself
		case settings.NotifyURL, settings.NotifyFormat, settings.NotifySecret, settings.NotifyOn: // the file has notify
		case settings.OTLPEndpoint, settings.OTLPTraces, settings.OTLPHeaders: // of whatever runs here
		case settings.Overrides:
			out["overrides"] = s
		default:
			out[KeyOf(s, "ASSETGRAPH_")] = s
		}
	}
	return out
}

// unknown says that a key is none of those that may stand there, and which was meant.
func unknown(key string, known []string) string {
	slices.Sort(known)
	if i := slices.IndexFunc(known, func(k string) bool { return plain(k) == plain(key) }); i >= 0 {
		return fmt.Sprintf("is no key here; write it %s", known[i])
	}
	best, least := "", 3 // more edits than two are another word
	for _, k := range known {
		if d := plaintext.Distance(plain(key), plain(k)); d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		for _, k := range known { // clientSecretValue for clientSecret, token for apiToken
			long, short := plain(key), plain(k)
			if len(long) < len(short) {
				long, short = short, long
			}
			if len(short) > 2 && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short)) && len(k) > len(best) {
				best = k
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("is no key here; did you mean %s?", best)
	}
	return "is no key here; known are " + strings.Join(known, ", ")
}

// plain is a key without what people write differently.
func plain(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(key))
}
