package simulator

import (
	"fmt"
	"strings"
)

// A human has an account in one or several products; the e-mail address makes it the same one.
type human struct{ first, last, email, login string }

// person is the human who came with machine i.
func (f *fleet) person(i int) human {
	h := f.human(i + 1000)
	h.login = fmt.Sprintf("%s%d", f.words.ascii.Replace(strings.ToLower(h.first[:1]+h.last)), i)
	h.email = fmt.Sprintf("%s.%s%d@%s", f.plain(h.first), f.plain(h.last), i, f.customers[f.states[i].customer].mail)
	return h
}

// technicians is how many humans of the service provider have accounts in all three products.
const technicians = 8

// technician is one of the service provider's staff.
func (f *fleet) technician(t int) human {
	h := f.human(-1 - t)
	h.login = f.plain(h.first) + fmt.Sprint(t)
	h.email = fmt.Sprintf("%s.%s%d@msp.example", f.plain(h.first), f.plain(h.last), t)
	return h
}

func (f *fleet) human(n int) human {
	draw := f.roll(n, topicHuman)
	return human{
		first: f.words.first[draw%uint64(len(f.words.first))],
		last:  f.words.last[draw>>32%uint64(len(f.words.last))],
	}
}

func (f *fleet) plain(name string) string { return f.words.ascii.Replace(strings.ToLower(name)) }

// full is first and last name.
func (h human) full() string { return h.first + " " + h.last }

// capitals writes the e-mail address as people type it.
func (h human) capitals() string {
	name, domain, _ := strings.Cut(h.email, "@")
	parts := strings.Split(name, ".")
	for n, p := range parts {
		parts[n] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, ".") + "@" + domain
}
