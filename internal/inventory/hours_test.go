package inventory

import (
	"reflect"
	"testing"
)

func TestParseHours(t *testing.T) {
	for _, c := range []struct {
		text string
		want []OpeningHours
		all  bool
	}{
		{"Mon: 10-9", []OpeningHours{{Monday, "10:00", "21:00"}}, true},
		{"Mon: 10-9:30; Sun: 11-7", []OpeningHours{{Monday, "10:00", "21:30"}, {Sunday, "11:00", "19:00"}}, true},
		{"Thurs: 9:30-9", []OpeningHours{{Thursday, "09:30", "21:00"}}, true},
		{"Tue: 12-11:59", []OpeningHours{{Tuesday, "12:00", "23:59"}}, true},
		{"Mon: 8-11:59", []OpeningHours{{Monday, "08:00", "23:59"}}, true},
		{"Sun: 11-10", []OpeningHours{{Sunday, "11:00", "22:00"}}, true},
		{"Sun: 9-9", []OpeningHours{{Sunday, "09:00", "21:00"}}, true},
		{"Sat-Sun 9am-12pm", []OpeningHours{{Saturday, "09:00", "12:00"}, {Sunday, "09:00", "12:00"}}, true},
		{"Fri – Mon: 10:00-18:00", []OpeningHours{
			{Friday, "10:00", "18:00"}, {Saturday, "10:00", "18:00"}, {Sunday, "10:00", "18:00"}, {Monday, "10:00", "18:00"},
		}, true},
		{"Fri: 6pm-2am", []OpeningHours{{Friday, "18:00", "02:00"}}, true},
		{"Wednesday: Closed", nil, true},
		{"Mon: open 24 hours", []OpeningHours{{Monday, "00:00", "24:00"}}, true},
		{"Mon: 10-9; by appointment", []OpeningHours{{Monday, "10:00", "21:00"}}, false},
		{"Mon: 25-26", nil, false},
		{"", nil, true},
	} {
		got, all := parseHours(c.text)
		if all != c.all || !reflect.DeepEqual(got, c.want) {
			t.Errorf("parseHours(%q) = %v, %v; want %v, %v", c.text, got, all, c.want, c.all)
		}
	}
}
