package simulator

import "strings"

// A lexicon holds the words that names are made of.
type lexicon struct {
	first, last       []string
	brand, trade      []string
	forms             []string
	ascii             *strings.Replacer
	models            []model
	places, junk      []string
	servers, devices  []string
	long, departments []string
}

// A model is a make of hardware.
type model struct{ maker, name, prefix string }

// genericNames is how many servers of each customer have a name that other customers use too.
const genericNames = 4

func newLexicon() lexicon {
	return lexicon{
		first: strings.Fields(`Anna Ben Clara David Elena Felix Greta Hugo Ines Jonas Katja Liam Mara Noah Olga Paul
			Quinn Rosa Sven Tara Ulla Victor Wanda Xenia Yusuf Zoe Aoife Björn Chloé Dmitri Esra François`),
		last: strings.Fields(`Adler Brandt Carter Dubois Ekström Fischer Garcia Huber Ivanov Jansen Keller Lindqvist
			Moreau Novak O'Brien Petrov Quast Rossi Schäfer Turner Ulrich Vogel Weber Xu Yilmaz Zimmermann Ortega
			Nguyen Kowalski Haddad Silva Berg`),
		brand: strings.Fields(`Alder Bright Cedar Delta Ember Falcon Granite Harbor Indigo Juniper Kestrel Linden
			Maple Nordwind Orchard Pioneer Quarry Ridge Sierra Thistle Umber Vantage Willow Xenon Yarrow Zephyr
			Müller Höfer Riverside Summit`),
		trade: strings.Fields(`Dental Logistics Law Foods Optics Realty Clinics Printing Brewing Textiles Energy
			Architects Motors Books Media Travel Consulting Insurance Timber Pharma Schools Robotics Farms`),
		forms: []string{"GmbH", "Ltd", "LLC", "Inc.", "AG", "B.V.", "Pty Ltd", "S.A."},
		ascii: strings.NewReplacer("ü", "ue", "ö", "oe", "ä", "ae", "é", "e", "ç", "c", "'", ""),
		models: []model{
			{"Dell Inc.", "Latitude 5440", ""},
			{"LENOVO", "21HDCTO1WW", "PF"},
			{"HP", "HP EliteBook 840 14 inch G10 Notebook PC", "5CG"},
			{"Dell Inc.", "OptiPlex 7010", ""},
			{"Microsoft Corporation", "Surface Laptop 5", "0F"},
		},
		places: []string{"Main Office", "Warehouse", "Branch"},
		junk: []string{
			"To be filled by O.E.M.", "0", "None", "System Serial Number", "Default string", "Chassis Serial Number",
			"123456789", "Not Specified", "............",
		},
		servers:     []string{"DC01", "FS01", "SQL01", "RDS01"},
		devices:     []string{"NMS_SWITCH", "NMS_PRINTER", "NMS_FIREWALL", "NMS_WAP"},
		long:        []string{"ACCOUNTING-NOTEBOOK", "RECEPTION-FRONTDESK", "PRODUCTION-TERMINAL"},
		departments: []string{"Sales", "Finance", "Production", "IT"},
	}
}
