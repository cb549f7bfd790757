package check

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// The schemas are those of the API that Kubernetes itself publishes, in the module of its source. Nothing of that is
// compiled, so it is fetched as a file and is no requirement of this module; its sum is what go.sum would hold.
const (
	kubernetes    = "k8s.io/kubernetes@v1.37.2"
	kubernetesSum = "h1:A2VDEiObzkYqFTKhSsn0ZEb0RlLEXpHWj93gi2HqEwE="
)

// What Kubernetes would refuse of the chart's output, or drop in silence, is found here.
func TestChartIsValidForTheAPI(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			for _, file := range render(t, example(t, name)) {
				require.NoError(t, validate(t, file.text), file.name)
			}
		})
	}
}

func TestWhatTheAPIRefusesIsFound(t *testing.T) {
	var job string
	for _, file := range render(t, example(t, "minimal")) {
		if file.name == "cronjob.yaml" {
			job = file.text
		}
	}
	require.NoError(t, validate(t, job))
	for name, change := range map[string][2]string{
		"an unknown key":         {"enableServiceLinks: false", "enableServiceLink: false"},
		"a required key is gone": {"schedule: ", "# schedule: "},
		"a text for a number":    {"completions: 1", "completions: one"},
		"a number for a text":    {"restartPolicy: Never", "restartPolicy: 5"},
		"an unknown kind":        {"kind: CronJob", "kind: CronJobs"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(job, change[0], change[1], 1)
			require.NotEqual(t, job, changed)
			require.Error(t, validate(t, changed))
		})
	}
}

// validate holds an object against the schema of its kind, under which a key that it does not have is an error.
func validate(t *testing.T, text string) error {
	t.Helper()
	var object map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
		return err
	}
	group, version, grouped := strings.Cut(fmt.Sprint(object["apiVersion"]), "/")
	if !grouped {
		group, version = "", group
	}
	schema, err := api(t, group, version).of(fmt.Sprint(object["kind"]))
	if err != nil {
		return err
	}
	return schema.Validate(object)
}

// A document is the OpenAPI document of one version of one group.
type document struct {
	address  string
	compiler *jsonschema.Compiler
	names    map[string]string // of schemas, by kind
}

func (d document) of(kind string) (*jsonschema.Schema, error) {
	name, ok := d.names[kind]
	if !ok {
		return nil, fmt.Errorf("%s has no kind %s", d.address, kind)
	}
	return d.compiler.Compile(d.address + "#/components/schemas/" + name)
}

func api(t *testing.T, group, version string) document {
	t.Helper()
	name := "api__" + version
	if group != "" {
		name = "apis__" + group + "__" + version
	}
	folder, err := source()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("the schemas of the API could not be fetched: ", err)
	}
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(folder, "api/openapi-spec/v3", name+"_openapi.json"))
	require.NoError(t, err)
	content, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	d := document{"file:///" + name + ".json", jsonschema.NewCompiler(), map[string]string{}}
	for name, schema := range at(content, "components", "schemas") {
		s := schema.(map[string]any)
		if _, has := s["properties"]; has && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
		kinds, _ := s["x-kubernetes-group-version-kind"].([]any)
		for _, k := range kinds {
			if of := at(k); of["group"] == group && of["version"] == version {
				d.names[fmt.Sprint(of["kind"])] = name
			}
		}
	}
	require.NoError(t, d.compiler.AddResource(d.address, content))
	return d
}

func at(content any, keys ...string) map[string]any {
	object := content.(map[string]any)
	for _, k := range keys {
		object = object[k].(map[string]any)
	}
	return object
}

// source returns the folder of Kubernetes' source in the module cache.
var source = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", kubernetes).Output()
	var said struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &said); jsonErr != nil {
		return "", fmt.Errorf("go mod download %s: %w", kubernetes, err)
	}
	switch {
	case said.Error != "":
		return "", fmt.Errorf("go mod download: %s", said.Error)
	case said.Sum != kubernetesSum:
		return "", fmt.Errorf("%s has the sum %s", kubernetes, said.Sum)
	}
	return said.Dir, nil
})
