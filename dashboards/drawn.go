package main

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// drawn is how Grafana shows a number in a tile: its word, else the number in its unit, on a colour.
func (v tiles) drawn(name string, value float64, now time.Time) (text string, c color) {
	l := v.limits
	if own, ok := v.own[name]; ok {
		l = own
	}
	if l.none() {
		return look(v.words, []step{{Color: string(plain)}}, v.unit, value, now)
	}
	return look(v.words, l.steps(green), v.unit, value, now)
}

// drawn is how Grafana shows a number in a cell.
func (c column) drawn(value float64, now time.Time) (text string, background color) {
	steps := []step{{Color: string(transparent)}}
	if !c.limits.none() {
		steps = c.limits.steps(transparent)
	}
	return look(c.words, steps, c.unit, value, now)
}

func look(w words, steps []step, u unit, value float64, now time.Time) (text string, c color) {
	for _, one := range w {
		if value == float64(one.value) {
			return one.text, one.color
		}
	}
	if math.IsNaN(value) {
		return "–", transparent
	}
	c = color(steps[0].Color)
	for _, s := range steps[1:] {
		if value >= *s.Value {
			c = color(s.Color)
		}
	}
	return u.format(value, now), c
}

// format writes a number in its unit.
func (u unit) format(value float64, now time.Time) string {
	switch u.id {
	case count.id:
		return strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	case ratio.id:
		return strconv.FormatFloat(100*value, 'g', 3, 64) + "%"
	case duration.id:
		return spell(time.Duration(value*float64(time.Second)), 2)
	case since.id:
		at := time.UnixMilli(int64(value))
		if at.After(now) {
			return "in " + spell(at.Sub(now), 1)
		}
		return spell(now.Sub(at), 1) + " ago"
	case seconds.id:
		return time.Duration(value * float64(time.Second)).Round(time.Microsecond).String()
	}
	return strconv.FormatFloat(value, 'g', 4, 64)
}

// spell writes a duration in its largest units, at most so many.
func spell(d time.Duration, most int) string {
	text := ""
	for _, u := range []struct {
		name string
		of   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := d / u.of
		if n == 0 && text == "" {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", n, u.name)
		if n != 1 {
			text += "s"
		}
		d %= u.of
		if most--; most == 0 {
			break
		}
	}
	if text == "" {
		return "0 seconds"
	}
	return text
}
