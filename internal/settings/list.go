package settings

import (
	"encoding/csv"
	"slices"
	"strings"
)

// ParseList reads several texts with commas between them, or one a line. A text that has a comma itself stands in double
// quotes: "Example, Inc.",Sample. What comes twice is once there, and what is empty is not.
func ParseList(text string) (list []string) {
	r := csv.NewReader(strings.NewReader(text))
	r.LazyQuotes, r.TrimLeadingSpace, r.FieldsPerRecord, r.ReuseRecord = true, true, -1, true
	for {
		line, err := r.Read()
		if err != nil { // the end: lazy quotes know no mistakes
			return list
		}
		for _, one := range line {
			if one = strings.TrimSpace(one); one != "" && !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
	}
}

// FormatList writes a list as ParseList reads it.
func FormatList(list []string) string {
	var b strings.Builder
	for i, one := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(one, ",\"\n\r") {
			one = `"` + strings.ReplaceAll(one, `"`, `""`) + `"`
		}
		b.WriteString(one)
	}
	return b.String()
}
