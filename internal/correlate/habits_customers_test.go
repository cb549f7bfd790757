package correlate

import "fmt"

// customerCases: a customer is more than the name of a site, and what is dead does not make a name ambiguous.
func customerCases() []habitCase {
	return []habitCase{
		{"two accounts with a site of one name", []string{
			account(71, "Alpha Ltd"), account(72, "Beta GmbH"),
			site(1, "Default site", 71, "Alpha Ltd"),
			site(2, "Default site", 72, "Beta GmbH"),
			"o1 name=Alpha_Ltd", "o2 name=Beta_GmbH", "t1 name=Alpha"}, "o1 s1 t1 | o2 s2", ""},
		{"an account with two sites of places", []string{
			account(71, "Alpha Ltd"),
			site(1, "Berlin", 71, "Alpha Ltd"),
			site(2, "Servers", 71, "Alpha Ltd"),
			"o1 name=Alpha_Ltd"}, "o1 s1 s2", ""},
		{"the provider's own account says nothing of its sites", []string{
			account(71, "Example Managed Services"),
			site(1, "Alpha Ltd", 71, "Example Managed Services"),
			site(2, "Beta GmbH", 71, "Example Managed Services"),
			"o1 name=Alpha_Ltd", "o2 name=Beta_GmbH", "o3 name=Example_Managed_Services"}, "o1 s1 | o2 s2 | o3", ""},
		{"an expired site beside the live one", []string{
			"s1 name=Alpha_Ltd state=active", "s2 name=Alpha_Ltd state=expired", "o1 name=Alpha_Ltd", "t1 name=Alpha"},
			"o1 s1 s2 t1", ""},
		{"a deleted site beside the live one", []string{
			"s1 name=Alpha_Ltd state=active", "s2 name=Alpha_Ltd state=deleted", "o1 name=Alpha_Ltd"}, "o1 s1 s2", ""},
		{"an inactive tenant beside the live one", []string{
			`immybot/tenant {"id":1,"name":"Alpha Ltd","active":true}`, `immybot/tenant {"id":2,"name":"Alpha Ltd","active":false}`,
			"o1 name=Alpha_Ltd", "s1 name=Alpha"},
			"o1 s1 t1 t2", ""},
		{"two live sites of one name stay ambiguous", []string{
			"s1 name=Alpha_Ltd state=active accountId=7", "s2 name=Alpha_Ltd state=active accountId=8", "o1 name=Alpha_Ltd"}, "o1 | s1 | s2", ""},
		{"two legal forms", []string{"s1 name=Acme_Inc", "o1 name=ACME_Ltd"}, "o1 | s1", ""},
		{"a legal form that is missing", []string{"s1 name=Acme_Inc", "o1 name=ACME"}, "o1 s1", ""},
		{"two spellings of one legal form", []string{"s1 name=Acme_B.V.", "o1 name=ACME_BV"}, "o1 s1", ""},
		{"a missing legal form between two", []string{"s1 name=Acme_Inc", "o1 name=ACME_Ltd", "t1 name=Acme"}, "o1 | s1 | t1", ""},
		{"whole names before trimmed ones", []string{
			"s1 name=Acme_Ltd", "o1 name=Acme_Ltd", "o2 name=Acme", "t1 name=Acme_Ltd"}, "o1 s1 t1 | o2", ""},
		{"whole names before trimmed ones, the short one", []string{"s1 name=Acme", "o1 name=Acme_Ltd", "o2 name=Acme"}, "o1 | o2 s1", ""},
	}
}

// personCases: a human is more than an address, and less than a mailbox.
func personCases() []habitCase {
	const principal = "5c1d2a34-0000-4000-8000-000000000001"
	return []habitCase{
		{"a mailbox that two people share", []string{
			person(1, "Anna", "Adler", "info@one.example", ""),
			person(2, "Ben", "Brandt", "info@one.example", "")}, "p1 | p2", ""},
		{"one person twice, the first name short", []string{
			person(1, "Anna", "Adler", "anna@one.example", ""),
			person(2, "Anna", "Adler", "Anna@one.example", "")}, "p1 p2", ""},
		{"a user names the person", []string{
			person(1, "Anna", "Adler", "anna@one.example", ""),
			`immybot/user {"id":1,"name":"Anna Adler","email":"adm-anna@one.example","personId":1,"type":"Person"}`}, "p1 u1", ""},
		{"one object of the directory under two addresses", []string{
			person(1, "Anna", "Adler", "anna.adler@one.example", principal),
			person(2, "Anna", "Brandt", "anna.brandt@one.example", principal)},
			"p1 p2", ""},
	}
}

