package wire

import (
	"bytes"
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	errNoText    = errors.New("neither a text nor a number nor a boolean")
	errNoInteger = errors.New("not an integer")
	errRange     = errors.New("an integer beyond 64 bits")
	errNoBoolean = errors.New("not a boolean")
)

// maxDecimal is the longest literal that is taken for an integer with a fraction or an exponent.
const maxDecimal = 100

// Text is a string that may come as a number or boolean (kept as its literal) or null (""). An object or array is
// an error.
type Text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	text, kind, err := scalar(d)
	if err != nil {
		return err
	}
	if kind == jsontext.KindNull {
		text = ""
	}
	*t = Text(text)
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
	text, kind, err := scalar(d)
	if err != nil {
		return err
	}
	return i.set([]byte(text), kind)
}

// set takes the text of a scalar.
func (i *Int) set(text []byte, kind jsontext.Kind) (err error) {
	*i = Int{}
	if nothing(text, kind) {
		return nil
	}
	if kind != jsontext.KindNumber && kind != jsontext.KindString {
		return errNoInteger
	}
	i.N, err = integer(bytes.TrimSpace(text))
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
	text, kind, err := scalar(d)
	if err != nil {
		return err
	}
	return b.set([]byte(text), kind)
}

// set takes the text of a scalar.
func (b *Bool) set(text []byte, kind jsontext.Kind) error {
	*b = Bool{}
	if nothing(text, kind) {
		return nil
	}
	text = bytes.TrimSpace(text)
	switch {
	case kind == jsontext.KindTrue, string(text) == "1", bytes.EqualFold(text, []byte("true")):
		*b = Bool{B: true, Set: true}
	case kind == jsontext.KindFalse, string(text) == "0", bytes.EqualFold(text, []byte("false")):
		*b = Bool{Set: true}
	default:
		return errNoBoolean
	}
	return nil
}

// Texts is a list of strings that may come as null, one string, or a list with null members, which are dropped.
// Members are read as Text is. One empty string is an empty list.
type Texts []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Texts) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = nil
	if d.PeekKind() != jsontext.KindBeginArray {
		text, kind, err := scalar(d)
		if err == nil && kind != jsontext.KindNull && text != "" {
			*t = Texts{text}
		}
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		text, kind, err := scalar(d)
		if err != nil {
			return err
		}
		if kind != jsontext.KindNull {
			*t = append(*t, text)
		}
	}
	_, err := d.ReadToken()
	return err
}

// scalar reads one value that is neither an object nor an array and returns its text and kind.
func scalar(d *jsontext.Decoder) (string, jsontext.Kind, error) {
	switch d.PeekKind() {
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		return "", 0, errNoText
	}
	token, err := d.ReadToken()
	if err != nil {
		return "", 0, err
	}
	return token.String(), token.Kind(), nil
}

// nothing reports whether a value stands for an absent one.
func nothing(text []byte, kind jsontext.Kind) bool {
	return kind == jsontext.KindNull || kind == jsontext.KindString && (len(bytes.TrimSpace(text)) == 0 || string(text) == "None")
}

// integer parses a decimal literal exactly: no number of 64 bits goes through floating point.
func integer(text []byte) (int64, error) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return n, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return 0, errRange
	}
	return decimal(string(text))
}

// decimal parses a number with a fraction or an exponent, such as 12.0 or 1.2e3.
func decimal(text string) (int64, error) {
	if len(text) > maxDecimal || jsontext.Value(text).Kind() != jsontext.KindNumber || !jsontext.Value(text).IsValid() {
		return 0, errNoInteger
	}
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if len(exponent) > len("+99") {
		return 0, errRange
	}
	r, ok := new(big.Rat).SetString(text)
	switch {
	case !ok || !r.IsInt():
		return 0, errNoInteger
	case !r.Num().IsInt64():
		return 0, errRange
	}
	return r.Num().Int64(), nil
}
