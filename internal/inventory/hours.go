package inventory

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// parseHours reads opening hours as people write them, such as "Mon: 10-9; Tue: 10-9:30; Sun: closed" or
// "Mon-Fri 9am-6pm". The second answer is false when a part could not be read; the rest is given all the same.
// Without am and pm, shops open in the morning or at noon and close later on that day: 10-9 is 10:00 to 21:00.
func parseHours(text string) ([]OpeningHours, bool) {
	var week []OpeningHours
	all := true
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '|' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		stretch, ok := parseDay(part)
		week, all = append(week, stretch...), all && ok
	}
	return week, all
}

var (
	dayPart  = regexp.MustCompile(`(?i)^\s*([a-z]+)\.?(?:\s*(?:-|–|to)\s*([a-z]+)\.?)?(?:\s*[:,]\s*|\s+)(.+?)\s*$`)
	timePart = regexp.MustCompile(`(?i)^(\d{1,2})(?:[:.](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?$`)
)

// parseDay reads the hours of one day or of a row of days.
func parseDay(part string) ([]OpeningHours, bool) {
	m := dayPart.FindStringSubmatch(part)
	if m == nil {
		return nil, false
	}
	first, ok := dayNumber(m[1])
	last := first
	if ok && m[2] != "" {
		last, ok = dayNumber(m[2])
	}
	if !ok {
		return nil, false
	}
	if strings.EqualFold(m[3], "closed") {
		return nil, true
	}
	opens, closes, ok := parseTimes(m[3])
	if !ok {
		return nil, false
	}
	var week []OpeningHours
	for day := first; ; day = (day + 1) % len(weekdays) {
		week = append(week, OpeningHours{weekdays[day], opens, closes})
		if day == last {
			return week, true
		}
	}
}

var weekdays = [...]Weekday{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday}

// dayNumber reads a day's English name or a beginning of it, such as Thurs.
func dayNumber(text string) (int, bool) {
	upper := strings.ToUpper(text)
	if len(upper) < 2 {
		return 0, false
	}
	for i, day := range weekdays {
		if strings.HasPrefix(string(day), upper) {
			return i, true
		}
	}
	return 0, false
}

func parseTimes(text string) (opens, closes string, ok bool) {
	if strings.EqualFold(strings.TrimPrefix(strings.ToLower(text), "open "), "24 hours") {
		return "00:00", "24:00", true
	}
	m := timePart.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	from, okFrom := minutes(m[1], m[2], m[3])
	until, okUntil := minutes(m[4], m[5], m[6])
	if !okFrom || !okUntil {
		return "", "", false
	}
	if m[6] == "" && until <= 12*60 && until <= from {
		until += 12 * 60
	}
	if m[3] == "" && m[6] == "" && until < 12*60 {
		until += 12 * 60
	}
	if until > 24*60 || from >= 24*60 {
		return "", "", false
	}
	return clockTime(from), clockTime(until), true
}

// minutes reads a time of day as minutes after midnight.
func minutes(hour, minute, half string) (int, bool) {
	h, err := strconv.Atoi(hour)
	if err != nil {
		return 0, false
	}
	m := 0
	if minute != "" {
		if m, err = strconv.Atoi(minute); err != nil {
			return 0, false
		}
	}
	switch {
	case h > 24 || m > 59 || (h == 24 && m > 0):
		return 0, false
	case half == "":
		return h*60 + m, true
	case h < 1 || h > 12:
		return 0, false
	case strings.EqualFold(half[:1], "p"):
		return (h%12+12)*60 + m, true
	default:
		return h%12*60 + m, true
	}
}

func clockTime(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
