package correlate

import (
	"cmp"
	"slices"
)

// nameByAccount calls customers by their account whose own name tells none from another: it is one that the product has
// given, or customers of several accounts have it.
func (o *organizer) nameByAccount() {
	isPlace := o.places()
	for i := range o.c.customers {
		u := &o.c.customers[i]
		if u.role == nil || u.account == 0 || !isPlace(u) && !saysNothing(u.own.base) {
			continue
		}
		if name := o.c.accounts[u.account].name; name != "" {
			u.name, u.known, u.parent, u.byAccount = name, normalCompany(name), "", true
		}
	}
}

// places returns a function that reports whether customers of several accounts have a customer's name. Accounts of two
// instances may both be the service provider's own: they count as several when their names differ and no product
// without accounts has a customer of the name.
func (o *organizer) places() func(*customer) bool {
	type within struct{ scope, base string }
	type among struct {
		role *role
		base string
	}
	account, several := map[within]uint64{}, map[within]bool{}
	called, severalNames := map[among]string{}, map[among]bool{}
	companies := map[string]bool{}
	for i := range o.c.customers {
		u := &o.c.customers[i]
		switch {
		case u.role == nil || u.dead:
			continue
		case u.account == 0:
			companies[u.own.base] = true
			continue
		}
		own, all := within{u.scope, u.own.base}, among{u.role, u.own.base}
		if other, known := account[own]; known && other != u.account {
			several[own] = true
		}
		account[own] = u.account
		name := normalCompany(o.c.accounts[u.account].name).base
		if other := called[all]; other != "" && name != "" && other != name {
			severalNames[all] = true
		}
		called[all] = cmp.Or(name, called[all])
	}
	return func(u *customer) bool {
		return several[within{u.scope, u.own.base}] || severalNames[among{u.role, u.own.base}] && !companies[u.own.base]
	}
}

// matchNames joins customers whose names are alike in what of tells of them, where no product knows two of it. A name
// never brings two customers of one product together, unless both are known by their account alone or one of them is
// none any more. What is dead never keeps apart what is alive.
func (o *organizer) matchNames(of func(companyName) string) {
	byName := map[string][]uint32{}
	for _, i := range o.sorted() {
		if u := &o.c.customers[i]; u.role != nil && !saysNothing(u.known.base) {
			name := of(u.known)
			byName[name] = append(byName[name], i)
		}
	}
	for _, name := range sortedKeys(byName) {
		list, gone := o.alive(byName[name])
		if len(list) == 0 {
			list, gone = gone, nil
		}
		if u, why := o.ambiguous(list); u != nil {
			if len(list) > 1 {
				o.c.findings.customerUnlinked(u, why)
			}
			continue
		}
		for _, i := range slices.Concat(list[1:], gone) {
			o.join(list[0], i, methodName, o.c.customers[i].known.base, strong, o.mayShare)
		}
	}
}

// mayShare reports whether a name may make one customer of two.
func (o *organizer) mayShare(a, b *customer) bool {
	if a.known.base == b.known.base && !a.known.fits(b.known) {
		return false
	}
	return a.scope != b.scope || a.dead || b.dead || a.byAccount && b.byAccount && a.account == b.account
}

// alive sorts out customers that are none any more.
func (o *organizer) alive(list []uint32) (live, gone []uint32) {
	for _, i := range list {
		if o.c.customers[i].dead {
			gone = append(gone, i)
		} else {
			live = append(live, i)
		}
	}
	return live, gone
}

// ambiguous returns a customer because of which a list of one name is not one customer, and why; nil for none.
func (o *organizer) ambiguous(list []uint32) (*customer, string) {
	for n, i := range list {
		u := &o.c.customers[i]
		for _, j := range list[:n] {
			v := &o.c.customers[j]
			switch {
			case o.forest.root(i) == o.forest.root(j):
			case u.known.base == v.known.base && !u.known.fits(v.known):
				return u, "others of its name have another legal form"
			case !o.mayShare(u, v):
				return u, "its name is not unique within the product"
			}
		}
	}
	return nil, ""
}

// matchAccounts joins all customers of an account with the one that another product knows by the account's name, as
// long as none of them is a customer there by its own name: then the account is that of a provider of services, and
// each customer below it stands for itself.
func (o *organizer) matchAccounts() {
	below := map[uint64][]uint32{}
	owners := map[string][]uint32{} // of a name, in products without accounts
	for _, i := range o.sorted() {
		switch u := &o.c.customers[i]; {
		case u.role == nil || u.dead:
		case u.account != 0:
			below[u.account] = append(below[u.account], i)
		default:
			owners[u.known.base] = append(owners[u.known.base], i)
		}
	}
	accounts := make([]uint64, 0, len(below))
	for a := range below {
		accounts = append(accounts, a)
	}
	slices.Sort(accounts)
	for _, account := range accounts {
		name := normalCompany(o.c.accounts[account].name)
		list := owners[name.base]
		if len(list) == 0 || saysNothing(name.base) {
			continue
		}
		if u, _ := o.ambiguous(list); u != nil || !name.fits(o.c.customers[list[0]].known) {
			continue
		}
		target := list[0]
		if slices.ContainsFunc(below[account], func(i uint32) bool { return o.isElsewhere(i, target) }) {
			continue
		}
		for _, i := range below[account] {
			o.join(target, i, methodName, name.base, strong,
				func(a, b *customer) bool { return a.scope != b.scope || a.account == b.account })
		}
	}
}

// isElsewhere reports whether a customer is the same as one of another product that is not the target.
func (o *organizer) isElsewhere(i, target uint32) bool {
	root := o.forest.root(i)
	return root != o.forest.root(target) && slices.ContainsFunc(o.groups[root], func(j uint32) bool {
		return o.c.customers[j].role.product != o.c.customers[i].role.product
	})
}

// matchBranches joins "Acme Ltd - Branch" with "Acme Ltd" of the same account, where the product has accounts.
func (o *organizer) matchBranches() {
	type place struct {
		scope   string
		account uint64
		name    string
	}
	sites := map[place]uint32{}
	for _, i := range o.sorted() {
		if u := &o.c.customers[i]; u.account != 0 && !u.dead {
			sites[place{u.scope, u.account, u.own.base}] = i
		}
	}
	for _, i := range o.sorted() {
		u := &o.c.customers[i]
		if main, ok := sites[place{u.scope, u.account, u.parent}]; ok && u.account != 0 && u.parent != "" &&
			len(o.groups[o.forest.root(i)]) == 1 {
			o.join(main, i, methodName, u.parent, weak, anything)
		}
	}
}
