package config

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"assetgraph/internal/settings"
)

// checkRecipient says why a public key can't be used.
func checkRecipient(text string) error {
	if strings.HasPrefix(text, "AGE-SECRET-KEY-") {
		return errors.New("is a private key: it belongs into a file of its own, and only the public one, age1…, here")
	}
	if _, err := recipients([]string{text}); err != nil {
		return errors.New("is no public key of age: it begins with age1")
	}
	return nil
}

func recipients(keys []string) ([]age.Recipient, error) {
	return age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n")))
}

// NewIdentity makes a private key in a new file that its owner alone may read, and returns the public one.
func NewIdentity(name string) (public string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("# public key: %s\n%s\n", key.Recipient(), key)
	return key.Recipient().String(), newFile(name, text)
}

// encrypt returns the text so that only those with the private key to one of the public ones can read it, as one word.
func encrypt(text string, keys []string) (string, error) {
	to, err := recipients(keys)
	if err != nil {
		return "", fmt.Errorf("public keys: %w", err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// decrypt reads what encrypt, or `age --armor`, wrote, with the private keys in the file that the environment names.
func decrypt(text string, env settings.Environment) (string, error) {
	name := env.Get(settings.AgeIdentity)
	if name == "" {
		return "", fmt.Errorf("is encrypted with age, and %s, which names the file with the private key, is not set",
			settings.AgeIdentity)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", settings.AgeIdentity, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	keys, err := age.ParseIdentities(f)
	if err != nil { // the parser's own error may repeat what it read
		return "", fmt.Errorf("%s: %s holds no private key of age (AGE-SECRET-KEY-1…)", settings.AgeIdentity, name)
	}
	var in io.Reader
	if strings.HasPrefix(strings.TrimSpace(text), armor.Header) {
		in = armor.NewReader(strings.NewReader(strings.TrimSpace(text)))
	} else {
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return "", errors.New("age: is neither what `config encrypt` wrote nor in armour")
		}
		in = bytes.NewReader(raw)
	}
	r, err := age.Decrypt(in, keys...)
	var mismatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &mismatch):
		return "", fmt.Errorf("was encrypted to another key than those in %s", name)
	case err != nil:
		return "", fmt.Errorf("age: is damaged: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, longest+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("age: is damaged: %w", err)
	case len(plain) > longest:
		return "", errLong
	}
	return string(plain), nil
}
