// Package view shows the finished graph in a browser: a web server on loopback for the one person who started it. It
// reads through internal/report and the graph's own reading methods alone, writes nothing, and asks nobody outside.
//
// Pages are made on the server by html/template and need no script. Everything that they load comes from the program
// itself: assets holds a style sheet, two small scripts, and cytoscape, which draws a neighbourhood that can be moved
// where scripts are allowed.
//
// A page is a method of View that hands a title and a body to one template; pages.go lists them. Whatever is a table is
// a table of table.go, which sorts and filters by the URL and gives exactly what it shows as CSV and JSON.
package view
