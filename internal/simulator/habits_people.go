package simulator

import "fmt"

// peopleHabits are about humans and their addresses.
func peopleHabits() []habit {
	return []habit{
		{"shared-mailbox", "two people of one tenant are entered with the mailbox that they share", func(p *planter) {
			p.times(1, 3, func(int) {
				c := p.somewhere()
				mailbox := pickOne(p, "info@", "reception@", "office@") + p.letters("abcdefgh", 4) + "." +
					p.f.customers[c].mail
				for n := range 2 {
					p.person(c, p.f.planted.next(), p.f.words.first[n*7], p.f.words.last[n*5+p.r.IntN(5)], mailbox,
						p.principal())
				}
			})
		}},
		{"user-names-person", "a console user signs in with another address than the person has, and names the person",
			func(p *planter) {
				p.times(1, 3, func(int) {
					c := p.somewhere()
					real := p.f.planted.next()
					first, last := pickOne(p, p.f.words.first...), pickOne(p, p.f.words.last...)
					person := p.person(c, real, first, last, p.address(first, last, p.f.customers[c].mail),
						p.principal())
					p.f.planted.users = append(p.f.planted.users, plantedUser{p.habit, real, map[string]any{
						"name": first + " " + last, "email": p.address(first, last, "admin."+p.f.customers[c].mail),
						"personId": p.f.personID(person.number),
						"type":     "Person", "azurePrincipalId": p.principal(), "isExpired": false,
					}})
				})
			}},
		{"renamed-principal", "somebody marries: the directory keeps its object id, the address is another one",
			func(p *planter) {
				p.times(1, 3, func(int) {
					c := p.somewhere()
					real, principal := p.f.planted.next(), p.principal()
					first := pickOne(p, p.f.words.first...)
					for n := range 2 {
						last := p.f.words.last[n*9+p.r.IntN(9)]
						p.person(c, real, first, last, p.address(first, last, p.f.customers[c].mail), principal)
					}
				})
			}},
	}
}

func (p *planter) principal() string {
	return dashed(p.hexits(12) + "4" + p.hexits(3) + "8" + p.hexits(15))
}

func (p *planter) address(first, last, domain string) string {
	return fmt.Sprintf("%s.%s%s@%s", p.f.plain(first), p.f.plain(last), p.digits(3), domain)
}

// person plants a person in ImmyBot.
func (p *planter) person(customer, real int, first, last, email, principal string) *card {
	c := &card{f: p.f, kind: personCard, habit: p.habit, real: real, customer: customer}
	p.f.add(c, Laptop)
	p.f.planted.people[c.number] = map[string]any{
		"firstName": first, "lastName": last, "fullName": first + " " + last, "emailAddress": email,
		"azurePrincipalId": principal,
	}
	return c
}
