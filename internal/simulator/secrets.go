package simulator

import "fmt"

// secrets are the texts that answers and settings hold and that nobody may find outside the HTTP client.
type secrets struct {
	apiToken, registration, license                                           string
	ninjaClient, ninjaSecret, ninjaToken, refreshToken, note, settings        string
	entraTenant, entraClient, entraSecret, entraToken, formData, computerNote string
	internalData, arguments                                                   string
}

func (f *fleet) newSecrets() secrets {
	canary := func(n int, kind string) string {
		return fmt.Sprintf("canary-%s-%012x", kind, f.roll(n, topicSecret)&0xffffffffffff)
	}
	return secrets{
		apiToken: canary(1, "api-token"), registration: canary(2, "registration-token"),
		license:     canary(3, "license-key"),
		ninjaClient: f.guid(4, topicSecret), ninjaSecret: canary(5, "ninja-secret"),
		ninjaToken:   canary(6, "ninja-token"),
		refreshToken: canary(7, "refresh-token"), note: canary(8, "device-note"),
		settings:    canary(9, "organization-settings"),
		entraTenant: f.guid(10, topicSecret), entraClient: f.guid(11, topicSecret),
		entraSecret: canary(12, "entra-secret"),
		entraToken:  canary(13, "entra-token"), formData: canary(14, "provider-form-data"),
		computerNote: canary(15, "computer-note"),
		internalData: canary(16, "internal-data"),
		arguments:    canary(17, "process-arguments"),
	}
}

// trouble is what the client secrets end in: characters that a form must encode.
const trouble = "+/=&~%"

// list gives every secret, or the part that all of a kind begin with.
func (s *secrets) list() []string {
	return []string{
		s.apiToken, s.registration, s.license, s.ninjaSecret, s.ninjaToken, s.refreshToken, s.note, s.settings,
		s.entraSecret, s.entraToken, s.formData, s.computerNote, s.internalData,
		s.arguments,
	}
}
