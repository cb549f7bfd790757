package view

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// templates are those of the pages, each with the parts that all of them share: files whose names begin with "_".
type templates struct{ of map[string]*template.Template }

func readTemplates() (*templates, error) {
	shared, err := template.ParseFS(templateFiles, "templates/_*.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		return nil, err
	}
	out := &templates{of: map[string]*template.Template{}}
	for _, file := range files {
		t, err := shared.Clone()
		if err == nil {
			t, err = t.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, err
		}
		out.of[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return out, nil
}

// write writes a page whole.
func (t *templates) write(w io.Writer, name string, s shell) error {
	page := t.of[name]
	if page == nil {
		return fmt.Errorf("there is no template %s", name)
	}
	return page.ExecuteTemplate(w, "layout", s)
}
