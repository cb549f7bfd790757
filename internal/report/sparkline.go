package report

import (
	"strings"
	"time"
)

// sparkWidth is how many places a sparkline takes at most.
const sparkWidth = 10

// sparkline draws the shares of a line: a place for each day or, of many, for as many of them as have to share one, of
// which it shows the lowest. A place without a share is a dot. The scale is from the lowest share to the highest, at
// least five points.
func (l *TrendLine) sparkline() string {
	first, last := l.Days[0].Day, l.Days[len(l.Days)-1].Day
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	places := min(days, sparkWidth)
	const none = -1
	lows := make([]int64, places)
	for i := range lows {
		lows[i] = none
	}
	least, most := int64(1000), int64(0)
	for i := range l.Days {
		d := &l.Days[i]
		if !d.counts() {
			continue
		}
		share, _ := d.Tenths()
		at := int(d.Day.Sub(first)/(24*time.Hour)) * places / days
		if lows[at] == none || share < lows[at] {
			lows[at] = share
		}
		least, most = min(least, share), max(most, share)
	}
	const narrowest = 50
	least = min(least, most-narrowest)
	var b strings.Builder
	blocks := []rune("▁▂▃▄▅▆▇█")
	for _, share := range lows {
		if share == none {
			b.WriteRune('·')
			continue
		}
		b.WriteRune(blocks[(share-least)*int64(len(blocks)-1)/(most-least)])
	}
	return b.String()
}
