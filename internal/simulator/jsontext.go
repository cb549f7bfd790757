package simulator

import (
	"strconv"
	"time"
)

// A jsonWriter appends JSON text to b. Commas come by themselves.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) comma() {
	if len(w.b) == 0 {
		return
	}
	switch w.b[len(w.b)-1] {
	case '{', '[', ':', '\n':
	default:
		w.b = append(w.b, ',')
	}
}

func (w *jsonWriter) key(k string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, k...)
	w.b = append(w.b, '"', ':')
}

// begin starts a nameless object or array.
func (w *jsonWriter) begin(bracket byte) {
	w.comma()
	w.b = append(w.b, bracket)
}

// open starts a named object or array.
func (w *jsonWriter) open(k string, bracket byte) {
	w.key(k)
	w.b = append(w.b, bracket)
}

func (w *jsonWriter) end(bracket byte) { w.b = append(w.b, bracket) }

func (w *jsonWriter) str(k, v string) {
	w.key(k)
	w.quote(v)
}

// strOrNull writes null for "".
func (w *jsonWriter) strOrNull(k, v string) {
	w.key(k)
	if v == "" {
		w.b = append(w.b, "null"...)
		return
	}
	w.quote(v)
}

func (w *jsonWriter) num(k string, v int) { w.long(k, int64(v)) }

func (w *jsonWriter) long(k string, v int64) {
	w.key(k)
	w.b = strconv.AppendInt(w.b, v, 10)
}

// id writes a number as a string: ids of SentinelOne exceed what a float64 holds.
func (w *jsonWriter) id(k string, v uint64) {
	w.key(k)
	w.b = append(w.b, '"')
	w.b = strconv.AppendUint(w.b, v, 10)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) flag(k string, v bool) {
	w.key(k)
	w.b = strconv.AppendBool(w.b, v)
}

// raw writes ready JSON text.
func (w *jsonWriter) raw(k, text string) {
	w.key(k)
	w.b = append(w.b, text...)
}

func (w *jsonWriter) nulls(keys ...string) {
	for _, k := range keys {
		w.raw(k, "null")
	}
}

// item writes a string as an array's next member.
func (w *jsonWriter) item(v string) {
	w.comma()
	w.quote(v)
}

// list writes an array of strings.
func (w *jsonWriter) list(k string, values ...string) {
	w.open(k, '[')
	for _, v := range values {
		w.item(v)
	}
	w.end(']')
}

// numbers writes an array of numbers.
func (w *jsonWriter) numbers(k string, values ...int) {
	w.open(k, '[')
	for _, v := range values {
		w.comma()
		w.b = strconv.AppendInt(w.b, int64(v), 10)
	}
	w.end(']')
}

// at writes a time in the given layout.
func (w *jsonWriter) at(k string, t time.Time, layout string) {
	w.key(k)
	w.b = append(w.b, '"')
	if layout == microLayout {
		w.micro(t)
	} else {
		w.b = t.AppendFormat(w.b, layout)
	}
	w.b = append(w.b, '"')
}

// micro writes a time in microLayout, which is most of what there is to write, faster than AppendFormat.
func (w *jsonWriter) micro(t time.Time) {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	w.padded(year, 4)
	w.b = append(w.b, '-')
	w.padded(int(month), 2)
	w.b = append(w.b, '-')
	w.padded(day, 2)
	w.b = append(w.b, 'T')
	w.padded(hour, 2)
	w.b = append(w.b, ':')
	w.padded(minute, 2)
	w.b = append(w.b, ':')
	w.padded(second, 2)
	w.b = append(w.b, '.')
	w.padded(t.Nanosecond()/1000, 6)
	w.b = append(w.b, 'Z')
}

// padded writes n with so many digits.
func (w *jsonWriter) padded(n, digits int) {
	at := len(w.b)
	w.b = append(w.b, "000000"[:digits]...)
	for digits--; digits >= 0; digits-- {
		w.b[at+digits] = byte('0' + n%10)
		n /= 10
	}
}

// epoch writes seconds since 1970 with nine decimals, as NinjaRMM does.
func (w *jsonWriter) epoch(k string, t time.Time) {
	w.key(k)
	w.b = strconv.AppendInt(w.b, t.Unix(), 10)
	w.b = append(w.b, '.')
	w.padded(t.Nanosecond()/1000, 6)
	w.b = append(w.b, "000"...)
}

// quote writes a JSON string.
func (w *jsonWriter) quote(v string) {
	w.b = append(w.b, '"')
	from := 0
	for i := range len(v) {
		c := v[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, v[from:i]...)
		from = i + 1
		if c < ' ' {
			w.b = append(append(w.b, `\u00`...), hex(uint64(c), 2)...)
		} else {
			w.b = append(w.b, '\\', c)
		}
	}
	w.b = append(append(w.b, v[from:]...), '"')
}
