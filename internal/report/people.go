package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/converters"
	"assetgraph/graph"
)

// PeopleOptions say what People looks at.
type PeopleOptions struct {
	Options
	Dormant time.Duration // how long ago the last sign-in to a console may be
}

// What People finds.
const (
	LeftWithConsole = "left-with-console" // an account of a person is switched off, another in a console is not
	WithoutMFA      = "without-mfa"       // an account in a console asks for no second factor
	Dormant         = "dormant"           // nobody has signed in to a console with the account for long, or ever
	UserGone        = "user-gone"         // a machine whose user has an account that is switched off, or is none any more
)

// People lists accounts and machines that an identity team should look at. It says nothing of accounts that are
// switched off, and nothing of what a product does not tell of its accounts.
func People(ctx context.Context, s Source, o PeopleOptions) (*Report, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofAll&^ofPosture)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	return i.findPeople(&o), nil
}

// people is what the graph knows of humans.
type people struct {
	accounts []account
	names    map[graph.Key]string   // of persons
	uses     map[string][]graph.Key // persons by key of a machine
	logins   map[login]int          // accounts by what machine records call them
	off      map[graph.Key]*account // an account of the person that is switched off
}

// An account is a product's record of a human.
type account struct {
	key, person, customer graph.Key // customer is a product's; "" for none
	product               string    // as reports call it
	name, email           string
	console, on           bool
	mfa                   graph.Value
	tellsLogin            bool // whether the product tells of sign-ins
	lastLogin, created    time.Time
}

// A login is by what machine records of an instance name their user.
type login struct{ instance, name string }

func loadPeople(ctx context.Context, s Source) (people, error) {
	p := people{
		names: map[graph.Key]string{}, uses: map[string][]graph.Key{}, logins: map[login]int{},
		off: map[graph.Key]*account{},
	}
	persons := map[graph.Key]graph.Key{}
	err := s.eachLink(ctx, graph.LinkSelection{Types: s.linksTo("person")},
		func(l graph.Link) { persons[cloned(l.From)] = cloned(l.To) })
	if err != nil {
		return p, err
	}
	for _, link := range s.linksTo("person") {
		if err := p.loadAccounts(ctx, s, link.From, persons); err != nil {
			return p, err
		}
	}
	for n := range p.accounts {
		if a := &p.accounts[n]; !a.on && a.person != "" {
			p.off[a.person] = a
		}
	}
	err = s.eachEntity(ctx, "person", []string{"displayName"},
		func(e *graph.Element) { p.names[e.Key] = e.Get("displayName").Text() })
	if err != nil {
		return p, err
	}
	uses, err := s.typeOf("person_uses_device")
	if err != nil {
		return p, err
	}
	err = s.eachLink(ctx, graph.LinkSelection{Types: []*graph.Type{uses}}, func(l graph.Link) {
		p.uses[string(l.To)] = append(p.uses[string(l.To)], cloned(l.From))
	})
	for _, list := range p.uses {
		slices.Sort(list) // links come in any order
	}
	return p, err
}

func (p *people) loadAccounts(ctx context.Context, s Source, typ string, persons map[graph.Key]graph.Key) error {
	t, h := s.Schema.Type(typ), s.Model.Role(typ).Human
	names := []string{"displayName"}
	for _, f := range append(slices.Clone(h.Reads), h.Email, h.Active, h.MFA, h.LastLogin, h.Created, h.Login) {
		if !f.IsZero() {
			names = append(names, f.Property().Name)
		}
	}
	names = append(names, owningProperties(t)...)
	product := s.productOf(t.Integration)
	return s.eachEntity(ctx, typ, names, func(e *graph.Element) {
		a := account{
			key: e.Key, person: persons[e.Key], product: product, name: e.Get("displayName").Text(),
			email: strings.Join(textsIn(h.Email.Get(e)), ";"), console: h.Console != nil && h.Console(e),
			on: h.Active.Get(e).IsAbsent() || h.Active.Get(e).Bool(), mfa: h.MFA.Get(e),
			tellsLogin: !h.LastLogin.IsZero(), lastLogin: h.LastLogin.Get(e).Time(), created: h.Created.Get(e).Time(),
		}
		_, a.customer = converters.CustomerOf(s.Schema, t, e.Instance,
			func(name string) string { return e.Get(name).String() })
		if name := h.Login.Get(e).Text(); name != "" {
			p.logins[login{e.Instance, name}] = len(p.accounts)
		}
		p.accounts = append(p.accounts, a)
	})
}

// productOf returns a product as its maker writes it, its integration where no tool is of it.
func (s Source) productOf(integration string) string {
	for _, r := range s.recordTypes() {
		if r.t.Integration == integration {
			return r.Tool.Product
		}
	}
	return integration
}

