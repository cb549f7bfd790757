package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"assetgraph/converters"
)

// A Bill is how many seats are billed, line by line.
type Bill []BillLine

// A BillLine is one line of a bill.
type BillLine struct {
	Line              int // in its file
	Customer, Product string
	Seats             int64
}

// ReadBill reads CSV, with commas or semicolons, whose first line names its columns: customer, product and seats, in
// any case and order, others beside them. Errors begin with the number of the line.
func ReadBill(r io.Reader) (Bill, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	content := strings.TrimPrefix(string(text), "\ufeff") // which spreadsheets put before what they write
	lines := csv.NewReader(strings.NewReader(content))
	head, _, _ := strings.Cut(content, "\n")
	if strings.Count(head, ";") > strings.Count(head, ",") {
		lines.Comma = ';'
	}
	lines.FieldsPerRecord = -1
	header, err := lines.Read()
	if err != nil {
		return nil, badLine(1, err)
	}
	var at [3]int
	for i, name := range []string{"customer", "product", "seats"} {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if at[i] < 0 {
			return nil, badLine(1,
				fmt.Errorf("there is no column %s; the first line names customer, product and seats", name))
		}
	}
	var bill Bill
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return bill, nil
		}
		line, _ := lines.FieldPos(0)
		if err != nil {
			return nil, badLine(line, err)
		}
		if slices.Max(at[:]) >= len(fields) {
			return nil, badLine(line, errors.New("it has fewer fields than the first line"))
		}
		b := BillLine{
			Line: line, Customer: strings.TrimSpace(fields[at[0]]), Product: strings.TrimSpace(fields[at[1]]),
		}
		seats := strings.TrimSpace(fields[at[2]])
		number, err := strconv.ParseFloat(seats, 64)
		if err != nil || number != float64(int64(number)) || number < 0 {
			return nil, badLine(line, fmt.Errorf("seats: %q is no number of seats", seats))
		}
		b.Seats = int64(number)
		bill = append(bill, b)
	}
}

func badLine(line int, err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		line, err = parse.StartLine, parse.Err
	}
	return fmt.Errorf("%d: %w", line, err)
}

// toolOf returns the index of the tool that a bill calls so, -1 for what is none: by its name, its title, or its
// product, of which the bill may say more ("Acme RMM Pro").
func toolOf(tools []*converters.Tool, called string) int {
	if i := slices.IndexFunc(tools, func(t *converters.Tool) bool {
		return strings.EqualFold(t.Name, called) || strings.EqualFold(t.Title, called)
	}); i >= 0 {
		return i
	}
	return slices.IndexFunc(tools, func(t *converters.Tool) bool {
		return converters.CalledBy(called, []string{strings.ToLower(strings.ReplaceAll(t.Product, " ", ""))})
	})
}
