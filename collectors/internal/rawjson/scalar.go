package rawjson

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What is expected of a value, in the words of an error.
const (
	aText     = "a text"
	anInteger = "a whole number"
	aBoolean  = "true or false"
	aTime     = "a time"
	texts     = "an array of texts"
)

// maxDecimal is the longest literal that is taken for an integer with a fraction or an exponent.
const maxDecimal = 100

// Text is a string that may come as a number or boolean (kept as its literal) or null (""). An object or array is
// an error.
type Text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	raw, err := scalar(d, aText)
	if err != nil {
		return err
	}
	if *t = ""; raw.Kind() != jsontext.KindNull {
		*t = Text(textIn(raw))
	}
	return nil
}

// Int is an integer that may come as a string or with a zero fraction or an exponent; null, "", "None" and absent leave
// Set false. Beyond int64 or with a real fraction it is an error.
type Int struct {
	N   int64
	Set bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (i *Int) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*i = Int{}
	raw, err := scalar(d, anInteger)
	if err != nil {
		return err
	}
	if i.N, i.Set = digits(raw); i.Set {
		return nil
	}
	text, kind := textIn(raw), raw.Kind()
	if nothing(text, kind) {
		return nil
	}
	if kind != jsontext.KindNumber && kind != jsontext.KindString {
		return Unexpected(kind, anInteger)
	}
	i.N, err = integer(strings.TrimSpace(text), kind)
	i.Set = err == nil
	return err
}

// Bool is a boolean that may come as "true", "True", "false", 0 or 1; null, "", "None" and absent leave Set false.
type Bool struct {
	B   bool
	Set bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (b *Bool) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*b = Bool{}
	raw, err := scalar(d, aBoolean)
	if err != nil {
		return err
	}
	text, kind := textIn(raw), raw.Kind()
	if nothing(text, kind) {
		return nil
	}
	switch text = strings.TrimSpace(text); {
	case text == "1", strings.EqualFold(text, "true"):
		*b = Bool{B: true, Set: true}
	case text == "0", strings.EqualFold(text, "false"):
		*b = Bool{Set: true}
	default:
		return Unexpected(kind, aBoolean)
	}
	return nil
}

// Texts is a list of strings that may come as null or as one string. Members are read as Text is; null and empty ones
// are dropped.
type Texts []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Texts) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = nil
	if d.PeekKind() != jsontext.KindBeginArray {
		raw, err := scalar(d, texts)
		if err == nil && raw.Kind() != jsontext.KindNull {
			t.add(textIn(raw))
		}
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		var text Text
		if err := json.UnmarshalDecode(d, &text); err != nil {
			return err
		}
		t.add(string(text))
	}
	_, err := d.ReadToken()
	return err
}

func (t *Texts) add(text string) {
	if text != "" {
		*t = append(*t, text)
	}
}

// scalar reads one value that is neither an object nor an array. It is valid until d reads on.
func scalar(d *jsontext.Decoder, want string) (jsontext.Value, error) {
	switch kind := d.PeekKind(); kind {
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		return nil, Unexpected(kind, want)
	}
	return d.ReadValue()
}

// textIn returns what a string says, and of any other scalar its literal.
func textIn(raw jsontext.Value) string {
	switch raw.Kind() {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue:
		return "true"
	case jsontext.KindFalse:
		return "false"
	case jsontext.KindString:
		if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			return string(inner)
		}
		text, _ := jsontext.AppendUnquote(nil, raw) // what is no UTF-8 becomes a mark, where the decoder lets it pass
		return string(text)
	}
	return string(raw)
}

// digits returns the number that a literal of digits alone stands for; ok is false for any other, and for one that may
// be beyond 64 bits.
func digits(raw jsontext.Value) (n int64, ok bool) {
	if len(raw) > len("999999999999999999") {
		return 0, false
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(raw) > 0
}

// nothing reports whether a value stands for an absent one.
func nothing(text string, kind jsontext.Kind) bool {
	return kind == jsontext.KindNull || kind == jsontext.KindString && (text == "None" || strings.TrimSpace(text) == "")
}

// integer parses a decimal literal exactly: no number of 64 bits goes through floating point.
func integer(text string, kind jsontext.Kind) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	r, ok := decimal(text)
	switch {
	case !ok:
		return 0, Unexpected(kind, anInteger)
	case r == nil || r.IsInt() && !r.Num().IsInt64():
		return 0, mismatch{"a number beyond 64 bits", anInteger}
	case !r.IsInt():
		return 0, mismatch{"a fraction", anInteger}
	}
	return r.Num().Int64(), nil
}

// decimal parses a number with a fraction or an exponent, such as 12.0 or 1.2e3. It returns nil for one that is too
// large or too small to be written out.
func decimal(text string) (number *big.Rat, ok bool) {
	if len(text) > maxDecimal || jsontext.Value(text).Kind() != jsontext.KindNumber || !jsontext.Value(text).IsValid() {
		return nil, false
	}
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if len(exponent) > len("+99") {
		return nil, true
	}
	return new(big.Rat).SetString(text)
}
