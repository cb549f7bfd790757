package report

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"assetgraph/docs/questions"
)

// A Question is one of the library, in both languages.
type Question struct {
	Name  string // without-edr; people write @without-edr
	Title string
	About string // one paragraph on one line
	texts [2]string
}

// In returns the question in a language.
func (q Question) In(l Language) string { return q.texts[l] }

// Library returns all questions, by name.
func Library() ([]Question, error) { return readLibrary(questions.Files) }

// FindQuestion returns the question with that name, "@" before it or not. An *UnknownError names those that are like
// it.
func FindQuestion(name string) (Question, error) {
	list, err := Library()
	if err != nil {
		return Question{}, err
	}
	name = strings.TrimPrefix(name, "@")
	names := make([]string, len(list))
	for i, q := range list {
		if q.Name == name {
			return q, nil
		}
		names[i] = "@" + q.Name
	}
	return Question{}, &UnknownError{Kind: "question", Name: "@" + name, Near: Nearest("@"+name, names)}
}

func readLibrary(files fs.FS) ([]Question, error) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var list []Question
	for _, file := range names {
		if file == "README.md" {
			continue
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		q, err := parseQuestion(strings.ReplaceAll(string(text), "\r\n", "\n"))
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", file, err)
		}
		q.Name = strings.TrimSuffix(file, ".md")
		list = append(list, q)
	}
	return list, nil
}

// parseQuestion reads a title, a paragraph, and a fenced text in either language.
func parseQuestion(text string) (q Question, err error) {
	title, rest, _ := strings.Cut(text, "\n")
	title, isTitle := strings.CutPrefix(title, "# ")
	about, _, _ := strings.Cut(rest, "```")
	q.Title, q.About = strings.TrimSpace(title), strings.Join(strings.Fields(about), " ")
	q.texts = [2]string{fenced(text, "sql"), fenced(text, "cypher")}
	switch {
	case !isTitle || q.Title == "":
		return q, errors.New("does not begin with a title")
	case q.About == "":
		return q, errors.New("says nothing about itself")
	case q.texts[SQL] == "" || q.texts[Cypher] == "":
		return q, errors.New("needs one text in sql and one in cypher")
	}
	return q, nil
}

func fenced(text, language string) string {
	_, rest, _ := strings.Cut(text, "\n```"+language+"\n")
	body, _, found := strings.Cut(rest, "\n```")
	if !found {
		return ""
	}
	return strings.TrimSpace(body)
}
