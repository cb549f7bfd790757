package assistant

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/internal/plaintext"
)

// harmless returns JSON with every text as people see it: on one line, without characters that can't be seen, in which
// instructions could hide, and of bounded length.
func harmless(raw []byte) (json.RawMessage, error) {
	var out bytes.Buffer
	in, to := jsontext.NewDecoder(bytes.NewReader(raw)), jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	for {
		token, err := in.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSpace(out.Bytes()), nil
		}
		if err == nil && token.Kind() == '"' {
			token = jsontext.String(plaintext.Clip(plaintext.Line(token.String()), plaintext.Message))
		}
		if err == nil {
			err = to.WriteToken(token)
		}
		if err != nil {
			return nil, err
		}
	}
}
