package main

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The proportions of a Grafana of 1920 pixels with its menu docked.
const (
	drawnWidth = 1587
	lineHeight = 38
	gap        = 8
	titleLine  = 34
	rowLine    = 36
)

var missingLabel = regexp.MustCompile(`\{\{\w+\}\}`)

// drawing is the first screen of a board as SVG. It asks the queries of the board itself, so that it shows what Grafana would.
type drawing struct {
	ask func(expr string) ([]answer, error)
	now time.Time
	out strings.Builder
}

// draw writes the first screen of a board from the answers of a Prometheus.
func draw(ctx context.Context, out io.Writer, b board, server, caption string) error {
	now := time.Now()
	d := &drawing{now: now, ask: func(expr string) ([]answer, error) { return instant(ctx, server, expr, now) }}
	height := 0
	place := layout{}
	for _, s := range b.sections {
		top := place.y
		if s.title != "" {
			top++
		}
		items, below := place.place(s, top)
		if below > drawnLines {
			break
		}
		if s.title != "" {
			d.text(16, top*lineHeight-12, 15, "500", "#24292e", "⌄ "+s.title)
		}
		for i, p := range s.panels {
			if err := d.panel(p, items[i].GridPos); err != nil {
				return fmt.Errorf("%s: %w", p.title, err)
			}
		}
		place.y, height = below, below*lineHeight
	}
	d.text(4, height+20, 13, "400", "#6e7681", caption)
	_, err := fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="Inter, Helvetica, Arial, sans-serif">
<rect width="100%%" height="100%%" fill="#f4f5f5"/>
%s</svg>
`, drawnWidth, height+32, d.out.String())
	return err
}

// drawnLines is the number of lines of a board that are drawn.
const drawnLines = 24

// panel draws a panel at its place.
func (d *drawing) panel(p panel, at gridPos) error {
	x, y := at.X*drawnWidth/24, at.Y*lineHeight
	w, h := at.W*drawnWidth/24-gap, at.H*lineHeight-gap
	d.rect(x, y, w, h, "#ffffff", "#d8d9da")
	d.text(x+10, y+22, 13, "500", "#24292e", p.title)
	switch v := p.view.(type) {
	case tiles:
		return d.tiles(v, x+2, y+titleLine, w-4, h-titleLine-2)
	case grid:
		return d.grid(v, x+8, y+titleLine, w-16, h-titleLine-2)
	}
	return fmt.Errorf("%s is not drawn", p.view.kind())
}

// tiles draws one tile below the other.
func (d *drawing) tiles(v tiles, x, y, w, h int) error {
	type tile struct {
		name, text string
		color      color
	}
	var all []tile
	for _, q := range v.queries {
		list, err := d.ask(q.expr)
		if err != nil {
			return err
		}
		for _, one := range list {
			text, c := v.drawn(q.name, one.value, d.now)
			all = append(all, tile{legendOf(q.name, one.labels), text, c})
		}
	}
	if len(all) == 0 {
		d.text(x+12, y+h/2+8, 22, "500", "#24292e", v.field().NoValue)
		return nil
	}
	each := h / len(all)
	for i, one := range all {
		top := y + i*each
		d.rect(x, top, w, each-2, paint(one.color), "none")
		size := min(26, each-16)
		d.text(x+12, top+each/2+size/3, min(15, size), "400", ink(one.color), one.name)
		d.anchored(x+w-12, top+each/2+size/3, size, ink(one.color), one.text)
	}
	return nil
}

// cells are a row of a table: by the number of the column.
type cells struct {
	values map[int]float64
	labels map[string]string
}

// grid draws the head and the rows that fit.
func (d *drawing) grid(v grid, x, y, w, h int) error {
	rows, err := d.rows(v)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		d.text(x+w/2-60, y+h/2, 16, "400", "#24292e", v.empty)
		return nil
	}
	rest := w
	for _, c := range v.columns {
		if !c.hidden {
			rest -= c.width
		}
	}
	for n, row := range append([]cells{{}}, rows...) {
		top, left := y+n*rowLine, x
		if top+rowLine > y+h {
			break
		}
		d.rect(x, top+rowLine-1, w, 1, "#e4e5e6", "none")
		for i, c := range v.columns {
			if c.hidden {
				continue
			}
			width := cmp.Or(c.width, rest)
			d.cell(v.columns[i], row, n == 0, i, left, top, width)
			left += width
		}
	}
	return nil
}

// cell draws a heading or a value.
func (d *drawing) cell(c column, row cells, head bool, i, x, y, w int) {
	text, background := c.title, transparent
	if !head {
		text = row.labels[c.label]
		if value, ok := row.values[i]; ok {
			text, background = c.drawn(value, d.now)
		} else if c.label == "" {
			text = "–"
		}
	}
	if background != transparent {
		d.rect(x, y+1, w-1, rowLine-2, paint(background), "none")
	}
	weight, fill := "400", "#24292e"
	if head {
		weight = "500"
	} else if len(c.links) > 0 {
		fill = "#1f62e0"
	}
	if background != transparent {
		fill = ink(background)
	}
	d.text(x+8, y+23, 13, weight, fill, text)
}

// rows joins the answers to the queries of a table by the labels that it shows, and sorts them.
func (d *drawing) rows(v grid) ([]cells, error) {
	byKey := map[string]cells{}
	for i, c := range v.columns {
		if c.label != "" {
			continue
		}
		list, err := d.ask(c.query.expr)
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			var places []string
			for _, l := range v.columns {
				places = append(places, one.labels[l.label])
			}
			key := strings.Join(places, "\x00")
			if _, ok := byKey[key]; !ok {
				byKey[key] = cells{map[int]float64{}, one.labels}
			}
			byKey[key].values[i] = one.value
		}
	}
	rows := make([]cells, 0, len(byKey))
	for _, row := range byKey {
		rows = append(rows, row)
	}
	at := func(title string) int {
		return slices.IndexFunc(v.columns, func(c column) bool { return c.title == title })
	}
	first, then := at(v.sort), at(v.then)
	slices.SortFunc(rows, func(a, b cells) int {
		return cmp.Or(cmp.Compare(b.values[first], a.values[first]), cmp.Compare(b.values[then], a.values[then]),
			cmp.Compare(a.labels["alertname"]+a.labels["object"], b.labels["alertname"]+b.labels["object"]))
	})
	return rows, nil
}

func (d *drawing) rect(x, y, w, h int, fill, stroke string) {
	fmt.Fprintf(&d.out, `<rect x="%d" y="%d" width="%d" height="%d" rx="2" fill="%s" stroke="%s"/>`+"\n", x, y, w, h, fill, stroke)
}

func (d *drawing) text(x, y, size int, weight, fill, text string) {
	fmt.Fprintf(&d.out, `<text x="%d" y="%d" font-size="%d" font-weight="%s" fill="%s">%s</text>`+"\n", x, y, size, weight, fill, html.EscapeString(text))
}

func (d *drawing) anchored(x, y, size int, fill, text string) {
	fmt.Fprintf(&d.out, `<text x="%d" y="%d" font-size="%d" font-weight="500" text-anchor="end" fill="%s">%s</text>`+"\n", x, y, size, fill, html.EscapeString(text))
}

// paint is Grafana's shade of a colour.
func paint(c color) string {
	shades := map[color]string{
		green: "#6cbd6c", yellow: "#f2cc0c", orange: "#ff7f2a", red: "#e02f44", blue: "#5794f2", purple: "#a352cc", plain: "#ffffff",
	}
	if shade, ok := shades[c]; ok {
		return shade
	}
	return string(c)
}

// ink is what is readable on a colour.
func ink(c color) string {
	if c == plain || c == yellow {
		return "#24292e"
	}
	return "#ffffff"
}