func (i *inventory) findPeople(o *PeopleOptions) *Report {
	out := i.report("people", "People", Column{Name: "kind", Title: "What", Least: 11},
		Column{Name: "person", Title: "Who", Least: 12}, Column{Name: "product", Title: "Product", Least: 11},
		reasonColumn(), organizationColumn(), Column{Name: "hostname", Title: "Machine", Least: 15, Optional: true},
		Column{Name: "email", Title: "E-mail", Kind: Texts, Least: 24, Optional: true},
		Column{Name: "lastLoginOn", Title: "Last sign-in", Kind: Day, Least: 10, Optional: true},
		Column{Name: "account", Title: "Account", Least: 40, Optional: true}, deviceColumn())
	f := &peopleFinder{inventory: i, options: o, out: out, homes: map[graph.Key]graph.Key{}}
	for _, kind := range []string{LeftWithConsole, WithoutMFA, Dormant, UserGone, "mfa-unknown", "login-unknown"} {
		f.sums.add(kind, 0)
	}
	f.findHomes()
	for n := range i.people.accounts {
		f.look(&i.people.accounts[n])
	}
	for n, m := range i.machines(&o.Options) {
		f.lookAt(n, m)
	}
	order := []string{LeftWithConsole, WithoutMFA, Dormant, UserGone}
	slices.SortStableFunc(out.Rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(slices.Index(order, textOf(a[0])), slices.Index(order, textOf(b[0]))),
			ByName(textOf(a[4]), textOf(b[4])), ByName(textOf(a[1]), textOf(b[1])), ByName(textOf(a[5]), textOf(b[5])),
			cmp.Compare(textOf(a[8]), textOf(b[8])), cmp.Compare(textOf(a[9]), textOf(b[9])))
	})
	out.Figures = f.sums.figures
	n := func(kind string) int { return int(out.figure(kind)) }
	say := func(list *[]string, kind, what string) {
		if n(kind) > 0 {
			*list = append(*list, fmt.Sprintf("%s %s", humanize.Comma(int64(n(kind))), what))
		}
	}
	var found, unknown, machines []string
	say(&found, LeftWithConsole, "of people with another account that is switched off")
	say(&found, WithoutMFA, "without a second factor")
	say(&found, Dormant, "dormant")
	out.Summary = appendSentence(out.Summary, "Accounts in consoles: ", found)
	say(&unknown, "mfa-unknown", "whether a second factor is asked for")
	say(&unknown, "login-unknown", "when somebody last signed in")
	out.Summary = appendSentence(out.Summary, "Accounts of which nobody knows: ", unknown)
	say(&machines, UserGone, "whose user is gone")
	out.Summary = appendSentence(out.Summary, "Machines: ", machines)
	if len(out.Rows) == 0 {
		out.Summary = append([]string{"Nothing to look at."}, out.Summary...)
	}
	return out
}

type peopleFinder struct {
	*inventory
	options *PeopleOptions
	out     *Report
	sums    totals
	homes   map[graph.Key]graph.Key // customers of persons, by the person
}

// findHomes finds whose each person is: as their records say, else as the machines say that they use.
func (f *peopleFinder) findHomes() {
	for n := range f.people.accounts {
		a := &f.people.accounts[n]
		if home := f.organizationOf(a.customer); home != "" && a.person != "" {
			f.homes[a.person] = home
		}
	}
	for _, m := range f.fleet.machines {
		for _, person := range f.people.uses[m.key] {
			if f.homes[person] == "" && m.organization != "" {
				f.homes[person] = m.organization
			}
		}
	}
}

func (f *peopleFinder) homeOf(a *account) graph.Key {
	return cmp.Or(f.organizationOf(a.customer), f.homes[a.person])
}

func (f *peopleFinder) add(kind string, a *account, m *machine, organization graph.Key, reason string) {
	row := []any{kind, "", "", reason, f.fleet.names[organization], "", "", nil, "", ""}
	if a != nil {
		row[1], row[2], row[6], row[7], row[8] = a.name, a.product, a.email, timeCell(a.lastLogin), string(a.key)
	}
	if m != nil {
		row[5], row[9] = m.name, m.key
	}
	f.out.Rows = append(f.out.Rows, row)
	f.sums.add(kind, 1)
}

// look adds what is wrong with an account in a console.
func (f *peopleFinder) look(a *account) {
	home := f.homeOf(a)
	if !a.console || !a.on || len(f.options.Systems) > 0 || !f.options.about(home, f.fleet.names[home]) {
		return
	}
	if off := f.people.off[a.person]; off != nil {
		f.add(LeftWithConsole, a, nil, home, fmt.Sprintf("the account in %s is switched off, this one is not", off.product))
	}
	switch {
	case a.mfa.IsAbsent():
		f.sums.add("mfa-unknown", 1)
	case !a.mfa.Bool():
		f.add(WithoutMFA, a, nil, home, "no second factor")
	}
	last := a.lastLogin
	if last.IsZero() {
		last = a.created // who came lately need not have signed in
	}
	switch {
	case !a.tellsLogin || last.IsZero():
		f.sums.add("login-unknown", 1)
	case f.options.Now.Sub(last) <= f.options.Dormant:
	case a.lastLogin.IsZero():
		f.add(Dormant, a, nil, home, "never signed in")
	default:
		f.add(Dormant, a, nil, home, "last signed in "+f.options.ago(a.lastLogin))
	}
}

// lookAt adds a machine whose user is gone: one that a product names and does not know any more, or whose account is
// switched off.
func (f *peopleFinder) lookAt(n int, m *machine) {
	for _, r := range f.recordsOf(n) {
		if r.owner == "" || r.state == converters.Gone {
			continue
		}
		at, known := f.people.logins[login{r.key.Scope().Instance, r.owner}]
		if !known {
			f.add(UserGone, nil, m, m.organization,
				fmt.Sprintf("%s names a user that it does not have any more", f.Model.Tools()[r.tool].Product))
			return
		}
		if a := &f.people.accounts[at]; !a.on {
			f.add(UserGone, a, m, m.organization, fmt.Sprintf("the account in %s is switched off", a.product))
			return
		}
	}
	for _, person := range f.people.uses[m.key] {
		if a := f.people.off[person]; a != nil {
			f.add(UserGone, a, m, m.organization, fmt.Sprintf("the account in %s is switched off", a.product))
			return
		}
	}
}
