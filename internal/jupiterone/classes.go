package jupiterone

import (
	"fmt"
	"slices"

	"assetgraph/graph"
)

// form is what a JSON value must be.
type form uint8

const (
	text    form = iota
	texts        // list of distinct texts
	number       // any number; a time as epoch milliseconds
	moment       // epoch milliseconds as a whole number from 1970 to 9999
	boolean      //
)

// A rule is what a class says of one property.
type rule struct {
	name  string
	form  form
	each  func(string) bool // what every text must be; nil = anything
	blank string            // JSON that stands for a missing value; "" = the property is optional and then left out
}

const (
	null      = "null"
	emptyText = `""`
	emptyList = `[]`
)

// rulesOf returns what the class and those it builds on say, nil for a class that the model does not use.
func rulesOf(class string) []rule {
	rules := entityRules()
	switch class {
	case "Account":
		return append(rules, accountRules()...)
	case "Organization":
		return append(rules, organizationRules()...)
	case "Site":
		return append(rules, siteRules()...)
	case "Group":
		return rules
	case "HostAgent":
		return append(rules, hostAgentRules()...)
	case "Device":
		return append(append(rules, machineRules()...), deviceRules()...)
	case "Host":
		return append(rules, machineRules()...)
	case "User":
		return append(rules, userRules()...)
	case "Person":
		return append(rules, personRules()...)
	case "Finding":
		return append(rules, findingRules()...)
	case "ControlPolicy":
		return append(rules, controlPolicyRules()...)
	case "Alert":
		return append(rules, recordRules()...)
	}
	return nil
}

func entityRules() []rule {
	return []rule{
		{name: "name", form: text, blank: emptyText},
		{name: "displayName", form: text, blank: emptyText},
		{name: "id", form: text},
		{name: "webLink", form: text, each: isURI},
		{name: "status", form: text},
		{name: "description", form: text},
		{name: "summary", form: text},
		{name: "owner", form: text},
		{name: "active", form: boolean},
		{name: "public", form: boolean},
		{name: "createdOn", form: number},
		{name: "updatedOn", form: number},
		{name: "deletedOn", form: number},
		{name: "expiresOn", form: number},
		{name: "createdBy", form: text},
		{name: "updatedBy", form: text},
		{name: "tags", form: texts},
		{name: "notes", form: texts},
	}
}

func accountRules() []rule {
	return []rule{{name: "vendor", form: text, blank: emptyText}, {name: "accessURL", form: text, each: isURI}}
}

func organizationRules() []rule {
	return []rule{
		{name: "website", form: text, each: isURI}, {name: "emailDomain", form: text},
		{name: "external", form: boolean},
	}
}

func siteRules() []rule {
	return []rule{{name: "category", form: texts}, {name: "location", form: text}}
}

func hostAgentRules() []rule {
	return []rule{
		{name: "function", form: texts, each: isAgentFunction, blank: emptyList},
		{name: "lastSeenOn", form: number, blank: null},
	}
}

func machineRules() []rule {
	return []rule{
		{name: "category", form: text, blank: null},
		{name: "hostname", form: text, each: isHostname, blank: null},
		{name: "fqdn", form: texts, each: isFQDN, blank: null},
		{name: "serial", form: text, blank: null},
		{name: "deviceId", form: texts, blank: null},
		{name: "lastSeenOn", form: moment, blank: null},
		{name: "make", form: text, blank: null},
		{name: "model", form: text, blank: null},
		{name: "osName", form: text, blank: null},
		{name: "osType", form: text, each: isOSType, blank: null},
		{name: "osDetails", form: text, blank: null},
		{name: "osVersion", form: text, blank: null},
		{name: "ipv4Addresses", form: texts, each: isIPv4, blank: null},
		{name: "ipv6Addresses", form: texts, each: isIPv6, blank: null},
		{name: "macAddresses", form: texts, each: isMAC, blank: null},
		{name: "publicIpAddresses", form: texts, each: isIP, blank: null},
		{name: "privateIpAddresses", form: texts, each: isIP, blank: null},
		{name: "status", form: text, each: isMachineStatus},
	}
}

func deviceRules() []rule {
	return []rule{
		{name: "version", form: text},
		{name: "location", form: text},
		{name: "userEmails", form: texts, each: isEmail},
		{name: "assetTag", form: texts},
		{name: "encrypted", form: boolean},
		{name: "hardwareSerial", form: text},
	}
}

func userRules() []rule {
	return []rule{
		{name: "username", form: texts, blank: null},
		{name: "email", form: texts, each: isEmail, blank: null},
		{name: "shortLoginId", form: texts, blank: null},
		{name: "firstName", form: text, blank: null},
		{name: "lastName", form: text, blank: null},
		{name: "emailDomain", form: texts},
		{name: "isMfaEnabled", form: boolean},
		{name: "isActive", form: boolean},
		{name: "isAdmin", form: boolean},
		{name: "isGuest", form: boolean},
		{name: "mfaType", form: text},
		{name: "employeeId", form: text},
	}
}

func personRules() []rule {
	return []rule{
		{name: "firstName", form: text, blank: emptyText},
		{name: "lastName", form: text, blank: emptyText},
		{name: "email", form: texts, each: isEmail, blank: emptyList},
		{name: "emailDomain", form: texts},
		{name: "title", form: text},
		{name: "phone", form: texts},
		{name: "manager", form: text},
	}
}

func findingRules() []rule {
	return []rule{
		{name: "category", form: text, blank: null},
		{name: "severity", form: text, blank: null},
		{name: "numericSeverity", form: number, blank: null},
		{name: "open", form: boolean, blank: null},
		{name: "priority", form: text},
		{name: "score", form: number},
		{name: "targets", form: texts},
	}
}

// recordRules are those of RecordEntity, of which Alert adds nothing.
func recordRules() []rule {
	return []rule{
		{name: "classification", form: text},
		{name: "category", form: text},
		{name: "content", form: text},
		{name: "open", form: boolean},
		{name: "reporter", form: text},
		{name: "reportedOn", form: number},
	}
}

func controlPolicyRules() []rule {
	return []rule{
		{name: "category", form: text, each: isPolicyCategory},
		{name: "rules", form: texts},
		{name: "content", form: text},
	}
}

// CheckType returns what in a declared entity type can't fit its classes, whatever the data: an unknown class, or a
// property that a class knows by another form. It returns nil for relationship types.
func CheckType(t *graph.Type) error {
	if t.IsRelationship() {
		return nil
	}
	for _, class := range t.Classes {
		rules := rulesOf(class)
		if rules == nil {
			return fmt.Errorf("%s: class %s is not known", t.Name, class)
		}
		for _, r := range rules {
			p := t.Property(r.name)
			switch {
			case p == nil && r.blank != "":
				return fmt.Errorf("%s: class %s requires %s, which the type does not declare", t.Name, class, r.name)
			case p != nil && !slices.Contains(kindsOf(r.form), p.Kind):
				return fmt.Errorf("%s: %s is a %s, which class %s does not allow", t.Name, p.Name, p.Kind, class)
			}
		}
	}
	return nil
}

func kindsOf(f form) []graph.Kind {
	switch f {
	case texts:
		return []graph.Kind{graph.Texts}
	case number:
		return []graph.Kind{graph.Int, graph.Time}
	case moment:
		return []graph.Kind{graph.Time}
	case boolean:
		return []graph.Kind{graph.Bool}
	case text:
	}
	return []graph.Kind{graph.Text}
}
