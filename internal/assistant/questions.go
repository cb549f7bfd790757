package assistant

import (
	"context"

	"assetgraph/internal/report"
)

type questionsArguments struct{}

type questionsData struct {
	Questions []question `json:"questions"`
}

type question struct {
	Name  string `json:"name" jsonschema:"what the tool ask takes"`
	Title string `json:"title"`
	About string `json:"about"`
}

type askArguments struct {
	Question string `json:"question" jsonschema:"its name, as the tool questions lists it"`
	pages
}

func (s *server) addQuestions() {
	add(s, "questions", "The ready questions",
		"Lists ready questions, such as infected machines that are offline, duplicates, warranties that end, who uses "+
			"what. The tool ask asks one.",
		s.questions)
	add(s, "ask", "Ask a ready question",
		"Answers one of the ready questions that the tool questions lists.",
		func(ctx context.Context, in askArguments) (out answer[rowsData], err error) {
			q, err := report.FindQuestion(in.Question)
			if err != nil {
				return out, err
			}
			return s.query(ctx, q.In(s.Source.Language), in.pages)
		})
}

func (s *server) questions(context.Context, questionsArguments) (out answer[questionsData], err error) {
	list, err := report.Library()
	for _, q := range list {
		out.Data.Questions = append(out.Data.Questions, question{q.Name, q.Title, q.About})
	}
	return out, err
}