// keyCases: a machine that was one stays one unless contradicted, and what was apart is not merged because a record
// disappeared.
func keyCases() []keyCase {
	clone := "d2 " + vmSerial + " name=clone mac=" + vm2 + " " + vmwareVM
	clones := []string{
		"a1 " + vmSerial + " name=origin mac=" + vm1 + " " + vmwareVM, "d1 " + vmSerial + " name=origin mac=" + vm1 + " " + vmwareVM,
		"c2 " + vmSerial + " name=clone " + vmwareVM,
	}
	two := []string{
		"d1 " + vmSerial + " name=one mac=" + vm1, "c1 " + vmSerial + " name=one",
		"d2 " + vmSerial + " name=two mac=" + vm2, "c2 " + vmSerial + " name=two",
	}
	shared := []string{
		"a1 " + vmSerial + " uuid=" + uuid1 + " name=origin mac=" + vm1, "d1 " + vmSerial + " name=origin mac=" + vm1,
		"c1 " + vmSerial + " name=origin link=ninjarmm:1", "d2 " + vmSerial + " name=clone mac=" + vm2,
		"c2 " + vmSerial + " name=clone link=sentinelone:" + uuid1,
	}
	onOne, onTwo := "a1 "+vmSerial+" uuid="+uuid1+" name=one mac="+vm1, "a1 "+vmSerial+" uuid="+uuid1+" name=two mac="+vm2
	chain := []string{"a1 mac=" + mac1 + " name=one", "c1 serial=ABC1234"}
	link := "d1 mac=" + mac1 + " serial=ABC1234"
	return []keyCase{
		{"a clone's device vanishes, and its computer stays what it was", [][]string{with(clones, clone), clones, with(clones, clone)},
			[]string{"a1 d1 | c2 d2", "a1 d1 | c2", "a1 d1 | c2 d2"}, "a1 d1 c2 d2", true, ""},
		{"a link leads to the agent that two clones share, and one of the two is not listed for once", [][]string{
			with(shared, "a2 "+vmSerial+" uuid="+uuid1+" name=clone mac="+vm2), shared, with(shared, "a2 "+vmSerial+" uuid="+uuid1+" name=clone mac="+vm2)},
			[]string{"a1 c1 d1 | a2 c2 d2", "a1 c1 d1 | c2 d2", "a1 c1 d1 | a2 c2 d2"}, "a1 c1 d1 c2 d2", true, ""},
		{"the record that connects two vanishes and returns", [][]string{with(chain, link), chain, with(chain, link)},
			[]string{"a1 c1 d1", "a1 c1", "a1 c1 d1"}, "a1 c1 d1", true, ""},
		{"the record that connects two vanishes, and they contradict each other", [][]string{
			with(chain, link), {"a1 mac=" + mac1 + " name=one serial=XYZ9876", "c1 serial=ABC1234 name=two"}},
			[]string{"a1 c1 d1", "a1 | c1"}, "", false, ""},
		{"a rival vanishes, and what was apart stays apart", [][]string{
			{"a1 name=dc01 mac=" + mac1, "a2 name=dc01 mac=" + mac2, "c1 name=dc01"}, {"a1 name=dc01 mac=" + mac1, "c1 name=dc01"}},
			[]string{"a1 | a2 | c1", "a1 | c1"}, "a1 c1", true, ""},
		{"what was apart becomes one by evidence that is new", [][]string{
			{"a1 name=one mac=" + mac1, "d1 name=two mac=" + mac2}, {"a1 name=one mac=" + mac1 + " serial=ABC1234",
				"d1 name=one mac=" + mac1 + " serial=ABC1234"}},
			[]string{"a1 | d1", "a1 d1"}, "", false, ""},
		{"an agent that alternates between two clones", [][]string{with(two, onOne), with(two, onTwo), with(two, onOne)},
			[]string{"a1 c1 d1 | c2 d2", "a1 c2 d2 | c1 d1", "a1 c1 d1 | c2 d2"}, "c1 d1 c2 d2", true, ""},
		{"records come back after a run without their product", [][]string{
			{"a1 serial=ABC1234 name=one", "d1 serial=ABC1234 name=one"}, {"a1 serial=ABC1234 name=one"}, {"a1 serial=ABC1234 name=one",
				"d1 serial=ABC1234 name=one"}},
			[]string{"a1 d1", "a1", "a1 d1"}, "a1 d1", true, ""},
		{"renamed while its serial number is not shown", [][]string{
			{"a1 serial=ABC1234 name=one mac=" + mac1, "c1 serial=ABC1234 name=one"}, {"a1 name=two mac=" + mac1, "c1 serial=ABC1234 name=one"}},
			[]string{"a1 c1", "a1 c1"}, "a1 c1", true, ""},
	}
}

func with(records []string, more ...string) []string {
	return append(append([]string(nil), records...), more...)
}

// account and site are as SentinelOne answers.
func account(id int, name string) string {
	return fmt.Sprintf(`sentinelone/account {"id":"%d","name":%q}`, id, name)
}

func site(id int, name string, accountID int, accountName string) string {
	return fmt.Sprintf(`sentinelone/site {"id":"%d","name":%q,"accountId":"%d","accountName":%q,"state":"active"}`, id, name, accountID, accountName)
}

// person is as ImmyBot answers.
func person(id int, first, last, email, principal string) string {
	return fmt.Sprintf(`immybot/person {"id":%d,"tenantId":1,"firstName":%q,"lastName":%q,"emailAddress":%q,"azurePrincipalId":%q}`,
		id, first, last, email, principal)
}
