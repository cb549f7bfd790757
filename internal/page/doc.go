// Package page writes reports as HTML for people to open, print and send: one file that holds all it needs and names no
// address outside, in light and dark, with figures drawn as SVG. What data holds stays text, whatever it looks like.
package page
