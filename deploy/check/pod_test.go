package check

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// cronJob returns the CronJob that the chart makes of an example.
func cronJob(t *testing.T, name string) *batch.CronJob {
	t.Helper()
	for _, file := range render(t, example(t, name)) {
		if file.name == "cronjob.yaml" {
			var job batch.CronJob
			require.NoError(t, yaml.UnmarshalStrict([]byte(file.text), &job))
			return &job
		}
	}
	t.Fatal("the chart makes no CronJob")
	return nil
}

func TestPodsAreRestricted(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			requireRestricted(t, cronJob(t, name))
		})
	}
}

// What schedule print prints for Kubernetes, as docs/cron.md shows it, is sound too.
func TestPrintedCronJobIsSound(t *testing.T) {
	document, err := os.ReadFile("../../docs/cron.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(document), "```yaml\n")
	require.True(t, ok)
	text, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	require.NoError(t, validate(t, text))
	var job batch.CronJob
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &job))
	requireRestricted(t, &job)
	require.Equal(t, batch.ForbidConcurrent, job.Spec.ConcurrencyPolicy)
	require.Equal(t, core.RestartPolicyNever, job.Spec.JobTemplate.Spec.Template.Spec.RestartPolicy)
}

// requireRestricted checks that the strictest of Kubernetes' Pod Security Standards has nothing against the pods of a
// job, and that what it leaves open is closed.
func requireRestricted(t *testing.T, job *batch.CronJob) {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
	pod := &job.Spec.JobTemplate.Spec.Template
	for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
		require.True(t, result.Allowed, "%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
	}
	require.False(t, *pod.Spec.AutomountServiceAccountToken)
	require.Len(t, pod.Spec.Containers, 1)
	require.True(t, *pod.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem)
}

func TestJobsAreOneAtATimeAndTakeExitCodesAsMeant(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			cron := cronJob(t, name).Spec
			require.Equal(t, batch.ForbidConcurrent, cron.ConcurrencyPolicy)
			require.NotNil(t, cron.StartingDeadlineSeconds)
			job := cron.JobTemplate.Spec
			require.Equal(t, batch.IndexedCompletion, *job.CompletionMode)
			require.Equal(t, *job.Completions, *job.Parallelism)
			require.Zero(t, *job.BackoffLimitPerIndex, "the next Job is the retry")
			require.Nil(t, job.BackoffLimit, "one worker that fails would end all")
			pod := job.Template.Spec
			require.Equal(t, core.RestartPolicyNever, pod.RestartPolicy, "podFailurePolicy needs it")
			actions := map[int32]batch.PodFailurePolicyAction{}
			for _, rule := range job.PodFailurePolicy.Rules {
				require.NotEqual(t, rule.OnExitCodes == nil, rule.OnPodConditions == nil)
				if rule.OnExitCodes == nil {
					require.Equal(t, batch.PodFailurePolicyActionIgnore, rule.Action)
					require.Equal(t, core.DisruptionTarget, rule.OnPodConditions[0].Type)
					continue
				}
				require.Equal(t, pod.Containers[0].Name, *rule.OnExitCodes.ContainerName)
				require.Equal(t, batch.PodFailurePolicyOnExitCodesOpIn, rule.OnExitCodes.Operator)
				for _, code := range rule.OnExitCodes.Values {
					actions[code] = rule.Action
				}
			}
			require.Equal(t, map[int32]batch.PodFailurePolicyAction{
				2: batch.PodFailurePolicyActionFailJob, 75: batch.PodFailurePolicyActionIgnore,
			}, actions)
		})
	}
}

// Every volume is mounted, every mount has its volume, and no secret is a variable.
func TestSecretsAreFiles(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			pod := cronJob(t, name).Spec.JobTemplate.Spec.Template.Spec
			volumes := map[string]core.Volume{}
			for _, v := range pod.Volumes {
				volumes[v.Name] = v
			}
			c := pod.Containers[0]
			require.Len(t, c.VolumeMounts, len(volumes))
			for _, m := range c.VolumeMounts {
				require.Contains(t, volumes, m.Name)
				if m.Name == "secrets" {
					require.Equal(t, "/run/secrets", m.MountPath)
					require.True(t, m.ReadOnly)
				}
			}
			require.NotNil(t, volumes["secrets"].Secret)
			require.Equal(t, int32(0o440), *volumes["secrets"].Secret.DefaultMode, "the pod's group, nobody else")
			require.NotNil(t, volumes["tmp"].EmptyDir, "the spool of a run lies there")
			require.Empty(t, c.EnvFrom)
			for _, e := range c.Env {
				require.Nil(t, e.ValueFrom, e.Name)
			}
		})
	}
}
